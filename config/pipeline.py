"""The background steps and their order. Each loads, calls, and rings for the next; the work itself is elsewhere.

poll_sources → read_articles → analyse_story → match_alerts → send_delivery, and resume_due for whatever was left lying
"""

from datetime import timedelta

from celery import shared_task
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts import demo, limits, outbox
from accounts.doorbell import ring
from accounts.models import OutgoingMail
from accounts.scope import every_firm
from accounts.work import WorkRow
from alerts import matching
from alerts.delivery import send_deliveries
from alerts.events import prune
from alerts.models import Candidate, Delivery
from config import provisioning
from portfolios import uploads
from research import analysis, attaching, gating, ingest, read_this, reading, spending
from research.models import Announcement, Article, Correction, ReadRequest, Source, Story
from research.quick_readings import ask_for_held as ask_for_held_stories

POLL_LEASE = timedelta(seconds=60)
MOST_RESUMED = 1000
BATCH = 200
SWEEP_SECONDS = 15  # the next sweep asks again: a bell that was not heard by then need not stay in the queue


@shared_task(name="poll_sources")
def poll_sources(ids: list[int] | None = None) -> None:
    with every_firm():
        for source_id in Source.objects.due().values_list("pk", flat=True):
            # Asked again every few seconds while it is due: without an end, a worker that is away would find thousands of these.
            ring("poll_source", [source_id], expires=POLL_LEASE.total_seconds())


@shared_task(name="poll_source")
def poll_source(ids: list[int]) -> None:
    with every_firm():
        taken = Source.objects.filter(pk__in=ids).due().update(lease_until=Now() + POLL_LEASE)
        sources = list(Source.objects.filter(pk__in=ids)) if taken else []
    for source in sources:
        stored = ingest.poll(source)
        ring("read_articles", stored.new + stored.revised)


@shared_task(name="fetch_pages")
def fetch_pages(ids: list[int]) -> None:
    ring("read_articles", read_this.fetch_pages(ids))


@shared_task(name="read_articles")
def read_articles(ids: list[int]) -> None:
    read = reading.read_articles(ids)
    for story_id in read.stories:
        ring("analyse_story", [story_id])
    ring("match_alerts", read.announcements)


@shared_task(name="analyse_story")
def analyse_story(ids: list[int]) -> None:
    # Each bell is for one reading, of what is to be read first: a held name that came last does not wait for those before it.
    for _ in ids:
        if announcement_id := analysis.analyse_first():
            ring("match_alerts", [announcement_id])


@shared_task(name="ask_for_held")
def ask_for_held(ids: list[int] | None = None) -> None:
    """What these portfolios (or any, now and then) hold by now, and nobody held when it came."""
    with every_firm():
        asked = ask_for_held_stories(ids)
        for story_id in asked:
            ring("analyse_story", [story_id])


@shared_task(name="match_alerts")
def match_alerts(ids: list[int]) -> None:
    matching.match_announced(ids)


@shared_task(name="decide_candidates")
def decide_candidates(ids: list[int]) -> None:
    matching.decide_candidates(ids)


@shared_task(name="send_delivery")
def send_delivery(ids: list[int]) -> None:
    send_deliveries(ids)


@shared_task(name="send_mail")
def send_mail(ids: list[int]) -> None:
    outbox.send_mails(ids)


@shared_task(name="welcome_members")
def welcome_members(ids: list[int]) -> None:
    provisioning.welcome(ids)


@shared_task(name="tell_corrections")
def tell_corrections(ids: list[int]) -> None:
    matching.tell_corrections(ids)


@shared_task(name="resume_due")
def resume_due(ids: list[int] | None = None) -> None:
    """Wake every row whose next step never came. Those that failed before go one by one, so that they hurt nobody else."""
    with every_firm():
        _wake("fetch_pages", ReadRequest.objects.due(), batch=1)
        _wake("read_articles", Article.objects.due())
        _wake("analyse_story", Story.objects.first_due(), batch=1)
        _wake("match_alerts", Announcement.objects.due())
        _wake("decide_candidates", Candidate.objects.due())
        _wake("send_delivery", Delivery.objects.due().order_by("-step"), batch=1)
        _wake("tell_corrections", Correction.objects.due())
        _wake("send_mail", OutgoingMail.objects.due(), batch=1)
        ring("welcome_members", provisioning.unwelcomed(), expires=SWEEP_SECONDS)
    spending.settle_lost()
    for story_id in gating.ask_again():
        ring("analyse_story", [story_id])


@shared_task(name="prune_events")
def prune_events(ids: list[int] | None = None) -> None:
    prune()
    outbox.prune()
    limits.prune()
    demo.prune()
    attaching.prune()
    with every_firm():
        uploads.prune()
    provisioning.remove_ended_trials()


def _wake(step: str, due: QuerySet[WorkRow], batch: int = BATCH) -> None:
    rows = list(due.values_list("pk", "attempts")[:MOST_RESUMED])
    fresh = [pk for pk, attempts in rows if not attempts]
    for start in range(0, len(fresh), batch):
        ring(step, fresh[start : start + batch], expires=SWEEP_SECONDS)
    for pk, attempts in rows:
        if attempts:
            ring(step, [pk], expires=SWEEP_SECONDS)
