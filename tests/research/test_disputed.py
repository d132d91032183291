"""When a score is disputed, and in which words."""

import pytest

from research.disputed import disputed


@pytest.mark.parametrize(
    ("probabilities", "score", "median", "expected"),
    [
        ((0.55, 0.35, 0.10), 0.45, 0.40, []),
        ((0.55, 0.35, 0.10), 0.45, None, []),
        ((0.40, 0.35, 0.25), 0.15, None, ["either way: 40% positive, 35% neutral, 25% negative"]),
        ((0.65, 0.10, 0.25), 0.40, None, ["either way"]),
        ((0.45, 0.45, 0.10), 0.35, None, ["sure of no direction"]),
        ((0.50, 0.40, 0.10), 0.40, None, []),
        ((0.55, 0.35, 0.10), 0.45, -0.10, ["median is −0.10, ours +0.45"]),
        ((0.40, 0.50, 0.10), 0.30, -0.04, []),  # apart by less than .35
        ((0.10, 0.50, 0.40), -0.30, 0.05, ["median is +0.05, ours −0.30"]),
        ((0.55, 0.35, 0.10), 0.45, 0.0, []),  # zero is on neither side
        ((0.40, 0.30, 0.30), 0.10, -0.60, ["either way", "other way round"]),
        ((None, None, None), None, -0.60, []),
    ],
)
def test_reasons(
    probabilities: tuple[float | None, float | None, float | None],
    score: float | None,
    median: float | None,
    expected: list[str],
) -> None:
    found = disputed(probabilities, score, median)
    assert len(found) == len(expected)
    assert all(words in sentence for words, sentence in zip(expected, found, strict=True))
