"""The arithmetic of limits and prices: tables of cases, no database."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from research.budget import Caps, Limit, Used, ends, hindrance, limits, month_after, month_of, tokens_at_most, utc_day
from research.prices import LISTED, price_of, price_table

D = Decimal


def limit(settled: int, held: int, most: int = 100, **more: bool) -> Limit:
    return Limit("day", "tokens", D(most), D(settled), D(held), **more)


@pytest.mark.parametrize(
    ("settled", "held", "most", "standing", "is_near"),
    [
        (0, 0, 100, "free", False),
        (79, 0, 100, "free", False),
        (80, 0, 100, "free", True),
        (99, 0, 100, "free", True),  # one more may be sent: that is the one the limit is exceeded by
        (50, 49, 100, "free", False),
        (50, 50, 100, "busy", False),
        (100, 0, 100, "spent", True),
        (130, 40, 100, "spent", True),
        (0, 0, 0, "spent", True),
    ],
)
def test_a_limit_is_free_busy_or_spent(settled: int, held: int, most: int, standing: str, is_near: bool) -> None:
    found = limit(settled, held, most)
    assert (found.standing, found.is_near) == (standing, is_near)


def test_of_several_limits_the_lasting_one_is_told() -> None:
    assert hindrance([limit(1, 0), limit(2, 0)]) is None
    assert hindrance([]) is None
    busy, spent = limit(0, 100), limit(100, 0, is_firms=True)
    assert hindrance([busy, limit(0, 0)]) == busy
    assert hindrance([busy, spent]) == spent
    assert spent.name == "your firm’s budget for the model for today"


def test_only_limits_that_are_set_limit() -> None:
    used = Used(tokens=500, cost=D("1.5"), tokens_held=200, cost_held=D("0.5"))
    assert limits(Caps(), used, used) == []
    cost, tokens = limits(Caps(day_cost=D(2), month_tokens=1000), used, used)
    assert (cost.period, cost.measure, cost.settled, cost.held) == ("day", "cost", D(1), D("0.5"))
    assert (tokens.period, tokens.measure, tokens.settled, tokens.held) == ("month", "tokens", D(300), D(200))


def test_days_and_months_are_those_of_utc() -> None:
    taipei = timezone(timedelta(hours=8))
    assert utc_day(datetime(2026, 3, 1, 7, 59, tzinfo=taipei)) == date(2026, 2, 28)
    assert utc_day(datetime(2026, 3, 1, 8, 0, tzinfo=taipei)) == date(2026, 3, 1)
    assert utc_day(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert month_of(date(2026, 12, 31)) == date(2026, 12, 1)
    assert [month_after(date(2026, month, 28)).isoformat() for month in (1, 2, 12)] == ["2026-02-01", "2026-03-01", "2027-01-01"]
    assert ends("day", date(2028, 2, 28)) == date(2028, 2, 29)
    assert ends("month", date(2026, 12, 1)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    "text", ["The companies will design racks.", "1,234.5 2,345.6", "鴻海與合作夥伴將共同設計機櫃", '{"a": [1, 2]}']
)
def test_tokens_are_estimated_upwards(text: str) -> None:
    estimated = tokens_at_most([{"role": "user", "content": text * 100}])
    assert estimated >= len(text) * 100 / 3  # no tokenizer in use takes fewer than three characters of numbers or Chinese a token
    assert tokens_at_most([{"role": "user", "content": text}], {"type": "object"}) > tokens_at_most(
        [{"role": "user", "content": text}]
    )


@pytest.mark.parametrize(
    ("model", "pattern"),
    [
        ("gpt-4o-mini", "gpt-4o-mini*"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini*"),
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-11-20", "gpt-4o-20*"),
        ("gpt-4o-audio-preview", None),
        ("openai/GPT-4o", "gpt-4o"),
        ("gemini-2.5-flash-lite-preview", "gemini-2.5-flash-lite*"),
        ("llama3", None),
        ("", None),
    ],
)
def test_the_longest_pattern_that_fits_has_the_price(model: str, pattern: str | None) -> None:
    found = price_of(model, LISTED)
    assert (found.pattern if found else None) == pattern


def test_prices_of_the_settings_go_first() -> None:
    table = price_table({"gpt-*": [1, 2], "llama3*": [0, 0]})
    mini, llama = price_of("gpt-4o-mini", table), price_of("llama3:8b", table)
    assert mini is not None
    assert llama is not None
    assert (mini.tokens_out, mini.is_ours, llama.cost(10**6, 10**6)) == (D(2), False, D(0))


def test_a_cost_is_exact_to_a_millionth() -> None:
    mini = price_of("gpt-4o-mini", LISTED)
    assert mini is not None
    assert mini.cost(900, 200) == D("0.000255")


@pytest.mark.parametrize("given", [[], {"a": 1}, {"a": [1]}, {"a": ["x", 1]}, {"a": [-1, 1]}, {"a": ["NaN", 1]}])
def test_a_table_of_another_form_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="price"):
        price_table(given)
