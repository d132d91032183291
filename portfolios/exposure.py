"""What a portfolio is worth and how it is spread: plain values in and out. Knows no database.

Money is Decimal. A market value is rounded half-even to the cent of the base currency first and summed then, so that the lines
of a page add up to its totals; weights are shares of that NAV, unrounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
DOLLAR = "USD"

# Quoted in hundredths: 350 GBX is 3.50 GBP. Upper case would turn GBp, the other way to write pence, into pounds.
MINOR_UNITS = {
    "GBX": ("GBP", Decimal(100)),
    "GBp": ("GBP", Decimal(100)),
    "ILA": ("ILS", Decimal(100)),
    "ZAC": ("ZAR", Decimal(100)),
}


@dataclass(frozen=True, slots=True)
class Position:
    """`quantity` is signed, a short negative; `price` is per unit in `currency` (GBX is pence), or None where none is known."""

    quantity: Decimal
    price: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Valuation:
    """One market value and one weight per position, in their order; money in the base currency. None is not measured."""

    market_values: tuple[Decimal | None, ...]
    weights: tuple[Decimal | None, ...]
    cash: Decimal | None
    gross: Decimal | None
    net: Decimal | None
    nav: Decimal | None


def major_unit(currency: str) -> tuple[str, Decimal]:
    """The currency that rates are quoted for, and how many of the given unit make one of it."""
    return MINOR_UNITS.get(currency, (currency, Decimal(1)))


def convert(amount: Decimal, currency: str, base: str, usd: Mapping[str, Decimal]) -> Decimal | None:
    """`amount` in the base currency, crossed through the US dollar; None where a rate is missing.

    `usd` has the dollars that one unit of a currency is worth. The dollar's own rate need not be in it.
    """
    major, units = major_unit(currency)
    amount /= units
    if major == base:
        return amount
    rates = {DOLLAR: Decimal(1), **usd}
    if major not in rates or base not in rates:
        return None
    return amount * rates[major] / rates[base]


def value(positions: Sequence[Position], cash: Mapping[str, Decimal], base: str, usd: Mapping[str, Decimal]) -> Valuation:
    """NAV = Σ market value (shorts negative) + cash; weight = market value ÷ NAV; gross = Σ |market value|; net = Σ market value.

    One missing price or rate leaves NAV, and with it every weight, not measured: a NAV without a position would overstate the
    weights of all others. Weights are None as well where NAV is not above zero.
    """
    values = tuple(_market_value(position, base, usd) for position in positions)
    balances = total(_cents(convert(amount, currency, base, usd)) for currency, amount in cash.items())
    net = total(values)
    nav = None if net is None or balances is None else net + balances
    return Valuation(
        market_values=values,
        weights=tuple(share(amount, nav) for amount in values),
        cash=balances,
        gross=total_of_sizes(values),
        net=net,
        nav=nav,
    )


def share(amount: Decimal | None, nav: Decimal | None) -> Decimal | None:
    """`amount` ÷ NAV: 0.04 is four percent. None where either is not measured, or NAV is not above zero."""
    return None if amount is None or nav is None or nav <= 0 else amount / nav


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, or None where one of the amounts is not measured."""
    found = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        found += amount
    return found


def total_of_sizes(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum whatever the signs, or None where one of the amounts is not measured."""
    return total(None if amount is None else abs(amount) for amount in amounts)


def _market_value(position: Position, base: str, usd: Mapping[str, Decimal]) -> Decimal | None:
    if position.price is None:
        return None
    return _cents(convert(position.quantity * position.price, position.currency, base, usd))


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(CENT, ROUND_HALF_EVEN)
