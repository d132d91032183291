"""Numbers and times as words: the true minus, no sign on nothing, and null apart from zero."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portfolios import formats

NOW = datetime(2025, 11, 20, 14, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.45, "+0.45"), (-0.52, "−0.52"), (0.0, "0.00"), (-0.001, "0.00"), (0.004, "0.00"), (None, "n/a"), (1234.5, "+1,234.50")],
)
def test_a_score_has_its_sign(value: float | None, text: str) -> None:
    assert formats.signed(value) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.0412, 1, "4.1%"),
        (0.0412, 2, "4.12%"),
        (-0.016, 1, "−1.6%"),
        (0, 1, "0.0%"),
        (None, 1, "n/a"),
        (Decimal("1.04"), 0, "104%"),
    ],
)
def test_a_share_in_percent(value: float | Decimal | None, places: int, text: str) -> None:
    assert formats.percent(value, places) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(1455, 2, "1,455.00"), (-6601600, 0, "−6,601,600"), (None, 2, "n/a"), (Decimal("0.125"), 3, "0.125")],
)
def test_a_level(value: float | Decimal | None, places: int, text: str) -> None:
    assert formats.number(value, places) == text


@pytest.mark.parametrize(
    ("value", "text"), [("100.000000", "100"), ("-212000", "−212,000"), ("51000.500000", "51,000.5"), (None, "n/a")]
)
def test_a_quantity_has_the_decimals_it_has(value: str | None, text: str) -> None:
    assert formats.quantity(None if value is None else Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [("412600000", "USD", "$412.6M"), ("-1600000", "USD", "−$1.6M"), ("950", "EUR", "€950"), (None, "USD", "n/a")],
)
def test_a_large_amount(value: str | None, currency: str, text: str) -> None:
    assert formats.compact_money(None if value is None else Decimal(value), currency) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-30), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=3, seconds=50), "3 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(hours=24), "19 Nov 2025"),
    ],
)
def test_an_age(passed: timedelta, text: str) -> None:
    assert formats.age(NOW - passed, NOW) == text


def test_a_date_is_that_of_the_reader() -> None:
    late = datetime(2025, 11, 18, 17, 30, tzinfo=UTC)
    assert formats.age(late, NOW.astimezone(ZoneInfo("Asia/Taipei"))) == "19 Nov 2025"
    assert formats.age(None, NOW) == "n/a"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("age", "2 min ago"),
        ("clock", "09:28"),
        ("stamp", "09:28, 20 Nov 2025"),
        ("exact", "09:28:05, 20 Nov 2025"),
        ("date", "20 Nov 2025"),
    ],
)
def test_a_moment_in_its_forms(form: str, text: str) -> None:
    at = datetime(2025, 11, 20, 14, 28, 5, tzinfo=UTC)
    assert formats.moment(at, form, NOW.astimezone(ZoneInfo("America/New_York"))) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=119), "1 h"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_a_duration(passed: timedelta, text: str) -> None:
    assert formats.duration(passed) == text


@pytest.mark.parametrize(
    ("passed", "text"), [(timedelta(0), "now"), (timedelta(hours=2), "2 h ago"), (timedelta(days=9), "11 Nov 2025")]
)
def test_an_age_says_ago_where_it_is_one(passed: timedelta, text: str) -> None:
    assert formats.moment(NOW - passed, "age", NOW) == text


def test_a_form_that_is_none() -> None:
    with pytest.raises(KeyError, match="century"):
        formats.moment(NOW, "century", NOW)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "Thu 20 Nov 2025, 14:31:00 UTC"),
        ("America/New_York", "Thu 20 Nov 2025, 09:31:00 EST (UTC−05:00)"),
        ("Asia/Kathmandu", "Thu 20 Nov 2025, 20:16:00 UTC+05:45"),
        ("Europe/London", "Thu 20 Nov 2025, 14:31:00 GMT"),
    ],
)
def test_a_time_in_full_leaves_no_doubt_of_its_zone(zone: str, text: str) -> None:
    assert formats.in_full(NOW.astimezone(ZoneInfo(zone))) == text


def test_the_time_for_machines_is_utc() -> None:
    assert formats.machine_time(NOW.astimezone(ZoneInfo("Asia/Taipei"))) == "2025-11-20T14:31:00Z"
