"""Line charts as SVG. Geometry is in attributes and colour in classes, as in `glyphs`.

Text must not stretch with its box, so a chart is drawn in two sizes, and the style sheet shows the one that fits.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portfolios import formats

LEFT, RIGHT, TOP, BOTTOM = 8, 46, 26, 24
FLAG = 16
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LABEL_WIDTH = 62  # of a date, with air


class Size(NamedTuple):
    name: str
    width: int
    height: int


NARROW = Size("narrow", 344, 168)
WIDE = Size("wide", 660, 208)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values at even steps from below `low` to above `high`, at most `most` of them inside or at the ends, zero among them.

    Steps are 1, 2, 2.5 or 5 times a power of ten.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = -1.0, 1.0
    scale = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (scale * factor for factor in (*STEPS, *(10 * each for each in STEPS))):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first + 1 <= most:
            break
    return [round(step * number, 10) for number in range(first, last + 1)]


def line_chart(
    values: Sequence[float], labels: Sequence[str], sentence: str, *, size: Size, flag: float, letter: str = "A"
) -> SafeString:
    """One series in percent at even steps, with a zero line and a lettered flag at the place `flag` (2.5: after the third point).

    `labels` are the points' own; as many are written as there is room for, the first and the last always. `sentence` is said to
    those who do not see the chart; `data-levels` tells a script where the lines are.
    """
    levels = ticks(min(values), max(values))
    drawing = _Drawing(size, len(values), flag, levels[0], levels[-1])
    places = _decimals(levels)
    body = [
        *(drawing.level(level, places) for level in levels),
        *(drawing.day(place, labels[place]) for place in _labelled(len(values), drawing.step)),
        drawing.line(values),
        drawing.flag(letter),
    ]
    return format_html(
        '<svg class="c-chart__svg {}" data-levels="{}" width="{}" height="{}" viewBox="0 0 {} {}" role="img" '
        'aria-label="{}">{}</svg>',
        f"c-chart__svg--{size.name}",
        " ".join(f"{level:g}" for level in levels),
        size.width,
        size.height,
        size.width,
        size.height,
        sentence,
        mark_safe("".join(body)),  # noqa: S308 - our own paths and numbers; words are escaped as they come in
    )


class _Drawing:
    """Where a place in the series and a level on the axis stand in the picture."""

    def __init__(self, size: Size, count: int, flag: float, low: float, high: float) -> None:
        self.size, self.low, self.high = size, low, high
        self.last = max(count - 1, flag, 1.0)  # the flag may stand after the last point
        self.step = (size.width - LEFT - RIGHT) / self.last
        self.flag_at = self.x(flag)

    def x(self, place: float) -> float:
        return LEFT + place * self.step

    def y(self, level: float) -> float:
        height = self.size.height - TOP - BOTTOM
        return TOP + height * (self.high - level) / (self.high - self.low)

    def level(self, level: float, places: int) -> str:
        y, right = self.y(level), self.size.width - RIGHT
        colour = "axis" if level == 0 else "grid"
        said = f"{formats.signed(level, places)}%"
        text = f'<text class="g-text" x="{right + 6}" y="{y + 4:.1f}">{said}</text>'
        return f'<path class="g-{colour}" d="M{LEFT} {y:.1f}H{right}"/>{text}'

    def day(self, place: int, label: str) -> str:
        x = self.x(place)
        anchor = "start" if place == 0 else "middle" if x < self.size.width - RIGHT - LABEL_WIDTH / 2 else "end"
        text = format_html(
            '<text class="g-text" x="{}" y="{}" text-anchor="{}">{}</text>', f"{x:.1f}", self.size.height - 6, anchor, label
        )
        return str(text)

    def line(self, values: Sequence[float]) -> str:
        points = [f"{self.x(place):.1f} {self.y(value):.1f}" for place, value in enumerate(values)]
        end = points[-1].split()
        return f'<path class="g-line" d="M{"L".join(points)}"/><circle class="g-dot" cx="{end[0]}" cy="{end[1]}" r="2.5"/>'

    def flag(self, letter: str) -> str:
        x, left = self.flag_at, min(max(self.flag_at - FLAG / 2, 0), self.size.width - FLAG)
        mast = f'<path class="g-mast" d="M{x:.1f} {FLAG + 4}V{self.size.height - BOTTOM}"/>'
        cloth = f'<rect class="g-flag" x="{left:.1f}" y="4" width="{FLAG}" height="{FLAG}" rx="3"/>'
        return f'{mast}{cloth}<text class="g-letter" x="{left + FLAG / 2:.1f}" y="16" text-anchor="middle">{letter}</text>'


def _labelled(count: int, step: float) -> list[int]:
    """Places that get a date: evenly spread from the first to the last, no nearer than a date is wide."""
    if count == 1:
        return [0]
    gaps = max(1, min(4, int((count - 1) * step / LABEL_WIDTH)))
    return sorted({round(gap * (count - 1) / gaps) for gap in range(gaps + 1)})


def _decimals(levels: Sequence[float]) -> int:
    """As few as tell the levels apart."""
    return next((places for places in range(3) if all(math.isclose(level, round(level, places)) for level in levels)), 3)
