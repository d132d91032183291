"""From probabilities to the scores and words a reader sees. Cut points are those of the product's field table."""

import math
from typing import overload

NOT_MEASURED = "not measured"
PROBABILITY_TOLERANCE = 0.02
_PLACES = 4

_SENTIMENT_WORDS = ((0.65, "strongly"), (0.35, "moderately"), (0.15, "mildly"))
_IMPACT_WORDS = ((0.2, "minimal"), (0.4, "modest"), (0.6, "material"), (0.8, "major"))


@overload
def sentiment_score(p_positive: float, p_negative: float) -> float: ...
@overload
def sentiment_score(p_positive: float | None, p_negative: float | None) -> float | None: ...
def sentiment_score(p_positive: float | None, p_negative: float | None) -> float | None:
    """p_positive − p_negative, −1…1, to 4 decimals; None when either was not measured.

    Raises ValueError when a probability is outside 0…1 or not a number.
    """
    if p_positive is None or p_negative is None:
        return None
    score = _within(p_positive, 0.0, 1.0) - _within(p_negative, 0.0, 1.0)
    return _rounded(score)


def sentiment_label(score: float | None) -> str:
    """One of seven labels, 'neutral' strictly inside ±.15; 'not measured' for None.

    Raises ValueError when the score is outside −1…1 or not a number.
    """
    if score is None:
        return NOT_MEASURED
    size = abs(_rounded(_within(score, -1.0, 1.0)))
    for least, word in _SENTIMENT_WORDS:
        if size >= least:
            return f"{word} {'positive' if score > 0 else 'negative'}"
    return "neutral"


def impact_word(score: float | None) -> str:
    """minimal < .2 ≤ modest < .4 ≤ material < .6 ≤ major < .8 ≤ extreme; 'not measured' for None.

    Raises ValueError when the score is outside 0…1 or not a number.
    """
    if score is None:
        return NOT_MEASURED
    size = _rounded(_within(score, 0.0, 1.0))
    return next((word for below, word in _IMPACT_WORDS if size < below), "extreme")


def normalise(
    p_positive: float, p_neutral: float, p_negative: float, tolerance: float = PROBABILITY_TOLERANCE
) -> tuple[float, float, float]:
    """The three probabilities scaled to sum 1 (to 4 decimals, exactly 1 by construction of p_neutral).

    Raises ValueError when one is outside 0…1 or the sum is further than `tolerance` from 1.
    """
    parts = [_within(p, 0.0, 1.0) for p in (p_positive, p_neutral, p_negative)]
    total = math.fsum(parts)
    if abs(total - 1) > tolerance + 1e-9:
        raise ValueError(f"probabilities sum to {total:.4f}")
    positive, negative = _rounded(parts[0] / total), _rounded(parts[2] / total)
    return positive, max(0.0, _rounded(1 - positive - negative)), negative


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:  # false for NaN as well
        raise ValueError(f"{value} is not within {low}…{high}")
    return value


def _rounded(value: float) -> float:
    return round(value, _PLACES) + 0.0  # + 0.0 turns −0.0 into 0.0
