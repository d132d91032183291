"""Asking the model's server, by what all processes know of it: how it wants to be asked, and whether to ask it at all.

A key that is refused or an account that is empty fails every story alike. Then the circuit opens: nothing is sent, stories wait
in good order, and one request at a time is tried after a while, or when an administrator says so. A server that fails several
times in a row is left alone for a minute at a time, so that its deadlines do not hold all workers.
"""

import hashlib
import logging
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.doorbell import ring
from accounts.scope import every_firm
from accounts.work import State
from research import llm
from research.dialects import FORMATS, LIMITS, Dialect
from research.models import ModelEndpoint, Story

log = logging.getLogger(__name__)

OPERATOR_WAIT = timedelta(minutes=15)  # a wrong key or an empty account is not mended by asking again at once
PASSING_WAIT = timedelta(seconds=60)
AT_ONCE = {"quota", "auth"}
SLOTS = 8  # requests under way at once, of one worker
# In a row, of all workers together: one bad moment fails as many as are under way. Other kinds are about one story alone.
MOST_FAILURES = {"config": 3, "server": 24, "timeout": 24, "network": 24}
ANSWERED = {"rate", "refused", "too_long", "truncated", "malformed"}  # of a try: the server is there, and takes the key
WAITS = "The model is not asked for now"
MOST_TRIED = 3  # stories that are woken when somebody says to try again: one is asked, the others stand by


_slots = threading.BoundedSemaphore(SLOTS)


class CircuitOpen(llm.ModelUnavailable):
    """Nothing was sent. `retry_after`: when to look again."""

    was_sent = False

    def __init__(self, row: ModelEndpoint) -> None:
        left = (row.probe_at - timezone.now()).total_seconds() if row.probe_at else 0.0
        super().__init__("rate", f"{WAITS}: {row.reason}", max(left, 1.0) + random.uniform(0, 5))


class RowMemory:
    """What an endpoint understands, in its row."""

    def __init__(self, row: ModelEndpoint) -> None:
        self._row = row

    def recall(self, base_url: str, model: str) -> Dialect | None:
        row = self._row
        is_over = row.believed_until is not None and row.believed_until < timezone.now()
        form = next((form for form in FORMATS if form == row.response_format), None)
        return Dialect(form, row.temperature, row.limit_name or LIMITS[0]) if form and not is_over else None

    def keep(self, base_url: str, model: str, dialect: Dialect, seconds: float | None) -> None:
        ModelEndpoint.objects.filter(pk=self._row.pk).update(
            response_format=dialect.response_format,
            temperature=dialect.temperature,
            limit_name=dialect.limit_name,
            learned_at=Now(),
            believed_until=None if seconds is None else Now() + timedelta(seconds=seconds),
        )


def ask(messages: Sequence[llm.Message], schema: dict[str, Any]) -> llm.Completion:
    """Ask the configured model once. Raises ModelUnavailable: CircuitOpen where it was not asked."""
    address = _address()
    row, _ = ModelEndpoint.objects.get_or_create(base_url=address["base_url"], model=address["model"])
    with _slot(row):
        return _sent(row, messages, schema)


@contextmanager
def _slot(row: ModelEndpoint) -> Iterator[None]:
    """One of this worker's requests under way. Threads that wait for one have done all else that comes before it."""
    if not _slots.acquire(blocking=False):
        _slots.acquire()
        row.refresh_from_db()  # the circuit may have opened meanwhile
    try:
        yield
    finally:
        _slots.release()


def _sent(row: ModelEndpoint, messages: Sequence[llm.Message], schema: dict[str, Any]) -> llm.Completion:
    is_probe = _admit(row)
    try:
        completion = llm.complete(
            messages,
            schema,
            api_key=settings.OPENAI_API_KEY,
            base_url=settings.OPENAI_BASE_URL,
            model=settings.OPENAI_MODEL,
            deadline=settings.MODEL_DEADLINE_SECONDS,
            max_tokens=settings.MODEL_REPLY_TOKENS,
            memory=RowMemory(row),
        )
    except llm.ModelUnavailable as error:
        _failed(row, error, is_probe=is_probe)
        raise
    _answered(row, is_probe=is_probe)
    return completion


def stopped() -> ModelEndpoint | None:
    """The configured endpoint while its circuit is open."""
    return ModelEndpoint.objects.filter(**_address()).open().first() if settings.MODEL_CONFIGURED else None


