"""Scores and their words, at every cut point of the product's table."""

import pytest

from research.scoring import impact_word, normalise, sentiment_label, sentiment_score


@pytest.mark.parametrize(
    ("p_positive", "p_negative", "expected"),
    [(0.55, 0.1, 0.45), (0.1, 0.55, -0.45), (1, 0, 1), (0, 1, -1), (0.3, 0.3, 0), (None, 0.2, None), (0.2, None, None)],
)
def test_sentiment_score(p_positive: float | None, p_negative: float | None, expected: float | None) -> None:
    assert sentiment_score(p_positive, p_negative) == expected


@pytest.mark.parametrize(("p_positive", "p_negative"), [(1.01, 0), (0, -0.01), (float("nan"), 0), (0, float("inf"))])
def test_sentiment_score_out_of_range(p_positive: float, p_negative: float) -> None:
    with pytest.raises(ValueError, match="not within"):
        sentiment_score(p_positive, p_negative)


@pytest.mark.parametrize(
    ("score", "label"),
    [
        (1, "strongly positive"), (0.65, "strongly positive"), (0.6499, "moderately positive"), (0.45, "moderately positive"),
        (0.35, "moderately positive"), (0.3499, "mildly positive"), (0.15, "mildly positive"), (0.1499, "neutral"),
        (0, "neutral"), (-0.1499, "neutral"), (-0.15, "mildly negative"), (-0.3499, "mildly negative"),
        (-0.35, "moderately negative"), (-0.6499, "moderately negative"), (-0.65, "strongly negative"),
        (-1, "strongly negative"), (0.25 - 0.1, "mildly positive"), (0.1 - 0.25, "mildly negative"), (None, "not measured"),
    ],
)  # fmt: skip
def test_sentiment_label(score: float | None, label: str) -> None:
    assert sentiment_label(score) == label


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (0, "minimal"), (0.1999, "minimal"), (0.2, "modest"), (0.35, "modest"), (0.4, "material"), (0.5999, "material"),
        (0.6, "major"), (0.7999, "major"), (0.8, "extreme"), (1, "extreme"), (0.3 - 0.1, "modest"), (None, "not measured"),
    ],
)  # fmt: skip
def test_impact_word(score: float | None, word: str) -> None:
    assert impact_word(score) == word


@pytest.mark.parametrize("score", [1.0001, -1.0001, float("nan")])
def test_labels_refuse_what_cannot_be(score: float) -> None:
    with pytest.raises(ValueError, match="not within"):
        sentiment_label(score)
    with pytest.raises(ValueError, match="not within"):
        impact_word(score)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((0.55, 0.35, 0.1), (0.55, 0.35, 0.1)),
        ((0.56, 0.35, 0.11), (0.549, 0.3432, 0.1078)),
        ((0.5, 0.3, 0.18), (0.5102, 0.3061, 0.1837)),
        ((1, 0, 0), (1, 0, 0)),
        ((0, 0, 1), (0, 0, 1)),
    ],
)
def test_normalise(said: tuple[float, float, float], expected: tuple[float, float, float]) -> None:
    assert normalise(*said) == expected
    assert sum(normalise(*said)) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("said", [(0.5, 0.5, 0.03), (0.5, 0.4, 0.07), (1.2, -0.2, 0), (float("nan"), 0.5, 0.5), (0, 0, 0)])
def test_normalise_refuses(said: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"sum|within"):
        normalise(*said)
