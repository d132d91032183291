"""Line charts: round levels, no text that stretches, and words for those who do not see them."""

import re

import pytest

from portfolios.charts import NARROW, WIDE, line_chart, ticks


@pytest.mark.parametrize(
    ("low", "high", "levels"),
    [
        (-0.6, 2.1, [-1, 0, 1, 2, 3]),
        (0.2, 0.9, [0, 0.25, 0.5, 0.75, 1]),
        (-12, -3, [-15, -10, -5, 0]),
        (0, 0, [-1, -0.5, 0, 0.5, 1]),
        (-0.01, 0.02, [-0.01, 0, 0.01, 0.02]),
    ],
)
def test_levels_are_round_and_hold_all_values_and_zero(low: float, high: float, levels: list[float]) -> None:
    found = ticks(low, high)
    assert found == levels
    assert found[0] <= low <= high <= found[-1]
    assert 0 in found


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_a_chart_keeps_within_its_box_and_says_what_it_shows(size: object) -> None:
    values, labels = [-1.0, 0.0, 0.5, 1.9], ["18 Nov", "19 Nov", "20 Nov", "21 Nov"]
    svg = line_chart(values, labels, 'A "quoted" <sentence>', size=size, flag=1.5)  # type: ignore[arg-type]
    assert "&quot;quoted&quot; &lt;sentence&gt;" in svg
    assert "style=" not in svg
    line = re.search(r'class="g-line" d="M([^"]+)"', svg)
    assert line
    points = [tuple(map(float, point.split())) for point in line[1].split("L")]
    assert len(points) == 4
    assert all(0 <= x <= size.width and 0 <= y <= size.height for x, y in points)  # type: ignore[attr-defined]
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert "18 Nov" in svg
    assert "21 Nov" in svg
    assert svg.count('class="g-axis"') == 1


def test_one_close_is_a_chart_too() -> None:
    assert "g-dot" in line_chart([0.0], ["18 Nov"], "One close.", size=NARROW, flag=0.5)
