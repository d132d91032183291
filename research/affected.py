"""The holdings a story touches, and what it does to each of them: a short turns it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Firm
from portfolios import formats
from portfolios.models import Holding, Portfolio
from research.models import Reading
from research.scoring import sentiment_label


@dataclass(frozen=True)
class Position:
    """One holding of a company in the story. `effect` is up, down, flat or unmeasured, for the position; `words` say it.

    `moved` is the change of its price since the story, a share of the last close before it; null where there is none.
    """

    ticker: str
    venue: str
    role: str
    weight: float | None
    sentiment: float | None
    effect: str
    words: str
    moved: float | None


@dataclass(frozen=True)
class Book:
    """A portfolio with its positions, heaviest first. `share` of NAV is Σ |weight|; null where a weight was not measured."""

    portfolio: Portfolio
    positions: tuple[Position, ...]
    share: float | None


@dataclass(frozen=True)
class Affected:
    """The firm's portfolios that hold a company in the story, most affected first."""

    books: tuple[Book, ...]

    @property
    def most(self) -> float | None:
        """The largest share of any one portfolio: NAVs of several do not add up to one number."""
        return self.books[0].share if self.books else None

    @property
    def has_moved(self) -> bool:
        return any(position.moved is not None for book in self.books for position in book.positions)


def affected(firm: Firm, readings: Sequence[Reading], moves: Mapping[int, float] | None = None) -> Affected:
    """The firm's holdings of the companies read, by portfolio. `moves` are the changes of price by security. One query."""
    by_issuer = {reading.issuer_id: reading for reading in readings}
    held: dict[Portfolio, list[Holding]] = {}
    for holding in Holding.objects.of(firm).filter(issuer__in=by_issuer).select_related("portfolio").order_by("pk"):
        held.setdefault(holding.portfolio, []).append(holding)
    books = [_book(portfolio, holdings, by_issuer, moves or {}) for portfolio, holdings in held.items()]
    return Affected(tuple(sorted(books, key=lambda book: -(book.share or 0))))


def effect(sentiment: float | None, *, is_short: bool) -> str:
    """What the news does to a position, long or short: up, down, flat (it is neutral) or unmeasured."""
    if sentiment is None:
        return "unmeasured"
    if sentiment_label(sentiment) == "neutral":
        return "flat"
    return "down" if (sentiment < 0) != is_short else "up"


def effect_in_words(sentiment: float | None, weight: float | None, *, is_short: bool) -> str:
    """The effect as a sentence; for a short with the reason, since its sign is not that of the news."""
    direction = effect(sentiment, is_short=is_short)
    if direction == "unmeasured":
        return "Not measured for this position."
    news = "neutral" if direction == "flat" else "negative" if (sentiment or 0) < 0 else "positive"
    turn = {"up": "works in your favour", "down": "works against you", "flat": "changes little for you"}[direction]
    if not is_short:
        return f"{turn.capitalize()}."
    size = "" if weight is None else f" {formats.percent(abs(weight))} of NAV"
    return f"You are short{size}, so {news} news {turn}."


def _book(
    portfolio: Portfolio, holdings: Iterable[Holding], by_issuer: Mapping[int, Reading], moves: Mapping[int, float]
) -> Book:
    rows = [_position(holding, by_issuer[holding.issuer_id], moves.get(holding.security_id)) for holding in holdings]
    sizes = [None if row.weight is None else abs(row.weight) for row in rows]
    share = None if None in sizes else sum(size for size in sizes if size is not None)
    return Book(portfolio, tuple(sorted(rows, key=lambda row: -abs(row.weight or 0))), share)


def _position(holding: Holding, reading: Reading, moved: float | None) -> Position:
    ticker, venue = reading.issuer.ticker
    is_short = holding.quantity < 0
    return Position(
        ticker=ticker,
        venue=venue,
        role=reading.role or reading.issuer.name,
        weight=holding.weight,
        sentiment=reading.sentiment_score,
        effect=effect(reading.sentiment_score, is_short=is_short),
        words=effect_in_words(reading.sentiment_score, holding.weight, is_short=is_short),
        moved=moved,
    )
