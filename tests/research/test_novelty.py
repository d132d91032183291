"""How new an article is, how much is written, what is copied, and who tells it independently."""

from datetime import UTC, datetime, timedelta

import pytest

from research.novelty import (
    NOVELTY,
    WINDOWS,
    Told,
    copies,
    corroboration,
    counts,
    gap_days,
    lead_time,
    novelties,
    press_median,
    saturation,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def moments(*hours: float) -> list[datetime]:
    return [START + timedelta(hours=each) for each in hours]


def told(*rows: tuple[float, str, bool, float | None]) -> list[Told]:
    return [Told(START + timedelta(hours=at), outlet, is_copy, sentiment) for at, outlet, is_copy, sentiment in rows]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], []),
        ([0], [100]),
        ([0, 0, 1], [100, 75, 56]),
        ([0, 24], [100, 75]),  # not more than 24 h
        ([0, 24.001], [100, 100]),
        ([0, 20, 40, 60], [100, 75, 56, 42]),  # each within 24 h of the one before
        ([0, 1, 30, 31, 32], [100, 75, 100, 75, 56]),
        (list(range(22)), [*NOVELTY, 0, 0]),
    ],
)
def test_novelties(hours: list[float], expected: list[int]) -> None:
    assert novelties(moments(*hours)) == expected


@pytest.mark.parametrize(("hours", "expected"), [([], []), ([5], [None]), ([0, 0, 12, 60], [None, 0.0, 0.5, 2.0])])
def test_gap_days(hours: list[float], expected: list[float | None]) -> None:
    assert gap_days(moments(*hours)) == expected


@pytest.mark.parametrize(
    ("hours_ago", "expected"),
    [
        ([], (0, 0, 0, 0, 0)),
        ([0], (1, 1, 1, 1, 1)),
        ([12], (0, 1, 1, 1, 1)),  # the far end of a window is outside
        ([11.999, 23.999, 71.999, 119.999, 167.999, 168], (1, 2, 3, 4, 5)),
        ([30, 1, 13], (1, 2, 3, 3, 3)),
        ([-0.001, -200], (0, 0, 0, 0, 0)),  # not yet told
        ([-1, 1], (1, 1, 1, 1, 1)),
    ],
)
def test_counts(hours_ago: list[float], expected: tuple[int, ...]) -> None:
    assert counts(moments(*(-each for each in hours_ago)), START) == expected
    assert len(expected) == len(WINDOWS)


@pytest.mark.parametrize(
    ("linked", "volume", "expected"),
    [
        ((1, 3, 9, 9, 9), (2, 12, 40, 40, 40), 0.25),
        ((0, 0, 5, 5, 5), (1, 4, 9, 9, 9), 0.0),
        ((0, 0, 5, 5, 5), (0, 0, 9, 9, 9), None),
        ((2, 2, 2, 2, 2), (2, 2, 2, 2, 2), 1.0),
        ((2, 3, 3, 3, 3), (2, 2, 2, 2, 2), 1.0),  # one of the story's articles does not name the issuer
    ],
)
def test_saturation(linked: tuple[int, ...], volume: tuple[int, ...], expected: float | None) -> None:
    assert saturation(linked, volume) == expected


