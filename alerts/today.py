"""The Today page as plain values: the stories that touch the book, and what they amount to. Every figure is computed here."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Firm
from alerts.models import Alert
from portfolios.models import Holding, Issuer, Portfolio
from research.access import visible_stories
from research.models import Analysis, Reading, Story, StoryQuerySet
from research.story_page import effect, ticker_of

MOST_STORIES = 40


@dataclass(frozen=True)
class Chip:
    """A holding the story touches; `weight` is its largest share of NAV, signed."""

    ticker: str
    venue: str
    name: str
    weight: float | None
    effect: str


@dataclass(frozen=True)
class StoryRow:
    story: Story
    sentiment: float | None
    impact: float | None
    is_quick: bool
    why: str
    chips: list[Chip]
    received_at: datetime
    published_at: datetime | None
    source_count: int
    source_name: str


@dataclass(frozen=True)
class HoldingSentiment:
    ticker: str
    venue: str
    name: str
    score: float


def book(firm: Firm) -> dict[int, float | None]:
    """The issuers the firm holds, each with its heaviest weight in any portfolio."""
    weights: dict[int, float | None] = {}
    by_issuer: dict[tuple[int, int], float] = defaultdict(float)
    for portfolio, issuer, weight in Holding.objects.of(firm).values_list("portfolio", "issuer", "weight"):
        weights.setdefault(issuer, None)
        if weight is not None:
            by_issuer[portfolio, issuer] += weight
    for (_, issuer), weight in by_issuer.items():
        if abs(weight) >= abs(weights[issuer] or 0):
            weights[issuer] = weight
    return weights


def stories_for(firm: Firm, held: Iterable[int]) -> StoryQuerySet:
    """Stories about these issuers, newest first."""
    return visible_stories(firm).about(list(held)).order_by("-received_at", "-pk")


def story_row(story: Story, held: dict[int, float | None]) -> StoryRow:
    analysis = story.current_analysis
    readings = list(analysis.readings.all()) if analysis else []
    primary = next((reading for reading in readings if analysis and reading.issuer_id == analysis.primary_issuer_id), None)
    touched = sorted(
        (reading for reading in readings if reading.issuer_id in held), key=lambda reading: -abs(held[reading.issuer_id] or 0)
    )
    articles = list(story.articles.all())
    return StoryRow(
        story=story,
        sentiment=primary.sentiment_score if primary else None,
        impact=primary.market_impact_score if primary else None,
        is_quick=bool(analysis and analysis.lane == Analysis.Lane.FLASH),
        why=_why(touched, held),
        chips=[_chip(reading, held[reading.issuer_id]) for reading in touched],
        received_at=story.received_at,
        published_at=story.published_at,
        source_count=len({article.outlet for article in articles}),
        source_name=articles[0].outlet if articles else "",
    )


def _chip(reading: Reading, weight: float | None) -> Chip:
    ticker, venue = ticker_of(reading.issuer)
    return Chip(ticker, venue, reading.issuer.name, weight, effect(reading.sentiment_score, -1 if (weight or 0) < 0 else 1))


def _why(touched: Sequence[Reading], held: dict[int, float | None]) -> str:
    """One line on what it means for this book: the reading's reason for the heaviest holding, and how much is held."""
    if not touched:
        return ""
    reading = touched[0]
    weight = held[reading.issuer_id]
    side = "You are short" if (weight or 0) < 0 else "You hold"
    share = (
        f"{side} {abs(weight):.1%} of NAV in {reading.issuer.name}." if weight is not None else f"You hold {reading.issuer.name}."
    )
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


def nav_in_alert(firm: Firm, held: dict[int, float | None]) -> float:
    """The share of NAV, by size, in companies with an open alert: each counted once, at its heaviest weight."""
    issuers = set(Alert.objects.of(firm).open().values_list("issuer", flat=True))
    return sum(abs(held.get(issuer) or 0) for issuer in issuers)


def sentiment_by_holding(firm: Firm, held: dict[int, float | None]) -> list[HoldingSentiment]:
    """The mean sentiment of each holding's stories of the last seven days, from their current readings, best first."""
    recent: QuerySet[Story] = Story.objects.visible_to(firm).filter(received_at__gte=Now() - timedelta(days=7))
    readings = Reading.objects.filter(
        analysis__in=recent.values("current_analysis"), issuer__in=list(held), sentiment_score__isnull=False
    )
    means = dict(readings.order_by().values_list("issuer").annotate(Avg("sentiment_score")))
    issuers = Issuer.objects.filter(pk__in=means).prefetch_related("securities__listings")
    rows = [HoldingSentiment(*ticker_of(issuer), issuer.name, means[issuer.pk]) for issuer in issuers]
    return sorted(rows, key=lambda row: -row.score)


def portfolios_of(firm: Firm) -> list[Portfolio]:
    return list(Portfolio.objects.of(firm))
