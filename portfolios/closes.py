"""Daily closes before and after a moment, and how far a price has moved since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portfolios.models import Listing, Price
from portfolios.venues import closed_at

DAYS_BEFORE = timedelta(days=60)
DAYS_AFTER = timedelta(days=60)
STALE_AFTER = timedelta(days=14)  # longer than any exchange's holidays


@dataclass(frozen=True, slots=True)
class Close:
    """A close in the listing's currency, as it was quoted: not adjusted for dividends or splits."""

    day: date
    price: float
    source: str


@dataclass(frozen=True, slots=True)
class Closes:
    """What a listing closed at before a moment and after it, oldest first."""

    before: tuple[Close, ...]
    after: tuple[Close, ...]

    def change(self, sessions: int) -> float | None:
        """From the last close before to the newest of the first `sessions` after, as a share of the former.

        None where there is none after, or the one before is so old (over 14 days) that more than this has moved the price.
        """
        if not self.before or not self.after or sessions < 1:
            return None
        reference = self.before[-1]
        if self.after[0].day - reference.day > STALE_AFTER:
            return None
        return self.after[:sessions][-1].price / reference.price - 1


def closes_around(listings: Iterable[Listing], moment: datetime) -> dict[int, Closes]:
    """The closes of 60 days before the moment and 60 after it, by listing id; of those that have any. One query."""
    by_id = {listing.pk: listing for listing in listings}
    prices = Price.objects.filter(
        listing__in=by_id, date__range=(moment.date() - DAYS_BEFORE, moment.date() + DAYS_AFTER)
    ).order_by("date")
    found: dict[int, tuple[list[Close], list[Close]]] = {}
    for price in prices:
        before, after = found.setdefault(price.listing_id, ([], []))
        was_before = closed_at(by_id[price.listing_id].mic, price.date) <= moment
        (before if was_before else after).append(Close(price.date, float(price.close), price.source))
    return {listing: Closes(tuple(before), tuple(after)) for listing, (before, after) in found.items()}


def last_close(listing: Listing) -> Close | None:
    """The newest close there is, however old."""
    price = Price.objects.filter(listing=listing).order_by("-date").first()
    return Close(price.date, float(price.close), price.source) if price else None


def changes(closes: Mapping[int, Closes], sessions: int) -> dict[int, float]:
    """The changes that could be measured, by listing id."""
    measured = {listing: each.change(sessions) for listing, each in closes.items()}
    return {listing: change for listing, change in measured.items() if change is not None}
