"""The price of the primary company's listing around a story, as the story page draws it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from portfolios import charts, formats
from portfolios.closes import Close, Closes, changes, closes_around, last_close
from portfolios.models import Listing
from portfolios.sample import PRICE_SOURCE
from portfolios.venues import venue_code
from research.models import Reading, Story


@dataclass(frozen=True)
class Span:
    """How far after the story one looks, in sessions of the exchange; `context` is how many are drawn before it."""

    key: str
    name: str
    title: str
    sessions: int
    context: int


SPANS = (Span("1d", "1D", "1 day", 1, 5), Span("3d", "3D", "3 days", 3, 5), Span("1m", "1M", "1 month", 21, 21))
DEFAULT = SPANS[1]


@dataclass(frozen=True)
class Point:
    """A close with its change since the last close before the story, a share of that."""

    day: str
    iso: str
    price: float
    change: float


@dataclass(frozen=True)
class PriceAfter:
    """The panel. `points` and the drawings are empty, and `change` null, while there is no close that can be compared."""

    listing: Listing
    venue: str
    change: float | None
    sentence: str
    points: tuple[Point, ...]
    flag: float
    drawings: tuple[SafeString, ...]
    is_simulated: bool


def span_named(key: str) -> Span:
    """The span of that key; three days for any other."""
    return next((span for span in SPANS if span.key == key), DEFAULT)


def moment_of(story: Story) -> datetime:
    """When the market could know: the publisher's time, but no later than we had it (clocks of feeds run ahead)."""
    return min(story.published_at or story.received_at, story.received_at)


@dataclass(frozen=True)
class Prices:
    """The closes around a story of all companies in it, by listing."""

    story: Story
    closes: dict[int, Closes]

    def moves(self, readings: Iterable[Reading], span: Span) -> dict[int, float]:
        """How far each security of the companies read has moved since, by security id; of its main listing that has prices."""
        moved = changes(self.closes, span.sessions)
        found: dict[int, float] = {}
        for listing in sorted(_listings(readings), key=lambda listing: (not listing.is_primary, listing.pk)):
            if listing.pk in moved:
                found.setdefault(listing.security_id, moved[listing.pk])
        return found

    def after(self, primary: Reading | None, span: Span) -> PriceAfter | None:
        """The panel of the primary company; none for a private one, and where no close is known."""
        listing = primary.issuer.primary_listing if primary else None
        if listing is None:
            return None
        closes = self.closes.get(listing.pk, Closes((), ()))
        if not closes.before:
            old = last_close(listing)
            return _without_chart(listing, old, self.story) if old else None
        return _panel(listing, closes, span)


def prices_around(story: Story, readings: Iterable[Reading]) -> Prices:
    """The closes around the story of the current listings of the companies read. One query."""
    return Prices(story, closes_around(_listings(readings), moment_of(story)))


def _listings(readings: Iterable[Reading]) -> list[Listing]:
    return [
        listing
        for reading in readings
        for security in reading.issuer.securities.all()
        for listing in security.listings.all()
        if listing.valid_to is None
    ]


def _without_chart(listing: Listing, newest: Close, story: Story) -> PriceAfter | None:
    if newest.day > moment_of(story).date():
        return None  # prices begin after the story: there is nothing to compare with
    sentence = f"No close since the story yet. {_last(listing, newest)}"
    return PriceAfter(listing, venue_code(listing.mic), None, sentence, (), 0, (), newest.source == PRICE_SOURCE)


def _panel(listing: Listing, closes: Closes, span: Span) -> PriceAfter:
    reference = closes.before[-1]
    change = closes.change(span.sessions)
    after = closes.after[: span.sessions] if change is not None else ()
    before = closes.before[-span.context :]
    shown = [*before, *after]
    points = tuple(_point(close, reference) for close in shown)
    sentence = _sentence(listing, change, len(after), reference)
    flag = len(before) - 0.5
    percents, labels = [100 * point.change for point in points], [f"{close.day.day} {close.day:%b}" for close in shown]
    drawings = [charts.line_chart(percents, labels, sentence, size=size, flag=flag) for size in (charts.NARROW, charts.WIDE)]
    is_simulated = any(close.source == PRICE_SOURCE for close in shown)
    return PriceAfter(listing, venue_code(listing.mic), change, sentence, points, flag, tuple(drawings), is_simulated)


def _point(close: Close, reference: Close) -> Point:
    return Point(formats.day(close.day), close.day.isoformat(), close.price, close.price / reference.price - 1)


def _sentence(listing: Listing, change: float | None, sessions: int, reference: Close) -> str:
    if change is None:
        return f"No close since the story yet. {_last(listing, reference)}"
    in_time = "the session" if sessions == 1 else f"the {sessions} sessions"
    name = f"{listing.ticker} {venue_code(listing.mic)}"
    if round(abs(change), 4) == 0:
        return f"{name} closed unchanged in {in_time} after the story."
    return f"{name} {'rose' if change > 0 else 'fell'} {formats.percent(abs(change), 2)} in {in_time} after the story."


def _last(listing: Listing, close: Close) -> str:
    return f"The last before it: {formats.quantity(close.price)} {listing.currency} on {formats.day(close.day)}."
