"""The drawings: where a bar starts and ends, which colour it has, and that null is no zero."""

import re
from xml.etree import ElementTree as ET

import pytest

from portfolios import glyphs, icons
from research.scoring import impact_word, sentiment_label


def rects(drawing: str) -> list[tuple[str, float, float]]:
    """Colour, left edge and width of each rectangle."""
    return [
        (rect.attrib["class"], float(rect.attrib["x"]), float(rect.attrib["width"]))
        for rect in ET.fromstring(drawing).iter()
        if rect.tag == "rect"
    ]


@pytest.mark.parametrize(
    ("score", "bar"),
    [
        (0.45, ("g-pos", 30.0, 13.5)),
        (-0.52, ("g-neg", 14.4, 15.6)),
        (0.14, ("g-neu", 30.0, 4.2)),
        (-1.0, ("g-neg", 0.0, 30.0)),
        (1.0, ("g-pos", 30.0, 30.0)),
        (0.0, ("g-neu", 30.0, 0.0)),
    ],
)
def test_a_lollipop_reaches_from_zero_to_the_score(score: float, bar: tuple[str, float, float]) -> None:
    assert rects(glyphs.lollipop(score)) == [("g-track", 0.0, 60.0), bar]


def test_what_was_not_measured_is_an_empty_track_and_no_number() -> None:
    assert rects(glyphs.lollipop(None)) == [("g-track", 0.0, 60.0)]
    assert "n/a" in glyphs.score(None, "not measured")
    assert "circle" not in glyphs.gauge(None, "not measured")
    assert "not measured" in glyphs.gauge(None, "not measured")


@pytest.mark.parametrize(
    ("impact", "filled"), [(None, 0), (0.0, 1), (0.19, 1), (0.2, 2), (0.35, 2), (0.4, 3), (0.6, 4), (0.79, 4), (0.8, 5), (1.0, 5)]
)
def test_as_many_pips_as_the_word_has_rank(impact: float | None, filled: int) -> None:
    drawn = rects(glyphs.pips(impact))
    assert len(drawn) == glyphs.PIPS
    assert [colour for colour, _, _ in drawn].count("g-ink") == filled
    ranks = ["not measured", "minimal", "modest", "material", "major", "extreme"]
    assert ranks[filled] == impact_word(impact)


@pytest.mark.parametrize("score", [step / 100 for step in range(-100, 101)])
def test_the_colour_says_what_the_word_says(score: float) -> None:
    word = sentiment_label(score)
    assert glyphs.tone(score) == ("neu" if word == "neutral" else "pos" if word.endswith("positive") else "neg")


def test_the_gauge_puts_its_marker_on_the_scale_and_says_so() -> None:
    drawing = glyphs.gauge(0.45, "moderately positive")
    marker, core = re.findall(r'<circle class="(g-\w+)" cx="([\d.]+)"', drawing)
    assert marker == ("g-pos", "242.0")
    assert core == ("g-core", "242.0")
    assert 'aria-label="Sentiment +0.45, moderately positive."' in drawing
    assert [colour for colour, _, _ in rects(drawing)] == ["g-band-neg"] * 3 + ["g-band-neu"] + ["g-band-pos"] * 3


@pytest.mark.parametrize(
    ("weight", "bar"),
    [(0.075, ("g-ink", 0.0, 24.0)), (-0.075, ("g-neg", 24.0, 24.0)), (0.4, ("g-ink", 0.0, 48.0)), (None, ("g-ink", 0.0, 0.0))],
)
def test_a_weight_bar(weight: float | None, bar: tuple[str, float, float]) -> None:
    assert rects(glyphs.weight_bar(weight))[1] == bar


@pytest.mark.parametrize("direction", ["up", "down", "flat"])
def test_an_effect_is_said_as_well_as_drawn(direction: str) -> None:
    assert "for the position" in glyphs.effect(direction).replace("against", "for")


def test_names_cannot_bring_markup() -> None:
    assert "<script>" not in glyphs.ticker("<script>", "<b>")
    assert glyphs.ticker("OpenAI", "") == '<span class="c-ticker">OpenAI</span>'


@pytest.mark.parametrize("name", icons.LUCIDE)
def test_icons_are_well_formed_and_hidden_from_readers(name: str) -> None:
    drawing = ET.fromstring(icons.icon(name))
    assert drawing.attrib["aria-hidden"] == "true"
    assert "style" not in icons.icon(name)
