"""Bar charts as SVG, drawn as `charts` draws lines: geometry in attributes, colour in classes, two sizes for the style sheet."""

from collections.abc import Callable, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portfolios.charts import LABEL_WIDTH, Size, ticks

LEFT, RIGHT, TOP, BOTTOM = 4, 56, 10, 24
LEAST = 1.5  # of a bar that stands for something, in pixels


def bar_chart(
    values: Sequence[float | None], labels: Sequence[str], sentence: str, *, size: Size, said: Callable[[float], str]
) -> SafeString:
    """A bar for each value from zero up; none for null. `labels` are the bars' own, `said` writes a level of the axis."""
    levels = [level for level in ticks(0.0, max((value or 0.0 for value in values), default=0.0)) if level >= 0]
    top, bottom, right = levels[-1], size.height - BOTTOM, size.width - RIGHT
    step = (right - LEFT) / max(len(values), 1)
    body = [_level(bottom - (bottom - TOP) * level / top, right, said(level), is_zero=level == 0) for level in levels]
    for place, value in enumerate(values):
        if value:
            height = max(LEAST, (bottom - TOP) * value / top)
            body.append(
                f'<rect class="g-ink" x="{LEFT + place * step + step * 0.15:.1f}" y="{bottom - height:.1f}"'
                f' width="{step * 0.7:.1f}" height="{height:.1f}"/>'
            )
    body += [_label(LEFT + (place + 0.5) * step, size, labels[place]) for place in _labelled(len(values), step)]
    return format_html(
        '<svg class="c-chart__svg c-chart__svg--{}" width="{}" height="{}" viewBox="0 0 {} {}" role="img" '
        'aria-label="{}">{}</svg>',
        size.name,
        size.width,
        size.height,
        size.width,
        size.height,
        sentence,
        mark_safe("".join(body)),  # noqa: S308 - our own shapes and numbers; words are escaped as they come in
    )


def share_bar(share: float, width: int = 120) -> SafeString:
    """How much of something is used up: a track that fills from the left, full from 1 on."""
    fill = max(0.0, min(1.0, share)) * width
    return format_html(
        '<svg width="{}" height="6" viewBox="0 0 {} 6" aria-hidden="true">'
        '<rect class="g-track" width="{}" height="6" rx="1.5"/><rect class="{}" width="{}" height="6" rx="1.5"/></svg>',
        width,
        width,
        width,
        "g-ink",
        f"{fill:.1f}",
    )


def _level(y: float, right: float, said: str, *, is_zero: bool) -> str:
    colour = "axis" if is_zero else "grid"
    text = format_html('<text class="g-text" x="{}" y="{}">{}</text>', f"{right + 6}", f"{y + 4:.1f}", said)
    return f'<path class="g-{colour}" d="M{LEFT} {y:.1f}H{right}"/>{text}'


def _label(x: float, size: Size, label: str) -> str:
    text = '<text class="g-text" x="{}" y="{}" text-anchor="middle">{}</text>'
    return str(format_html(text, f"{max(x, 18):.1f}", size.height - 6, label))


def _labelled(count: int, step: float) -> list[int]:
    """Bars that get a label: every so many from the first on, no nearer than a label is wide."""
    if not count:
        return []
    every = max(1, round(LABEL_WIDTH / step + 0.5))
    return list(range(0, count, every))
