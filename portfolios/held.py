"""What a firm holds, by company."""

from collections import defaultdict
from dataclasses import dataclass

from accounts.models import Firm
from portfolios.models import Holding


@dataclass(frozen=True)
class Held:
    """How much of one issuer a firm holds: its heaviest weight in any portfolio, null while a price is missing."""

    weight: float | None
    is_short: bool

    @property
    def size(self) -> float:
        return abs(self.weight or 0)


Book = dict[int, Held]


def book(firm: Firm) -> Book:
    """The issuers the firm holds."""
    positions: dict[tuple[int, int], list[tuple[float | None, bool]]] = defaultdict(list)
    rows = Holding.objects.of(firm).values_list("portfolio", "issuer", "weight", "quantity")
    for portfolio, issuer, weight, quantity in rows:
        positions[portfolio, issuer].append((weight, quantity < 0))
    held: Book = {}
    for (_, issuer), parts in positions.items():
        weights = [weight for weight, _ in parts if weight is not None]
        total = sum(weights) if len(weights) == len(parts) else None
        position = Held(total, is_short=total < 0 if total is not None else parts[0][1])
        if issuer not in held or position.size > held[issuer].size:
            held[issuer] = position
    return held
