"""Numbers and times as a reader sees them: Babel's forms with a true minus sign. Knows no Django.

Null is "n/a", which is not the same as zero. A plus sign stands on changes and scores, never on levels.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from babel.numbers import format_compact_currency, format_decimal

NOT_AVAILABLE = "n/a"
MINUS = "\u2212"
LOCALE = "en"
MOMENTS = {"clock": "{0:%H:%M}", "stamp": "{0:%H:%M}, {1}", "exact": "{0:%H:%M:%S}, {1}", "date": "{1}"}

Number = float | int | Decimal


def number(value: Number | None, places: int = 2) -> str:
    """A level: 1,234.50, with a fixed number of decimals."""
    return NOT_AVAILABLE if value is None else _true_minus(_decimal(value, places))


def signed(value: Number | None, places: int = 2) -> str:
    """A score or a change: +0.45, −0.52, and 0.00 without a sign where nothing is left after rounding."""
    if value is None:
        return NOT_AVAILABLE
    text = _true_minus(_decimal(value, places))
    return f"+{text}" if value > 0 and any(digit in text for digit in "123456789") else text


def percent(share: Number | None, places: int = 1) -> str:
    """A share (0.041) as percent (4.1%)."""
    return NOT_AVAILABLE if share is None else _true_minus(_decimal(share * 100, places)) + "%"


def signed_percent(share: Number | None, places: int = 2) -> str:
    """A change (0.019) as percent with its sign (+1.90%)."""
    return NOT_AVAILABLE if share is None else signed(share * 100, places) + "%"


def quantity(value: Number | None) -> str:
    """A number of shares: whole where it is whole, else with the decimals it has, six at most."""
    return NOT_AVAILABLE if value is None else _true_minus(format_decimal(value, "#,##0.######", locale=LOCALE))


def compact_money(value: Number | None, currency: str) -> str:
    """A large amount in four characters or so: $412.6M."""
    if value is None:
        return NOT_AVAILABLE
    return _true_minus(format_compact_currency(value, currency, locale=LOCALE, fraction_digits=1))


def age(then: datetime | None, now: datetime) -> str:
    """How long ago, while that is under a day ("now", "3 min", "2 h"); then the date ("20 Nov 2025"), in the zone of `now`.

    Both must be aware. A time in the future, by a clock that runs ahead, is "now".
    """
    if then is None:
        return NOT_AVAILABLE
    passed = now - then
    if passed < timedelta(minutes=1):
        return "now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    if passed < timedelta(hours=24):
        return f"{passed // timedelta(hours=1)} h"
    return day(then.astimezone(now.tzinfo))


def duration(passed: timedelta) -> str:
    """How long, in the largest unit that it fills: "12 min", "2 h", "3 days"; "less than a minute"."""
    for unit, one, several in ((timedelta(days=1), "1 day", "{} days"), (timedelta(hours=1), "1 h", "{} h")):
        if passed >= unit:
            return one if passed < 2 * unit else several.format(passed // unit)
    minutes = passed // timedelta(minutes=1)
    return f"{minutes} min" if minutes > 0 else "less than a minute"


def day(at: date) -> str:
    """20 Nov 2025."""
    return f"{at.day} {at:%b %Y}"


def moment(at: datetime, form: str, now: datetime) -> str:
    """A time in the zone of `now`: as `age` ("3 min ago", then the date), `clock` (09:31), `stamp` (09:31, 20 Nov 2025),
    `exact` (09:31:27, 20 Nov 2025) or `date` (20 Nov 2025). Both must be aware. KeyError for any other form.
    """
    if form == "age":
        text = age(at, now)
        return f"{text} ago" if text.endswith((" min", " h")) else text
    local = at.astimezone(now.tzinfo)
    return MOMENTS[form].format(local, day(local))


def in_full(at: datetime) -> str:
    """Thu 20 Nov 2025, 09:31:27 EST (UTC−05:00): all there is to know of an aware time, in its own zone."""
    name, offset = f"{at:%Z}", f"{at:%z}"
    zone = f"UTC{_true_minus(offset[:3])}:{offset[3:5]}"
    if at.utcoffset() == timedelta(0):
        zone = name
    elif name.isalpha():  # many zones have no name but their offset
        zone = f"{name} ({zone})"
    return f"{at:%a} {day(at)}, {at:%H:%M:%S} {zone}"


def machine_time(at: datetime) -> str:
    """2025-11-20T14:31:27Z: for the datetime attribute, in UTC whatever the reader's zone."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _decimal(value: Number, places: int) -> str:
    text: str = format_decimal(value, "#,##0" + ("." + "0" * places if places else ""), locale=LOCALE)
    # What rounds to nothing is zero, not minus zero.
    return text.lstrip("-") if not any(digit in text for digit in "123456789") else text


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)
