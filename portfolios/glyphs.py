"""Small pictures in rows and rails, as SVG: plain functions, since a table draws hundreds of them.

Geometry is in SVG attributes and colour in classes, so the strict content policy holds and one drawing fits every theme.
"""

from itertools import pairwise
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portfolios import formats

NEUTRAL_BELOW = 0.15
PIPS = 5
BANDS = (-1.0, -0.65, -0.35, -0.15, 0.15, 0.35, 0.65, 1.0)
EFFECTS = {
    "up": ("pos", "M4 1 7.5 7h-7z", "works for the position"),
    "down": ("neg", "M4 7 7.5 1h-7z", "works against the position"),
    "flat": ("neu", "M1 3h6v2H1z", "neutral for the position"),
    "unmeasured": ("neu", "M3 3h2v2H3z", "not measured for the position"),
}


def tone(score: float | None) -> str:
    """The direction a score is shown in: pos, neg, or neu inside ±.15 and for what was not measured."""
    if score is None or abs(score) < NEUTRAL_BELOW:
        return "neu"
    return "pos" if score > 0 else "neg"


def logo() -> SafeString:
    line = 'fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"'
    path = f'<path d="M3 15.5 8 4.5l4 8 2.2-4.3L17 15.5" {line}/>'
    return _safe(f'<svg class="c-logo" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">{path}</svg>')


def lollipop(score: float | None, width: int = 60) -> SafeString:
    """A track with zero in its middle and a bar from there to the score (−1…1). An empty track for None."""
    middle = width / 2
    bar = ""
    if score is not None:
        reach = min(1.0, abs(score)) * middle
        bar = _rect(tone(score), middle - reach if score < 0 else middle, 3, reach, 6, radius=1.5)
    axis = f'<path class="g-axis" d="M{middle:.1f} 0V12"/>'
    return _svg(width, 12, _rect("track", 0, 3, width, 6, radius=1.5) + bar + axis)


def score(value: float | None, word: str, width: int = 60) -> SafeString:
    """The lollipop, its number in the colour of its direction, and the word for those who see neither."""
    return format_html(
        '<span class="c-score" title="Sentiment {}: {}">{}<b class="u-num u-{}">{}</b><span class="u-hidden"> {}</span></span>',
        formats.signed(value),
        word,
        lollipop(value, width),
        tone(value),
        formats.signed(value),
        word,
    )


def pips(impact: float | None, width: int = 60) -> SafeString:
    """Five segments: as many are filled as the impact's word has rank, minimal 1 to extreme 5; none when it was not measured.

    Never coloured: impact has no direction.
    """
    filled = 0 if impact is None else min(PIPS, int(impact * PIPS + 1e-9) + 1)
    step = width / PIPS
    boxes = [_rect("ink" if at < filled else "track", at * step, 0, step - 2, 6) for at in range(PIPS)]
    return _svg(width, 6, "".join(boxes))


def impact(value: float | None, word: str, width: int = 60) -> SafeString:
    """The pips and their number."""
    return format_html(
        '<span class="c-impact" title="Market impact {}: {}">{}<span class="u-num">{}</span>'
        '<span class="u-hidden"> market impact, {}</span></span>',
        formats.number(value),
        word,
        pips(value, width),
        formats.number(value),
        word,
    )


class SoFar(NamedTuple):
    """The readings of one company in one story: lowest and highest score, and the quick one where that is not the one shown."""

    low: float
    high: float
    quick: float | None


def gauge(score: float | None, word: str, so_far: SoFar | None = None) -> SafeString:
    """The seven bands of the sentiment scale with a marker on the score; a scale without one when it was not measured.

    With other readings so far, a translucent bar from the lowest to the highest, and a triangle at the quick one.
    """
    quick = None if score is None or so_far is None else so_far.quick
    height = 46 if quick is None else 60
    label = (
        '<svg class="c-gauge" viewBox="0 0 340 {}" role="img" aria-label="{}">{}<path class="g-axis" d="M170 7V25"/>{}'
        '<text class="g-text" x="10" y="{}">−1 negative</text><text class="g-text" x="170" y="{}" text-anchor="middle">0</text>'
        '<text class="g-text" x="330" y="{}" text-anchor="end">positive +1</text></svg>'
    )
    bands = "".join(_band(left, right) for left, right in pairwise(BANDS))
    text_at = height - 4
    return format_html(
        label, height, gauge_sentence(score, word, so_far), _safe(bands), _markers(score, so_far), text_at, text_at, text_at
    )


