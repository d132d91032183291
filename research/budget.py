"""The arithmetic of what may be spent on a model: limits of days and months in money and tokens, and what follows from them.

Days and months are those of UTC. A request is let through while what was spent, and what those under way may still spend, is
under every limit. So spending ends within one request of the limit, whatever number ask at once.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

Period = Literal["day", "month"]
Measure = Literal["cost", "tokens"]
Standing = Literal["free", "busy", "spent"]

WARN_AT = Decimal("0.8")
# English takes about 4.5 bytes a token, JSON and numbers 3, Chinese 3 to 4: so two are more tokens than any of them takes.
BYTES_PER_TOKEN = 2
TOKENS_PER_MESSAGE = 16
PERIODS: Mapping[Period, str] = {"day": "today", "month": "this month"}


@dataclass(frozen=True)
class Caps:
    """What may be spent, in US dollars and tokens. Null is no limit."""

    day_cost: Decimal | None = None
    month_cost: Decimal | None = None
    day_tokens: int | None = None
    month_tokens: int | None = None


@dataclass(frozen=True)
class Used:
    """What a day or a month has taken: in all, and how much of it is held for requests that are under way."""

    tokens: int = 0
    cost: Decimal = Decimal(0)
    tokens_held: int = 0
    cost_held: Decimal = Decimal(0)

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.tokens + other.tokens,
            self.cost + other.cost,
            self.tokens_held + other.tokens_held,
            self.cost_held + other.cost_held,
        )


@dataclass(frozen=True)
class Limit:
    """One limit, and how far it is used up. `is_firms`: a firm's own, and not that of the whole installation."""

    period: Period
    measure: Measure
    most: Decimal
    settled: Decimal
    held: Decimal
    is_firms: bool = False

    @property
    def share(self) -> Decimal:
        """Of the limit, what was spent for certain; 1 where nothing may be spent."""
        return self.settled / self.most if self.most else Decimal(1)

    @property
    def standing(self) -> Standing:
        if self.settled >= self.most:
            return "spent"
        return "busy" if self.settled + self.held >= self.most else "free"

    @property
    def is_near(self) -> bool:
        return self.share >= WARN_AT

    @property
    def name(self) -> str:
        """The budget in words: "the model’s budget for today"."""
        whose = "your firm’s budget for the model" if self.is_firms else "the model’s budget"
        return f"{whose} for {PERIODS[self.period]}"


def limits(caps: Caps, day: Used, month: Used, *, is_firms: bool = False) -> list[Limit]:
    """The limits that are set, with what this day and this month have taken of them."""
    found = []
    set_: Sequence[tuple[Period, Used, Decimal | None, int | None]] = (
        ("day", day, caps.day_cost, caps.day_tokens),
        ("month", month, caps.month_cost, caps.month_tokens),
    )
    for period, used, cost, tokens in set_:
        if cost is not None:
            found.append(Limit(period, "cost", cost, used.cost - used.cost_held, used.cost_held, is_firms))
        if tokens is not None:
            settled, held = Decimal(used.tokens - used.tokens_held), Decimal(used.tokens_held)
            found.append(Limit(period, "tokens", Decimal(tokens), settled, held, is_firms))
    return found


def hindrance(found: Iterable[Limit]) -> Limit | None:
    """What keeps a request from being sent, the lasting before the passing; null when nothing does."""
    ranks = {"spent": 2, "busy": 1, "free": 0}
    worst = max(found, key=lambda limit: (ranks[limit.standing], limit.period == "month"), default=None)
    return None if worst is None or worst.standing == "free" else worst


def tokens_at_most(messages: Iterable[Mapping[str, Any]], schema: object = None) -> int:
    """How many tokens these messages may be, with the schema of the reply: estimated from their size, and rather too many."""
    texts = [str(message["content"]) for message in messages]
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    size += len(json.dumps(schema)) if schema is not None else 0
    return math.ceil(size / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * len(texts)


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(day: date) -> date:
    """The first day of the month after that of this day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def ends(period: Period, day: date) -> date:
    """The day on which the next of these periods begins."""
    return day + timedelta(days=1) if period == "day" else month_after(day)


def utc_day(moment: datetime) -> date:
    """The day of UTC that an aware time is in."""
    return (moment - (moment.utcoffset() or timedelta(0))).date()
