from decimal import Decimal

import pytest

from portfolios.exposure import Position, convert, share, total, total_of_sizes, value

USD = {"TWD": Decimal("0.032051"), "GBP": Decimal("1.30"), "EUR": Decimal("1.1561")}


@pytest.mark.parametrize(
    ("amount", "currency", "base", "expected"),
    [
        ("100", "USD", "USD", "100"),
        ("100", "TWD", "USD", "3.2051"),
        ("350", "GBX", "GBP", "3.50"),
        ("350", "GBp", "GBP", "3.50"),
        ("350", "GBX", "USD", "4.550"),
        ("100", "USD", "GBP", "76.923"),
        ("100", "EUR", "GBP", "88.931"),
        ("100", "XXX", "XXX", "100"),
        ("100", "XXX", "USD", None),
        ("100", "USD", "XXX", None),
    ],
)
def test_convert(amount: str, currency: str, base: str, expected: str | None) -> None:
    converted = convert(Decimal(amount), currency, base, USD)
    assert (converted is None) if expected is None else converted == pytest.approx(Decimal(expected), abs=Decimal("0.001"))


def test_long_short_and_cash_add_up() -> None:
    found = value(
        [
            Position(Decimal(1000), Decimal(10), "USD"),
            Position(Decimal(-200), Decimal(20), "USD"),
            Position(Decimal(1000), Decimal("236.50"), "TWD"),
        ],
        {"USD": Decimal("500.10"), "TWD": Decimal(100_000)},
        "USD",
        USD,
    )
    assert found.market_values == (Decimal("10000.00"), Decimal("-4000.00"), Decimal("7580.06"))
    assert found.cash == Decimal("500.10") + Decimal("3205.10")
    assert found.net == Decimal("13580.06")
    assert found.gross == Decimal("21580.06")
    assert found.nav == Decimal("17285.26")
    assert sum(weight for weight in found.weights if weight is not None) + share(found.cash, found.nav) == pytest.approx(1)  # type: ignore[operator]
    assert found.weights[1] == pytest.approx(Decimal("-0.23141"), abs=Decimal("0.00001"))


def test_pence_are_not_pounds() -> None:
    found = value([Position(Decimal(100), Decimal(350), "GBX"), Position(Decimal(100), Decimal("3.50"), "GBP")], {}, "GBP", {})
    assert found.market_values == (Decimal("350.00"), Decimal("350.00"))
    assert found.weights == (Decimal("0.5"), Decimal("0.5"))


@pytest.mark.parametrize(
    ("price", "currency", "cash"),
    [(None, "USD", {}), (Decimal(10), "XXX", {}), (Decimal(10), "USD", {"XXX": Decimal(1)})],
    ids=["no price", "no rate for a price", "no rate for cash"],
)
def test_what_is_missing_leaves_nav_and_all_weights_unmeasured(
    price: Decimal | None, currency: str, cash: dict[str, Decimal]
) -> None:
    found = value([Position(Decimal(1), price, currency), Position(Decimal(1), Decimal(10), "USD")], cash, "USD", USD)
    assert found.nav is None
    assert found.weights == (None, None)
    assert found.market_values[1] == Decimal("10.00")


@pytest.mark.parametrize(("quantity", "cash"), [(Decimal(0), Decimal(0)), (Decimal(-10), Decimal(50))])
def test_no_weights_of_a_nav_that_is_not_above_zero(quantity: Decimal, cash: Decimal) -> None:
    found = value([Position(quantity, Decimal(10), "USD")], {"USD": cash}, "USD", {})
    assert found.nav is not None
    assert found.nav <= 0
    assert found.weights == (None,)


def test_an_empty_portfolio_is_worth_its_cash() -> None:
    assert value([], {}, "USD", {}).nav == 0
    assert value([], {"USD": Decimal(7)}, "USD", {}).nav == 7


@pytest.mark.parametrize(("price", "expected"), [("0.125", "0.12"), ("0.135", "0.14"), ("-0.125", "-0.12")])
def test_cents_are_rounded_half_to_even(price: str, expected: str) -> None:
    assert value([Position(Decimal(1), Decimal(price), "USD")], {}, "USD", {}).market_values == (Decimal(expected),)


@pytest.mark.parametrize(
    ("amounts", "expected", "sizes"), [([], 0, 0), ([Decimal(5), Decimal(-2)], 3, 7), ([Decimal(5), None], None, None)]
)
def test_totals(amounts: list[Decimal | None], expected: int | None, sizes: int | None) -> None:
    assert (total(amounts), total_of_sizes(amounts)) == (expected, sizes)
