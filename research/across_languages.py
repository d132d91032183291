"""Do texts in two languages tell of the same event? Their words cannot say so; their companies, figures and times can. Pure.

A figure is compared by what it is worth, however it is written: 61億, 6,1 Mrd. and $6.1 billion are one.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from research.new_facts import telling_numbers
from research.notation import EAST_ASIAN, in_english_notation

ROUNDED: Final = Decimal("0.01")  # 896 billion is 895.7 billion
LARGE: Final = Decimal(1_000_000)
LEAST_SAID = 2  # digits, but the noughts at the end: 10 % is said of anything

_COMPOUND = re.compile(r"(?<![\d.,])([\d,]+)(兆|[億亿]|조|억)([\d,]+)([億亿]|[千百]?[萬万]|억|만)")
_POWERS = {"兆": 12, "조": 12, "億": 8, "亿": 8, "억": 8, "千萬": 7, "千万": 7, "百萬": 6, "百万": 6, "萬": 4, "万": 4, "만": 4}


def figures(text: str, language: str, names: Sequence[tuple[int, int]] = ()) -> frozenset[str]:
    """What the text's numbers are worth, each as “value unit”; without dates, numbers in `names` and those that say little."""
    if language in EAST_ASIAN and _COMPOUND.search(text):
        text, names = _COMPOUND.sub(_sum, text), ()  # which moves the names
    told = (reading for number in telling_numbers(in_english_notation(text, language), names) for reading in number.readings[-1:])
    return frozenset(f"{each.value:f} {each.unit}" for each in told if _said(each.value, each.unit) >= 1)


def share_figures(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether the figures of two texts are those of one event: half of those of the shorter, and they are no round few."""
    ours, theirs = [_parted(each) for each in one], [_parted(each) for each in other]
    shared = [value for value in ours if any(_are_alike(value, each) for each in theirs)]
    if not shared or 2 * len(shared) < min(len(ours), len(theirs)):
        return False
    return sum(_said(value, unit) for value, unit in shared) >= LEAST_SAID


def _sum(found: re.Match[str]) -> str:
    """1兆2,000億 is one number."""
    parts = [Decimal(found[n].replace(",", "") or 0).scaleb(_POWERS[found[n + 1]]) for n in (1, 3)]
    return f"{sum(parts):f}"


def _parted(figure: str) -> tuple[Decimal, str]:
    value, _, unit = figure.partition(" ")
    return Decimal(value), unit


def _are_alike(one: tuple[Decimal, str], other: tuple[Decimal, str]) -> bool:
    return one[1] == other[1] and abs(one[0] - other[0]) <= ROUNDED * max(one[0], other[0])


def _said(value: Decimal, unit: str) -> int:
    """How much it says that two texts share it: its digits but the noughts at the end, and one more for a large amount."""
    digits = len(value.normalize().as_tuple().digits)
    if not unit and value < 100:
        return 0  # a count of a few: chance alone
    return digits + (value >= LARGE)