WIRE = (
    "Halden Robotics said on Tuesday it would buy the warehouse unit of Morrow Freight for 310 million euros in cash, its "
    "largest purchase so far. The unit runs nineteen depots in the Baltic states. Closing is expected by autumn."
)
OWN = (
    "For years investors asked when Halden Robotics would spend the money it had put aside. Now there is an answer: the "
    "warehouses of Morrow Freight. The price looks full to us, and the depots will need a second round of spending."
)
CHINESE = "哈爾登機器人公司週二表示將以三億一千萬歐元現金收購莫羅貨運公司的倉儲部門"


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], []),
        ([("Halden buys depots", WIRE)], [None]),
        ([("Halden buys depots", WIRE), ("What Halden pays", OWN)], [None, None]),
        ([("Halden buys depots", WIRE), ("HALDEN  buys “depots”!", OWN)], [None, 0]),  # the same title
        ([("Halden buys depots", WIRE), ("Robots for the Baltic", WIRE)], [None, 0]),  # the same text
        ([("Halden buys depots", WIRE), ("Robots", f"(Wire) — {WIRE} Reporting by our staff.")], [None, 0]),
        ([("Halden buys depots", WIRE), ("Robots", WIRE.partition(" Closing")[0])], [None, 0]),  # shortened
        ([("Halden buys depots", WIRE), ("Robots", f"{WIRE} {OWN}")], [None, 0]),  # with more around it
        ([("Halden buys depots", WIRE), ("Robots", f"{WIRE[:110]} {OWN}")], [None, None]),  # one sentence of it
        ([("Robots", OWN), ("Halden buys depots", WIRE), ("Depots", WIRE), ("Baltic", WIRE)], [None, None, 1, 1]),
        ([("A", "Halden buys the depots"), ("B", "Halden buys the depots")], [None, None]),  # too short to tell
        ([("Halden up", ""), ("halden up", "")], [None, 0]),
        ([("", "Halden up"), ("", "Halden up"), ("", "")], [None, None, None]),
        (
            [("Shares of a maker of robots rise on the news", "One two three four five six seven eight"),
             ("Depots", "one two, three four five six seven EIGHT")],
            [None, 0],
        ),
        ([("收購", CHINESE), ("併購", CHINESE + "。")], [None, 0]),
        ([("收購", CHINESE), ("併購", "分析師認為這個價格偏高而且倉庫還需要第二輪投資")], [None, None]),
    ],
)  # fmt: skip
def test_copies(documents: list[tuple[str, str]], expected: list[int | None]) -> None:
    assert copies(documents) == expected


@pytest.mark.parametrize(("shared", "expected"), [(12, 0), (11, None)])
def test_copies_from_four_fifths_on(shared: int, expected: int | None) -> None:
    """14 words have 10 shingles; of the first 12 words 8 are shared, of the first 11 only 7."""
    first = [f"a{i}" for i in range(14)]
    second = [*first[:shared], *(f"b{i}" for i in range(14 - shared))]
    assert copies([("", " ".join(first)), ("", " ".join(second))]) == [None, expected]


@pytest.mark.parametrize(
    ("articles", "independent", "lead", "median"),
    [
        ([], 0, None, None),
        ([(0, "Wire", False, 0.4)], 1, None, 0.4),
        ([(0, "Wire", False, None)], 1, None, None),
        ([(0, "Wire", False, 0.4), (1, "WIRE", False, 0.2)], 1, None, 0.3),  # one outlet twice
        ([(0, "Wire", False, 0.4), (1, "Daily", True, 0.4)], 1, None, 0.4),  # a copy says nothing
        ([(0, "Wire", False, 0.4), (1, "Daily", True, 0.4), (5, "Daily", False, -0.2)], 2, 5, 0.1),
        ([(0, "Wire", False, 0.4), (2, "Post", False, None), (3, "Daily", False, 0.2)], 3, 2, 0.3),
        (
            [(0, "Wire", False, 0.9), (1, "Wire", False, 0.9), (2, "Wire", False, 0.9), (3, "Daily", False, -0.1),
             (4, "Post", False, 0.1)],
            3, 3, 0.1,  # by outlet: nine tenths three times are one voice
        ),
        ([(0, "Wire", False, 0.0), (1, "Daily", False, None)], 2, 1, 0.0),
    ],
)  # fmt: skip
def test_who_tells_it(
    articles: list[tuple[float, str, bool, float | None]], independent: int, lead: float | None, median: float | None
) -> None:
    story = told(*articles)
    assert corroboration(story) == independent
    assert lead_time(story) == (None if lead is None else timedelta(hours=lead))
    assert press_median(story) == (None if median is None else pytest.approx(median))