def gauge_sentence(score: float | None, word: str, so_far: SoFar | None = None) -> str:
    """What the gauge shows, for those who do not see it."""
    if score is None:
        return "Sentiment was not measured."
    said = f"Sentiment {formats.signed(score)}, {word}."
    if so_far is None:
        return said
    if so_far.low < so_far.high:
        said += f" Readings so far range from {formats.signed(so_far.low)} to {formats.signed(so_far.high)}."
    return said if so_far.quick is None else f"{said} The quick reading was {formats.signed(so_far.quick)}."


def _markers(score: float | None, so_far: SoFar | None) -> SafeString:
    if score is None:
        return _safe("")
    marker = _circle(tone(score), score, 7) + _circle("core", score, 2.5)
    if so_far is None:
        return _safe(marker)
    left, right = _at(so_far.low), _at(so_far.high)
    return _safe(_rect(f"range-{tone(score)}", left, 14, right - left, 4, radius=2) + marker + _quick(so_far.quick))


def _quick(score: float | None) -> str:
    """A triangle under the scale, its words to the side where there is room."""
    if score is None:
        return ""
    at = _at(score)
    x, anchor = (at - 8, "end") if at > 130 else (at + 8, "start")
    words = f'<text class="g-text" x="{x:.1f}" y="35" text-anchor="{anchor}">Quick reading {formats.signed(score)}</text>'
    return f'<path class="g-neu" d="M{at:.1f} 26l4 6h-8z"/>{words}'


def weight_bar(weight: float | None, full: float = 0.15, width: int = 48) -> SafeString:
    """A bar of |weight|, whole at `full` (a share of NAV); a short is drawn from the right, in the colour of loss."""
    length = 0.0 if weight is None else min(1.0, abs(weight) / full) * width
    short = weight is not None and weight < 0
    bar = _rect("neg" if short else "ink", width - length if short else 0, 0, length, 8)
    return _svg(width, 8, _rect("track", 0, 0, width, 8) + bar)


def effect(direction: str) -> SafeString:
    """What the news does to the position (`up`, `down`, `flat`): a triangle or a dash, and words for those who do not see it."""
    return _safe(triangle(direction) + f'<span class="u-hidden">{EFFECTS[direction][2]}: </span>')


def triangle(direction: str) -> SafeString:
    """The effect's mark alone, for where the words stand beside it."""
    colour, path, _ = EFFECTS[direction]
    return _svg(8, 8, f'<path class="g-{colour}" d="{path}"/>')


def change(share: float | None) -> SafeString:
    """A change of price, a share of what it was, as a signed percentage in the colour of its direction."""
    colour = "neu" if not share else "pos" if share > 0 else "neg"
    return format_html('<span class="u-num u-{}">{}</span>', colour, formats.signed_percent(share))


def ticker(code: str, venue: str) -> SafeString:
    """The ticker with its venue beside it."""
    place = format_html(" <small>{}</small>", venue) if venue else ""
    return format_html('<span class="c-ticker">{}{}</span>', code, place)


def _safe(drawing: str) -> SafeString:
    return mark_safe(drawing)  # noqa: S308 - our own paths and numbers; words come in through format_html


def _svg(width: int, height: int, drawing: str) -> SafeString:
    return _safe(f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">{drawing}</svg>')


def _rect(colour: str, x: float, y: float, width: float, height: float, *, radius: float = 1) -> str:
    return f'<rect class="g-{colour}" x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}" rx="{radius:g}"/>'


def _circle(colour: str, score: float, radius: float) -> str:
    return f'<circle class="g-{colour}" cx="{_at(score):.1f}" cy="16" r="{radius:g}"/>'


def _at(score: float) -> float:
    return 170 + max(-1.0, min(1.0, score)) * 160


def _band(left: float, right: float) -> str:
    return _rect(f"band-{tone((left + right) / 2)}", _at(left) + 0.8, 10, _at(right) - _at(left) - 1.6, 12, radius=2)