def try_again() -> bool:
    """Let one request through now, whatever time is left. Whether there was a circuit to close."""
    if not ModelEndpoint.objects.filter(**_address()).open().update(probe_at=Now()):
        return False
    with every_firm():
        waiting = Story.objects.filter(state=State.WAITING, error__startswith=WAITS).order_by("-priority", "next_at")
        ids = list(waiting.values_list("pk", flat=True)[:MOST_TRIED])
        Story.objects.filter(pk__in=ids).update(next_at=Now())
        ring("analyse_story", ids)
    return True


def _address() -> dict[str, str]:
    return {"base_url": settings.OPENAI_BASE_URL or llm.DEFAULT_BASE_URL, "model": settings.OPENAI_MODEL or llm.DEFAULT_MODEL}


def _digest() -> str:
    return hashlib.sha256(settings.OPENAI_API_KEY.encode()).hexdigest()[:12]


def _admit(row: ModelEndpoint) -> bool:
    """Whether this request is the one try of an open circuit; false while it is closed. Raises CircuitOpen for all others."""
    if row.opened_at is None:
        return False
    # As long as the try may take: if its worker dies, the next one has its turn after that.
    lease = timedelta(seconds=2 * settings.MODEL_DEADLINE_SECONDS + 10)
    may = Q(probe_at__lte=Now()) | ~Q(key_digest=_digest())
    mine = ModelEndpoint.objects.filter(may, pk=row.pk).open().update(probe_at=Now() + lease, key_digest=_digest())
    if mine:
        return True
    row.refresh_from_db()
    if row.opened_at is None:
        return False
    raise CircuitOpen(row)


def _answered(row: ModelEndpoint, *, is_probe: bool) -> None:
    if is_probe:
        _close(row)
    else:
        ModelEndpoint.objects.filter(pk=row.pk, failures__gt=0, opened_at=None).update(failures=0)


def _failed(row: ModelEndpoint, error: llm.ModelUnavailable, *, is_probe: bool) -> None:
    if error.kind in AT_ONCE:
        _open(row, error, max(OPERATOR_WAIT, timedelta(seconds=error.retry_after or 0)), is_probe=is_probe)
    elif is_probe and error.kind in ANSWERED:
        _close(row)
    elif is_probe:
        _open(row, error, PASSING_WAIT, is_probe=True)
    elif error.kind in MOST_FAILURES:
        own = ModelEndpoint.objects.filter(pk=row.pk)
        own.update(failures=F("failures") + 1)
        if own.filter(failures__gte=MOST_FAILURES[error.kind]).exists():
            _open(row, error, OPERATOR_WAIT if error.needs_operator else PASSING_WAIT, is_probe=False)


def _open(row: ModelEndpoint, error: llm.ModelUnavailable, wait: timedelta, *, is_probe: bool) -> None:
    """Open it, once for all that fail together, and tell staff what only they can mend."""
    said = {"kind": error.kind, "reason": str(error)[:300], "key_digest": _digest(), "probe_at": Now() + wait}
    with transaction.atomic():
        if ModelEndpoint.objects.filter(pk=row.pk, opened_at=None).update(**said, opened_at=Now(), failures=0):
            log.error("The model is not asked any more (%s): %s", error.kind, error)
            if error.needs_operator:
                row.refresh_from_db()
                _tell(row)
        elif is_probe:
            ModelEndpoint.objects.filter(pk=row.pk).open().update(**said)


def _close(row: ModelEndpoint) -> None:
    with transaction.atomic():
        was = ModelEndpoint.objects.select_for_update().get(pk=row.pk)
        if was.opened_at is None:
            return
        ModelEndpoint.objects.filter(pk=row.pk).update(opened_at=None, probe_at=None, failures=0, kind="", reason="")
        log.warning("The model answers again, after %s", timezone.now() - was.opened_at)
        if was.kind in llm.OPERATOR_KINDS:
            _tell(ModelEndpoint.objects.get(pk=row.pk))
    with every_firm():
        Story.objects.filter(state=State.WAITING, error__startswith=WAITS).update(next_at=Now())


def _tell(row: ModelEndpoint) -> None:
    if settings.STAFF_EMAIL:
        page = settings.BASE_URL + reverse("alerts:today")
        outbox.post(
            "model_circuit", settings.STAFF_EMAIL, {"endpoint": row, "action_url": page, "action_label": "Open Bellwether"}
        )
