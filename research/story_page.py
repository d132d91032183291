"""The story page as plain values: prose with its citations, the stored text with its quotes marked, the book it touches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Firm
from portfolios.models import Holding
from portfolios.venues import VENUES
from research.mentions import document
from research.models import Analysis, Article, Evidence, Reading, Story
from research.scoring import sentiment_label

SECTION_TITLES = {
    "new": "What is new",
    "thesis": "Why it matters",
    "risk": "Execution risk",
    "unspecified": "Not disclosed",
    "supports": "Supports the position",
    "against": "Argues against adding",
    "watch": "What to watch",
}
LISTS = frozenset({"supports", "against", "watch"})


@dataclass(frozen=True)
class Section:
    """One section of the analysis. `cites` are the numbers of its quotes; a claim with none says so."""

    key: str
    title: str
    text: str
    items: tuple[str, ...]
    cites: tuple[int, ...]


@dataclass(frozen=True)
class TextPart:
    """A stretch of an article's text; `number` is the quote's, if it is one."""

    text: str
    number: int | None


@dataclass(frozen=True)
class Affected:
    """One holding the story touches. `effect` is up, down or flat, for the position: a short turns the sign."""

    ticker: str
    venue: str
    company: str
    portfolio: str
    portfolio_slug: str
    role: str
    weight: float | None
    sentiment: float | None
    effect: str


@dataclass(frozen=True)
class Clock:
    city: str
    time: datetime


def sections(analysis: Analysis, evidence: Iterable[Evidence]) -> list[Section]:
    """The sections there are, in the order of the page."""
    cites = cites_by_claim(evidence)
    return [_section(key, analysis.sections[key], cites.get(key, ())) for key in SECTION_TITLES if analysis.sections.get(key)]


def _section(key: str, text: str, cites: tuple[int, ...]) -> Section:
    items = tuple(line.strip() for line in text.splitlines() if line.strip()) if key in LISTS else ()
    return Section(key, SECTION_TITLES[key], "" if items else text, items, cites)


def cites_by_claim(evidence: Iterable[Evidence]) -> dict[str, tuple[int, ...]]:
    """Numbers of the quotes that bear out each section."""
    cites: dict[str, tuple[int, ...]] = {}
    for quote in evidence:
        cites[quote.claim] = (*cites.get(quote.claim, ()), quote.number)
    return cites


def text_parts(article: Article, evidence: Iterable[Evidence]) -> list[TextPart]:
    """The stored text cut at the quotes' offsets. A quote that overlaps an earlier one is marked from where that ends."""
    text = document(article.title, article.text)
    parts, at = [], 0
    for quote in sorted(evidence, key=lambda quote: quote.start):
        start, end = max(quote.start, at), quote.end
        if quote.article_id != article.pk or start >= end:
            continue
        parts += [TextPart(text[at:start], None), TextPart(text[start:end], quote.number)]
        at = end
    return [part for part in [*parts, TextPart(text[at:], None)] if part.text]


def affected_holdings(firm: Firm, readings: Sequence[Reading]) -> list[Affected]:
    """The firm's holdings of the companies read, heaviest first."""
    by_issuer = {reading.issuer_id: reading for reading in readings}
    held = Holding.objects.of(firm).filter(issuer__in=by_issuer).select_related("portfolio", "security")
    rows = [_affected(holding, by_issuer[holding.issuer_id]) for holding in held]
    return sorted(rows, key=lambda row: -abs(row.weight or 0))


def _affected(holding: Holding, reading: Reading) -> Affected:
    ticker, venue = reading.issuer.ticker
    return Affected(
        ticker=ticker,
        venue=venue,
        company=reading.issuer.name,
        portfolio=holding.portfolio.name,
        portfolio_slug=holding.portfolio.slug,
        role=reading.role,
        weight=holding.weight,
        sentiment=reading.sentiment_score,
        effect=effect(reading.sentiment_score, is_short=holding.quantity < 0),
    )


def effect(sentiment: float | None, *, is_short: bool) -> str:
    """What the news does to a position, long or short: up, down, flat (it is neutral) or unmeasured."""
    if sentiment is None:
        return "unmeasured"
    if sentiment_label(sentiment) == "neutral":
        return "flat"
    return "down" if (sentiment < 0) != is_short else "up"


def clocks(story: Story, primary: Reading | None) -> list[Clock]:
    """When it was published, at the reader's desk and at the exchange of the company it is about."""
    moment = story.published_at or story.received_at
    desk = timezone.get_current_timezone_name()
    shown = [Clock(desk.rpartition("/")[2].replace("_", " "), timezone.localtime(moment))]
    listing = primary.issuer.primary_listing if primary else None
    venue = VENUES.get(listing.mic) if listing else None
    if venue and venue.zone != desk:
        shown.append(Clock(venue.city, moment.astimezone(ZoneInfo(venue.zone))))
    return shown
