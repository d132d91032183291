"""The Today page as plain values: the stories that touch the book, and what they amount to. Every figure is computed here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Firm
from alerts.models import Alert
from portfolios.held import Book, Held
from portfolios.models import Issuer
from research.access import stories_about
from research.affected import effect
from research.links import tiers_of
from research.models import Analysis, Reading, Story, StoryQuerySet

MOST_STORIES = 40


@dataclass(frozen=True)
class Chip:
    """A holding the story touches; `weight` is its largest share of NAV, signed; `tier` says how central it is."""

    ticker: str
    venue: str
    name: str
    weight: float | None
    effect: str
    tier: str


@dataclass(frozen=True)
class StoryRow:
    story: Story
    sentiment: float | None
    impact: float | None
    is_quick: bool
    is_unanalysed: bool
    why: str
    chips: list[Chip]
    received_at: datetime
    source_count: int
    source_name: str


@dataclass(frozen=True)
class HoldingSentiment:
    ticker: str
    venue: str
    name: str
    score: float


def stories_for(firm: Firm, held: Iterable[int]) -> StoryQuerySet:
    """Stories about these issuers, newest first."""
    return stories_about(firm, list(held)).order_by("-received_at", "-pk")


def story_rows(stories: Sequence[Story], held: Book) -> list[StoryRow]:
    tiers = tiers_of(stories, held)
    return [_story_row(story, held, tiers) for story in stories]


def _story_row(story: Story, held: Book, tiers: Mapping[tuple[int, int], str]) -> StoryRow:
    analysis = story.current_analysis
    readings = list(analysis.readings.all()) if analysis else []
    primary = analysis.primary_reading if analysis else None
    touched = sorted(
        (reading for reading in readings if reading.issuer_id in held), key=lambda reading: -held[reading.issuer_id].size
    )
    articles = list(story.articles.all())
    return StoryRow(
        story=story,
        sentiment=primary.sentiment_score if primary else None,
        impact=primary.market_impact_score if primary else None,
        is_quick=bool(analysis and analysis.lane == Analysis.Lane.FLASH),
        is_unanalysed=story.is_unanalysed,
        why=_why(touched, held),
        chips=[_chip(reading, held[reading.issuer_id], tiers.get((story.pk, reading.issuer_id), "")) for reading in touched],
        received_at=story.received_at,
        source_count=len({article.outlet for article in articles}),
        source_name=articles[0].outlet if articles else "",
    )


def _chip(reading: Reading, position: Held, tier: str) -> Chip:
    ticker, venue = reading.issuer.ticker
    change = effect(reading.sentiment_score, is_short=position.is_short)
    return Chip(ticker, venue, reading.issuer.name, position.weight, change, tier)


def _why(touched: Sequence[Reading], held: Book) -> str:
    """One line on what it means for this book: the reading's reason for the heaviest holding, and how much is held."""
    if not touched:
        return ""
    reading = touched[0]
    position = held[reading.issuer_id]
    side = "You are short" if position.is_short else "You hold"
    share = f"{position.size:.1%} of NAV in " if position.weight is not None else ""
    share = f"{side} {share}{reading.issuer.name}."
    return f"{reading.reason.rstrip('.')}. {share}" if reading.reason else share


def brief(firm: Firm, rows: Sequence[StoryRow]) -> str:
    """The page's first sentence, from facts."""
    recent = [row for row in rows if row.received_at > timezone.now() - timedelta(hours=24)]
    if not recent:
        return "No story has touched your book in the last 24 hours."
    count = f"{_number(len(recent))} {'story touches' if len(recent) == 1 else 'stories touch'} your book in the last 24 hours."
    chips = [chip for row in recent for chip in row.chips if chip.weight is not None]
    heaviest = max(chips, key=lambda chip: abs(chip.weight or 0), default=None)
    if heaviest is None or heaviest.weight is None:
        return count
    side = "your short in" if heaviest.weight < 0 else "your position in"
    return f"{count} The heaviest holding among them is {side} {heaviest.name}, at {abs(heaviest.weight):.1%} of NAV."


def _number(count: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
    return words[count] if count < len(words) else f"{count}"


def nav_in_alert(firm: Firm, held: Book) -> float:
    """The share of NAV, by size, in companies with an open alert: each counted once, at its heaviest weight."""
    issuers = set(Alert.objects.of(firm).open().values_list("issuer", flat=True))
    return sum(held[issuer].size for issuer in issuers if issuer in held)


def sentiment_by_holding(firm: Firm, held: Book) -> list[HoldingSentiment]:
    """The mean sentiment of each holding's stories of the last seven days, from their current readings, best first."""
    recent: QuerySet[Story] = Story.objects.visible_to(firm).filter(received_at__gte=Now() - timedelta(days=7))
    readings = Reading.objects.filter(
        analysis__in=recent.values("current_analysis"), issuer__in=list(held), sentiment_score__isnull=False
    )
    means = dict(readings.order_by().values_list("issuer").annotate(Avg("sentiment_score")))
    issuers = Issuer.objects.filter(pk__in=means).prefetch_related("securities__listings")
    rows = [HoldingSentiment(*issuer.ticker, issuer.name, means[issuer.pk]) for issuer in issuers]
    return sorted(rows, key=lambda row: -row.score)
