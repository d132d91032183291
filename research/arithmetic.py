"""Figures that a text does not have but bears out: a change in percent, a sum, a difference, a rounding. Pure.

Only what the prose calls one ("up", "together",
"about") is looked for, and only between two figures of one unit and currency that the
reader has before him: both stand in that prose, or alone in one sentence of the text.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from typing import NamedTuple

from research.folding import fold
from research.numbers import Amount, Number, all_numbers
from research.sentences import sentence_bounds

_CHANGE = re.compile(
    r"\b(?:up|down|rise|rises|rose|risen|rising|fall|falls|fell|fallen|falling|drop\w*|gain\w*|increas\w*|decreas\w*|grew|grow\w*|more|less|fewer|"
    r"higher|lower|jump\w*|declin\w*|cut\w*|los[st]\w*|slump\w*|expan\w*|shr[iau]nk\w*|climb\w*|reduc\w*|above|below|over|under|short|beat\w*|miss\w*|"
    r"differ\w*|gap|add\w*|extra|change\w*|widen\w*|narrow\w*|upside|downside|discount|premium|surg\w*|advanc\w*|slid\w*|than)\b",
    re.I,
)
_SUM = re.compile(r"\b(?:together|combin\w*|total\w*|sum\w*|altogether|in all|both|plus|aggregate\w*|jointly|overall)\b", re.I)
_SHARE = re.compile(r"\b(?:of|share|part|proportion|portion|account\w*|represent\w*|equal\w*|margin)\b", re.I)
_TIMES = re.compile(r"\b(?:times|fold|multiple)\b|\dx\b", re.I)
_ABOUT = re.compile(
    r"\b(?:about|around|some|roughly|nearly|almost|approximately|over|more than|under|less than|close to|up to"
    r"|as much as|just over|just under|"
    r"at least|circa|c\.|ca\.|near)\s*$|~\s*$",
    re.I,
)
_MOST_IN_A_SENTENCE = 4
_CLOSE = Decimal(20)
_ROUNDED = Decimal("0.06")
_HALF = Decimal("0.5")


class Derived(NamedTuple):
    """A figure at prose[start:end] that follows from two of the texts, and how."""

    start: int
    end: int
    how: str


def derived(prose: str, number: Number, texts: Sequence[str], around: Sequence[str] = ()) -> Derived | None:
    """How the number at its place in the prose follows from the texts, if it does. `around`: the reply's other sections."""
    bounds = sentence_bounds(prose)
    since = max(bound for bound in bounds if bound <= number.start)
    until = min(bound for bound in bounds if bound >= number.end)
    sentence, before = prose[since:until], fold(prose[max(0, number.start - 20) : number.start]).text
    for wanted in number.readings:
        for how in _ways(sentence, before, wanted, number.step, pairs=_pairs([prose, *around], texts), texts=texts):
            return Derived(number.start, number.end, how)
    return None


def _ways(
    sentence: str, before: str, wanted: Amount, step: Decimal, *, pairs: Sequence[tuple[Amount, Amount]], texts: Sequence[str]
) -> Iterator[str]:
    if _ABOUT.search(before):
        yield from _roundings(wanted, step, texts)
    tolerance = step * _HALF
    for small, large in pairs:
        first, second = sorted((small, large))
        for value, how in _results(sentence, wanted, first, second):
            if abs(value - wanted.value) <= tolerance:
                yield how


def _results(sentence: str, wanted: Amount, first: Amount, second: Amount) -> Iterator[tuple[Decimal, str]]:
    a, b = first.value, second.value
    if a <= 0 or b <= 0 or a == b:
        return
    is_change = bool(_CHANGE.search(sentence))
    if wanted.unit == "%" and first.unit != "%" and b / a < _CLOSE:
        if is_change:
            yield (b - a) / a * 100, f"({_said(b)} − {_said(a)}) ÷ {_said(a)}"
            yield (b - a) / b * 100, f"({_said(b)} − {_said(a)}) ÷ {_said(b)}"
        if _SHARE.search(sentence):
            yield a / b * 100, f"{_said(a)} ÷ {_said(b)}"
    elif wanted.unit == "pp" or (wanted.unit == "" and first.unit == "%"):
        if first.unit == "%" and is_change:
            yield b - a, f"{_said(b)} % − {_said(a)} %"
    elif wanted.unit == "x" or _TIMES.search(sentence):
        yield b / a, f"{_said(b)} ÷ {_said(a)}"
    yield from _sums(sentence, wanted, first, second)


def _sums(sentence: str, wanted: Amount, first: Amount, second: Amount) -> Iterator[tuple[Decimal, str]]:
    a, b = first.value, second.value
    if wanted.same_kind(first) and wanted.same_kind(second) and wanted.unit == first.unit:
        if _SUM.search(sentence):
            yield a + b, f"{_said(a)} + {_said(b)}"
        if _CHANGE.search(sentence):
            yield b - a, f"{_said(b)} − {_said(a)}"


def _roundings(wanted: Amount, step: Decimal, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        for number in all_numbers(text):
            for amount in number.readings:
                off = abs(amount.value - wanted.value)
                if (
                    wanted.unit == amount.unit
                    and wanted.same_kind(amount)
                    and off <= step * _HALF
                    and off <= amount.value * _ROUNDED
                ):
                    yield f"rounded from {_said(amount.value)}"


def _pairs(proses: Sequence[str], texts: Sequence[str]) -> list[tuple[Amount, Amount]]:
    """Two figures of one kind that stand together: in a section of the prose and in the texts, or as the few of a sentence."""
    told = {amount for text in texts for number in all_numbers(text) for amount in number.readings}
    groups = [
        [each.readings[-1] for each in all_numbers(prose) if any(each.readings[-1].agrees(other) for other in told)]
        for prose in proses
    ]
    for text in texts:
        found = [number for number in all_numbers(text) if not number.is_word]
        bounds = sentence_bounds(text)
        for since, until in pairwise(bounds):
            groups += _few([number.readings[-1] for number in found if since <= number.start < until])
    pairs = {tuple(sorted(pair)) for group in groups for pair in combinations(dict.fromkeys(group), 2)}
    return [(one, other) for one, other in sorted(pairs) if one.same_kind(other) and one.unit == other.unit]


def _few(found: Sequence[Amount]) -> Iterator[list[Amount]]:
    """Those of a sentence that are of one kind and size, where they are few: the millions apart from the cents a share."""
    for unit, currency in dict.fromkeys((amount.unit, amount.currency) for amount in found):
        alike = sorted({amount for amount in found if (amount.unit, amount.currency) == (unit, currency)})
        group: list[Amount] = []
        for amount in alike:
            if group and amount.value > group[0].value * _CLOSE:
                yield from [group] if len(group) <= _MOST_IN_A_SENTENCE else []
                group = []
            group.append(amount)
        yield from [group] if len(group) <= _MOST_IN_A_SENTENCE else []


def _said(value: Decimal) -> str:
    for power, name in ((12, "trillion"), (9, "billion"), (6, "million")):
        if abs(value) >= Decimal(10) ** power:
            return f"{value.scaleb(-power).normalize():f} {name}"
    return f"{value:,f}"
