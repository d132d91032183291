"""What the installation answers about itself: whether it is well, that it is not, and what browsers were refused on its pages."""

import json
import logging
import sys
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, models
from django.db.models import F, Max
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from psycopg_pool import PoolTimeout

from accounts.models import OutgoingMail
from accounts.scope import every_firm
from accounts.work import WorkQuerySet
from alerts.models import Candidate, Delivery
from research import approvals, spending
from research.endpoint import stopped
from research.models import Announcement, Article, Correction, Source, Story

log = logging.getLogger(__name__)

LONGEST_DUE_SECONDS = 120
LARGEST_REPORT = 16_384
STOPPED = "stopped"
REPORTED = ("document-uri", "violated-directive", "effective-directive", "blocked-uri", "source-file", "line-number")
QUEUES: dict[str, WorkQuerySet[Any]] = {
    "read_articles": Article.objects.all(),
    "analyse_story": Story.objects.all(),
    "match_alerts": Announcement.objects.all(),
    "decide_candidates": Candidate.objects.all(),
    "send_delivery": Delivery.objects.all(),
    "tell_corrections": Correction.objects.all(),
    "send_mail": OutgoingMail.objects.all(),
}
STEP_NAMES = {
    "read_articles": "Reading what comes in",
    "analyse_story": "Full readings",
    "match_alerts": "Matching with portfolios",
    "decide_candidates": "Deciding on alerts",
    "send_delivery": "Sending alerts",
    "tell_corrections": "Taking back alerts",
    "send_mail": "Sending other mail",
}


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's page for what went wrong, asked for while the exception is handled. Of a database that is away it says so, and
    when to come back. Neither page needs the database."""
    # Not a middleware: Django has turned an exception of the middleware below into this page before one above could see it.
    if isinstance(sys.exception(), OperationalError | InterfaceError | PoolTimeout):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "30"})
    return HttpResponse(render_to_string("500.html"), status=500)


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """200 while all is well, else 503: without a sign-in, and without anything that is a firm's. JSON for monitors, a page for
    whoever asks for one."""
    broker = _broker_answers()
    try:
        waits, stale = _look()
        model = _model_in_words()
        database = True
    except (DatabaseError, InterfaceError, PoolTimeout):
        database, waits, stale, model = False, {}, None, None
    late = any(wait > LONGEST_DUE_SECONDS for wait in waits.values() if wait is not None)
    well = database and broker and not late and not stale and model != STOPPED
    facts = {
        "status": "ok" if well else "red",
        "database": database,
        "broker": broker,
        "oldest_due_seconds": waits,
        "stale_sources": stale,
        "model": model,
    }
    code = 200 if well else 503
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        steps = [(STEP_NAMES[step], wait) for step, wait in waits.items()]
        context = {**facts, "well": well, "steps": steps, "late_after": LONGEST_DUE_SECONDS, "now": timezone.now()}
        return HttpResponse(render_to_string("status.html", context), status=code)
    return JsonResponse(facts, status=code)


def _look() -> tuple[dict[str, float | None], int]:
    """How long the oldest due row of each step has waited, in seconds, and how many of everybody's sources have gone quiet.

    A firm's own source is left out: its members see that it is quiet, and a wrong address of theirs is no fault of ours.
    """
    age = Max(Now() - F("next_at"), output_field=models.DurationField())
    with every_firm():
        ages = {step: rows.due().aggregate(age=age)["age"] for step, rows in QUEUES.items()}
        stale = Source.objects.filter(firm=None).stale().count()
    return {step: round(age.total_seconds(), 1) if age else None for step, age in ages.items()}, stale


def _model_in_words() -> str:
    """Whether a model is asked, and what keeps it from being asked. Only a stopped one is red: somebody must mend it."""
    if not settings.MODEL_CONFIGURED:
        return "none is connected"
    if stopped():
        return STOPPED
    with every_firm():
        if not approvals.is_approved():
            return "waits for approval: word rules read"
        limits = spending.limits_of(None, spending.today())
    worst = max(limits, key=lambda limit: limit.share, default=None)
    if worst is None or not worst.is_near:
        return "reads"
    spent = worst.standing == "spent"
    return f"{worst.name} is spent: word rules read" if spent else f"reads, {worst.share:.0%} of {worst.name} is spent"


def _broker_answers() -> bool:
    broker = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(broker.ping())
    except redis.RedisError:
        return False
    finally:
        broker.close()


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """What a browser refused to load or run on one of our pages, into the log."""
    body = request.read(LARGEST_REPORT + 1)
    if len(body) > LARGEST_REPORT:
        return HttpResponse(status=413)
    report = _report(body)
    if not report:
        return HttpResponse(status=400)
    # %r: a report is written by whoever sends it, and must not write lines of its own.
    log.warning("Refused by the content security policy: %r", report)
    return HttpResponse(status=204)


def _report(body: bytes) -> dict[str, str]:
    try:
        given: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    report = given.get("csp-report") if isinstance(given, dict) else None
    if not isinstance(report, dict):
        return {}
    return {name: str(report[name])[:300] for name in REPORTED if name in report}
