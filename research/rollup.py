"""The roll-up of a company: one figure for what its stories of some days say together. Pure.

Σ(sentiment × confidence × relevance × novelty) ÷ Σ(confidence × relevance × novelty), over the stories of the window.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from research.novelty import novelties

WINDOWS = {1: timedelta(days=1), 7: timedelta(days=7), 30: timedelta(days=30)}  # by their days


@dataclass(frozen=True, slots=True)
class Scored:
    """What one story says of the company: `sentiment` −1…1, `confidence` 0…1 (None: not measured), the others 0…100."""

    sentiment: float | None
    confidence: float | None
    relevance: float
    novelty: float

    @property
    def weight(self) -> float:
        """0…1; 0 of what was not measured."""
        if self.sentiment is None or self.confidence is None:
            return 0.0
        return self.confidence * self.relevance / 100 * self.novelty / 100


@dataclass(frozen=True, slots=True)
class RollUp:
    """`value` −1…1 over `n` stories that weigh something; None where there are none: no data, which is not neutral."""

    days: int
    value: float | None
    n: int


def roll_up(days: int, stories: Iterable[Scored]) -> RollUp:
    """The weighted mean of these stories' sentiments, to 4 decimals."""
    told = [(each.weight, each.sentiment) for each in stories if each.sentiment is not None and each.weight > 0]
    total = sum(weight for weight, _ in told)
    value = round(sum(weight * sentiment for weight, sentiment in told) / total, 4) + 0.0 if told else None
    return RollUp(days, value, len(told))


def novelty_within(moments: Sequence[datetime], since: datetime, until: datetime) -> int:
    """How new a story was to the window (since, until], 0…100: the largest novelty of those of its articles that came in it.

    `moments` are when its articles came, in any order. What began before the window counts by its place in the story.
    """
    known = sorted(moment for moment in moments if moment <= until)
    return max((score for moment, score in zip(known, novelties(known), strict=True) if moment > since), default=0)
