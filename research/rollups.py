"""The roll-ups of companies, as they were at a moment: from what had reached us and had been scored by then."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import Firm
from research.access import believed_readings
from research.models import Analysis, Article, Reading, Story
from research.rollup import WINDOWS, RollUp, Scored, novelty_within, roll_up

NO_DATA = tuple(RollUp(days, None, 0) for days in WINDOWS)


def roll_ups(firm: Firm, issuers: Collection[int], at: datetime | None = None) -> dict[int, tuple[RollUp, ...]]:
    """Of each of these issuers the roll-ups over 1, 7 and 30 days up to `at` (default: now). Two queries, however many.

    Of each story counts the newest analysis that was known then, and it counts when the newest article it read had reached us.
    """
    at = at or timezone.now()
    readings = _readings(firm, issuers, at)
    moments: dict[int, list[datetime]] = defaultdict(list)
    told = Article.objects.filter(story__in={reading.analysis.story_id for reading in readings}, received_at__lte=at)
    for story, received_at in told.order_by("received_at").values_list("story", "received_at"):
        moments[story or 0].append(received_at)
    own: dict[int, list[Reading]] = defaultdict(list)
    for reading in readings:
        own[reading.issuer_id].append(reading)
    return {issuer: _of(own[issuer], moments, at) if issuer in own else NO_DATA for issuer in issuers}


def _readings(firm: Firm, issuers: Collection[int], at: datetime) -> list[Reading]:
    since = at - max(WINDOWS.values())
    lately = Reading.objects.filter(issuer__in=issuers, analysis__received_at__gt=since, analysis__received_at__lte=at)
    stories = Story.objects.live().visible_to(firm).filter(pk__in=lately.values("analysis__story"))
    # A later version says what was not known yet. Old news that was loaded for its history was scored when it was loaded.
    known = Q(received_at__lte=at) & (Q(scored_at__lte=at) | Q(story__is_backfill=True))
    newest = Analysis.objects.filter(known, story__in=stories).order_by("story", "-version").distinct("story")
    found = believed_readings(firm).filter(analysis__in=newest.values("pk"), issuer__in=issuers, analysis__received_at__gt=since)
    return list(found.select_related("analysis").defer("analysis__raw_reply", "analysis__sections", "analysis__summary"))


def _of(readings: Collection[Reading], moments: dict[int, list[datetime]], at: datetime) -> tuple[RollUp, ...]:
    return tuple(
        roll_up(days, [_scored(each, moments, at - window, at) for each in readings if each.analysis.received_at > at - window])
        for days, window in WINDOWS.items()
    )


def _scored(reading: Reading, moments: dict[int, list[datetime]], since: datetime, until: datetime) -> Scored:
    novelty = novelty_within(moments[reading.analysis.story_id], since, until)
    return Scored(reading.sentiment_score, reading.analysis.confidence, reading.relevance, novelty)
