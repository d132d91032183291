"""When a score is disputed: by the reading's own probabilities, or by the press. Pure."""

CLEAR = 0.5  # a probability that settles it
BOTH_WAYS = 0.25  # of positive and of negative alike
APART = 0.35  # between our score and the press median


def disputed(
    probabilities: tuple[float | None, float | None, float | None], score: float | None, press_median: float | None
) -> list[str]:
    """Why the score is disputed, a sentence for each reason; none where it is not, or was not measured.

    `probabilities` are positive, neutral, negative, each 0…1; `score` and `press_median` −1…1, None: not measured.
    """
    reasons = []
    positive, neutral, negative = probabilities
    if positive is not None and neutral is not None and negative is not None:
        said = f"{positive:.0%} positive, {neutral:.0%} neutral, {negative:.0%} negative"
        if min(positive, negative) >= BOTH_WAYS:
            reasons.append(f"The reading sees it going either way: {said}.")
        elif max(positive, neutral, negative) < CLEAR:
            reasons.append(f"The reading is sure of no direction: {said}.")
    if score is not None and press_median is not None and score * press_median < 0 and abs(score - press_median) >= APART:
        reasons.append(
            f"The outlets tell it the other way round: their median is {_signed(press_median)}, ours {_signed(score)}."
        )
    return reasons


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
