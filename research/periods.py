"""Names and tickers that a company had for a time: between which days, and when something changes. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

Period = tuple[date | None, date | None]  # the first and the last day, both included; None: no such day
DAY = timedelta(days=1)


def is_within(day: date, since: date | None, until: date | None) -> bool:
    """Whether it held on that day."""
    return (since is None or since <= day) and (until is None or day <= until)


def turning_days(periods: Iterable[Period]) -> list[date]:
    """The days on which something began or was over for the first time, in order."""
    days = {day for since, until in periods for day in (since, until and until + DAY) if day}
    return sorted(days)
