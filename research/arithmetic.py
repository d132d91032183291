"""Figures that a text does not have but bears out: a change in percent, a sum, a difference, a rounding. Pure.

Only what the prose calls one ("up", "together",
"about") is looked for, and only between two figures of one unit and currency that the
reader has before him: both stand in that prose, or alone in one sentence of the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, pairwise
from typing import NamedTuple

from research.folding import fold
from research.numbers import Amount, Number, all_numbers, amounts, same_currency
from research.sentences import sentence_bounds

_CHANGE = re.compile(
    r"\b(?:up|down|rise|rises|rose|risen|rising|fall|falls|fell|fallen|falling|drop\w*|gain\w*|increas\w*|decreas\w*|grew|grow\w*|more|less|fewer|"
    r"higher|lower|jump\w*|declin\w*|cut\w*|los[st]\w*|slump\w*|expan\w*|shr[iau]nk\w*|climb\w*|reduc\w*|above|below|over|under|short|beat\w*|miss\w*|"
    r"differ\w*|gap|add\w*|extra|change\w*|widen\w*|narrow\w*|upside|downside|discount|premium|surg\w*|advanc\w*|slid\w*|than|"
    r"majorit\w*|margin|lead|ahead|behind|remain\w*|rest|left|further)\b",
    re.I,
)
_SUM = re.compile(
    r"\b(?:together|combin\w*|total\w*|sum\w*|altogether|in all|both|plus|aggregate\w*|jointly|overall"
    r"|before|previous\w*|original\w*)\b",
    re.I,
)
_SHARE = re.compile(r"\b(?:of|share|part|proportion|portion|account\w*|represent\w*|equal\w*|margin)\b", re.I)
_TIMES = re.compile(r"\b(?:times|fold|multiple)\b|\dx\b", re.I)
_ABOUT = re.compile(
    r"\b(?:about|around|some|roughly|nearly|almost|approximately|over|more than|under|less than|close to|up to"
    r"|as much as|just over|just under|"
    r"at least|circa|c\.|ca\.|near)\s*$|~\s*$",
    re.I,
)
_BOUND = re.compile(r"\b(?:(?P<above>over|more than|at least|above)|under|less than|fewer than|below|at most) $", re.I)
_FRACTIONS = {"half": 50, "third": 33, "quarter": 25, "fifth": 20, "tenth": 10}
_FRACTION = re.compile(rf"\b(?:a |one[- ]?)?({'|'.join(_FRACTIONS)}) (?:of|its)\b", re.I)
_REST = re.compile(r"\b(?:remain\w*|rest|other|left)\b", re.I)
_MOST_IN_A_SENTENCE = 4
_MOST_PARTS = 4
_MANY_FIGURES = 4
_CLOSE = Decimal(20)
_ROUNDED = Decimal("0.06")
_HALF = Decimal("0.5")
_NEAR = Decimal("0.2")


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
    pairs = _pairs([prose, *around], texts)
    for wanted in number.readings:
        for how in _ways(sentence, before, wanted, number.step, pairs=pairs, texts=texts):
            return Derived(number.start, number.end, how)
        for how in _sums_of_several(wanted, [prose, *around], texts) if _SUM.search(sentence) else ():
            return Derived(number.start, number.end, how)
    return None


def _ways(
    sentence: str, before: str, wanted: Amount, step: Decimal, *, pairs: Sequence[tuple[Amount, Amount]], texts: Sequence[str]
) -> Iterator[str]:
    if _ABOUT.search(before):
        yield from _roundings(wanted, step, texts)
    if bound := _BOUND.search(before):
        yield from _bounds(wanted, texts, is_above=bool(bound["above"]))
    if wanted.unit == "%":
        yield from _shares(sentence, wanted, texts)
    tolerance = step * _HALF
    for small, large in pairs:
        first, second = sorted((small, large))
        for value, how in _results(sentence, wanted, first, second):
            # 60 billion less the year 2021 is no other figure.
            is_other = wanted.unit != first.unit or tolerance < min(abs(value - first.value), abs(value - second.value))
            if is_other and abs(value - wanted.value) <= tolerance:
                yield how
    yield from _of_tables(wanted, step, texts)


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


def _shares(sentence: str, wanted: Amount, texts: Sequence[str]) -> Iterator[str]:
    """25% of "a quarter of", and the remaining 80% of a stake of 20%."""
    for text in texts:
        found = (match for match in _FRACTION.finditer(text) if _FRACTIONS[match[1].lower()] == wanted.value)
        yield from (f"{match[0]}, in letters" for match in found)
        if _REST.search(sentence) and Amount(100 - wanted.value, "%", "") in amounts(text):
            yield f"100 % − {_said(100 - wanted.value)} %"


def _sums_of_several(wanted: Amount, proses: Sequence[str], texts: Sequence[str]) -> Iterator[str]:
    """In all, with each part as often as there are names to it: 30 + 30 + 20 + 20."""
    told = frozenset[Amount]().union(*map(amounts, texts))
    named = {each.readings[-1] for prose in proses for each in all_numbers(prose) if each.is_among(told)} - {wanted}
    parts = sorted(part for part in named if part.currency and wanted.same_kind(part) and part.value < wanted.value)
    for count in range(3, _MOST_PARTS + 1):
        for some in combinations_with_replacement(parts[:_MOST_IN_A_SENTENCE], count):
            if sum(part.value for part in some) == wanted.value:
                yield " + ".join(_said(part.value) for part in some)


def _of_tables(wanted: Amount, step: Decimal, texts: Sequence[str]) -> Iterator[str]:
    """140.1 million of a table in thousands that has 140,071: four figures of it, rounded."""
    if not wanted.currency or len(wanted.value.normalize().as_tuple().digits) < _MANY_FIGURES:
        return
    told = frozenset[Amount]().union(*map(amounts, texts))
    if not any(each.currency and same_currency(each.currency, wanted.currency) for each in told):
        return
    bare = (amount for amount in told if not amount.currency and not amount.unit)
    for amount in bare:
        if amount.value != wanted.value and abs(amount.value - wanted.value) * 2 <= step:
            yield f"rounded from {_said(amount.value)}"


def _roundings(wanted: Amount, step: Decimal, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        for number in _numbers_of(text):
            for amount in number.readings:
                off = abs(amount.value - wanted.value)
                if (
                    wanted.unit == amount.unit
                    and wanted.same_kind(amount)
                    and off <= step * _HALF
                    and off <= amount.value * _ROUNDED
                ):
                    yield f"rounded from {_said(amount.value)}"


def _bounds(wanted: Amount, texts: Sequence[str], *, is_above: bool) -> Iterator[str]:
    """A round number that one of the texts is just over or under: fewer than a thousand, of 825."""
    if len(wanted.value.normalize().as_tuple().digits) > 1:
        return
    for text in texts:
        for amount in amounts(text):
            off = (amount.value - wanted.value) * (1 if is_above else -1)
            if wanted[1:] == amount[1:] and 0 < off <= wanted.value * _NEAR:
                yield f"{_said(amount.value)} is {'over' if is_above else 'under'} {_said(wanted.value)}"


def _pairs(proses: Sequence[str], texts: Sequence[str]) -> list[tuple[Amount, Amount]]:
    """Two figures of one kind that stand together: in a section of the prose and in the texts, or as the few of a sentence."""
    told = {amount for text in texts for number in _numbers_of(text) for amount in number.readings}
    groups = [
        [each.readings[-1] for each in all_numbers(prose) if any(each.readings[-1].agrees(other) for other in told)]
        for prose in proses
    ]
    groups += [group for text in texts for group in _in_sentences(text)]
    pairs = {tuple(sorted(pair)) for group in groups for pair in combinations(dict.fromkeys(group), 2)}
    return [(one, other) for one, other in sorted(pairs) if one.same_kind(other) and one.unit == other.unit]


@lru_cache(maxsize=256)  # each figure of each reply to a story asks
def _numbers_of(text: str) -> tuple[Number, ...]:
    return tuple(all_numbers(text))


@lru_cache(maxsize=256)
def _in_sentences(text: str) -> tuple[list[Amount], ...]:
    """The figures of each sentence that has few."""
    found = [number for number in _numbers_of(text) if not number.is_word]
    bounds = sentence_bounds(text)
    starts = [number.start for number in found]
    spans = ((bisect_left(starts, since), bisect_left(starts, until)) for since, until in pairwise(bounds))
    return tuple(group for since, until in spans for group in _few([_main(number) for number in found[since:until]]))


def _main(number: Number) -> Amount:
    """10.55 dollars, of "$10.55 or 5.62%"."""
    return number.readings[0] if number.readings[0].currency else number.readings[-1]


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
