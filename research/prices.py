"""What models cost: US dollars for a million tokens, by patterns of their names. What no pattern fits has no known price.

These are list prices as their makers published them in 2025; MODEL_PRICES adds to them and goes before them. Discounts (cached
text, batches) are not counted: the figure is never lower than the bill for want of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase

MILLION = Decimal(1_000_000)
CURRENCY = "USD"
CENT_PARTS = Decimal("0.000001")  # what a cost is rounded to


@dataclass(frozen=True)
class Price:
    """Of a million tokens in, and of a million tokens out."""

    pattern: str
    tokens_in: Decimal
    tokens_out: Decimal
    is_ours: bool = True  # of the list below, and not of the settings

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """US dollars for so many tokens."""
        return ((self.tokens_in * tokens_in + self.tokens_out * tokens_out) / MILLION).quantize(CENT_PARTS)


def _ours(rows: Iterable[tuple[str, str, str]]) -> tuple[Price, ...]:
    return tuple(Price(pattern, Decimal(tokens_in), Decimal(tokens_out)) for pattern, tokens_in, tokens_out in rows)


LISTED = _ours(
    [
        ("gpt-4o", "2.50", "10"),
        ("gpt-4o-20*", "2.50", "10"),
        ("gpt-4o-mini*", "0.15", "0.60"),
        ("gpt-4.1", "2", "8"),
        ("gpt-4.1-20*", "2", "8"),
        ("gpt-4.1-mini*", "0.40", "1.60"),
        ("gpt-4.1-nano*", "0.10", "0.40"),
        ("gpt-5", "1.25", "10"),
        ("gpt-5-20*", "1.25", "10"),
        ("gpt-5-mini*", "0.25", "2"),
        ("gpt-5-nano*", "0.05", "0.40"),
        ("o3", "2", "8"),
        ("o3-20*", "2", "8"),
        ("o3-mini*", "1.10", "4.40"),
        ("o4-mini*", "1.10", "4.40"),
        ("claude-opus-4*", "15", "75"),
        ("claude-sonnet-4*", "3", "15"),
        ("claude-haiku-4*", "1", "5"),
        ("gemini-2.5-pro*", "1.25", "10"),
        ("gemini-2.5-flash*", "0.30", "2.50"),
        ("gemini-2.5-flash-lite*", "0.10", "0.40"),
        ("mistral-large*", "2", "6"),
        ("mistral-small*", "0.10", "0.30"),
    ]
)


def price_table(given: object) -> tuple[Price, ...]:
    """The whole table: what the settings give, {"pattern": [in, out]}, and then ours. ValueError when it is not of that form."""
    if not isinstance(given, Mapping):
        raise ValueError('a table of prices is an object: {"pattern": [in, out]}')
    return (*(_given(str(pattern), pair) for pattern, pair in given.items()), *LISTED)


def _given(pattern: str, pair: object) -> Price:
    if not isinstance(pair, list) or len(pair) != 2:
        raise ValueError(f"the price of {pattern} is two numbers: [in, out]")
    try:
        tokens_in, tokens_out = (Decimal(str(value)) for value in pair)
    except InvalidOperation:
        raise ValueError(f"the price of {pattern} is two numbers: [in, out]") from None
    if not all(value.is_finite() and value >= 0 for value in (tokens_in, tokens_out)):
        raise ValueError(f"the price of {pattern} cannot be less than nothing")
    return Price(pattern, tokens_in, tokens_out, is_ours=False)


def price_of(model: str, table: Iterable[Price]) -> Price | None:
    """The price of that model: of the settings' patterns before ours, and of each the longest that fits. Null is not known."""
    name = model.lower().rpartition("/")[2]  # some servers put the maker's name before it
    fitting = [price for price in table if fnmatchcase(model.lower(), price.pattern.lower()) or fnmatchcase(name, price.pattern)]
    return max(fitting, key=lambda price: (not price.is_ours, len(price.pattern)), default=None)
