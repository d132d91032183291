"""What the prose of a reply says that the texts do not bear out: numbers, dates, currencies, scales, names, turned
negations. Pure.

A figure that the texts do not have, but that follows from two of theirs, is no slip: it is marked as derived, with the
arithmetic.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from research.arithmetic import derived
from research.claimed_names import claimed_names, known_names
from research.dates import Dated, dates, days, following, is_dated
from research.folding import fold
from research.negations import turned
from research.numbers import Amount, Number, all_numbers, amounts, comparable

Kind = Literal["number", "date", "currency", "scale", "name", "negation"]
_NAMED = re.compile(r"[a-z]+(?:-?\d)+[a-z0-9]*|\d+[a-z]+\d*")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|am|pm)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NOUN_AFTER = re.compile(r"\s+(?:(?:new|more|further|other|different|large|small|additional|big) )?([A-Za-z][a-z]{3,})")
_SMALL = 2


@dataclass(frozen=True, slots=True)
class Slip:
    """Words of one section, text[start:end], that nothing bears out."""

    where: str
    kind: Kind
    words: str
    reason: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DerivedFigure:
    """A figure of one section that follows from two of the texts: `how` is the arithmetic."""

    where: str
    words: str
    how: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a reply's prose holds beside what the texts have."""

    slips: list[Slip]
    derived: list[DerivedFigure]


def check_prose(sections: Mapping[str, str], texts: Sequence[str], candidates: Iterable[str]) -> Checked:
    """The slips and derived figures of each section, by its key, in order of place.

    `candidates` are the companies that may be named although no text does, by any of their names.
    """
    known, names = _Figures(texts), known_names(texts, candidates)
    slips: list[Slip] = []
    figures: list[DerivedFigure] = []
    for key, prose in sections.items():
        found, made = known.check(key, prose, [other for name, other in sections.items() if name != key])
        found += [
            Slip(key, "name", prose[start:end], "neither in the text nor a candidate", start, end)
            for start, end in claimed_names(prose, names)
        ]
        found += [
            Slip(key, "negation", prose[each.start : each.end], each.reason, each.start, each.end)
            for each in turned(key, prose, texts)
        ]
        slips += sorted(found, key=lambda slip: (slip.start, slip.end))
        figures += made
    return Checked(slips, figures)


class _Figures:
    """What the texts have of numbers and dates, asked for each section of prose."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.amounts = frozenset().union(*(amounts(text) for text in texts))
        self.days = frozenset().union(*(days(text) for text in texts))
        self.next_days = {day for each in self.days for day in following(each)}
        self.lowered = [_comparable(text) for text in texts]
        self.run_together = {re.sub(r"[\s-]", "", text) for text in self.lowered}
        self.currencies = {amount.currency for amount in self.amounts} - {""}

    def check(self, key: str, prose: str, around: Sequence[str]) -> tuple[list[Slip], list[DerivedFigure]]:
        dated = dates(prose)
        slips = [
            Slip(key, "date", prose[each.start : each.end], "not in the text", each.start, each.end)
            for each in dated
            if not self._has_date(each, prose) and not (key == "watch" and self._comes_next(each))
        ]
        figures: list[DerivedFigure] = []
        found = all_numbers(prose)
        for number in found:
            if any(each.start <= number.start < each.end for each in dated) or self._has(number, prose):
                continue
            words = prose[number.start : number.end]
            if how := derived(prose, number, self.texts, around):
                figures.append(DerivedFigure(key, words, how.how, number.start, number.end))
            else:
                kind = self._kind(number)
                slips.append(Slip(key, kind, words, _REASONS[kind], number.start, number.end))
        return [*slips, *self._names(key, prose, dated, found)], figures

    def _has_date(self, each: Dated, prose: str) -> bool:
        """A year may be a plain number too."""
        is_year = bool(_YEAR.fullmatch(prose[each.start : each.end]))
        return is_dated(each, self.days) or (
            is_year and Amount(Decimal(prose[each.start : each.end]).normalize(), "", "") in self.amounts
        )

    def _comes_next(self, each: Dated) -> bool:
        """The quarter or month after one of the texts: what to watch."""
        return any(is_dated(each._replace(days=(day,)), self.next_days) for day in each.days)

    def _has(self, number: Number, prose: str) -> bool:
        if number.is_word and not self._is_telling(number, prose):
            return True
        return any(self._has_amount(reading) for reading in number.readings)

    def _has_amount(self, wanted: Amount) -> bool:
        if not any(wanted.agrees(amount) for amount in self.amounts):
            return False
        if not wanted.currency or not self.currencies or any(wanted.agrees(amount) for amount in self.amounts if amount.currency):
            return True
        return any(Amount(wanted.value, wanted.unit, currency).same_kind(wanted) for currency in self.currencies)

    def _is_telling(self, number: Number, prose: str) -> bool:
        """A number in letters that measures something, or counts what the texts count otherwise."""
        if any(reading.unit or reading.currency for reading in number.readings):
            return True
        if any(reading.value >= 100 for reading in number.readings):
            return True
        noun = _NOUN_AFTER.match(prose, number.end)
        if not noun or number.readings[0].value < _SMALL:
            return False
        return any(value != number.readings[0].value for value in self._counted[_stem(noun[1])])

    @cached_property
    def _counted(self) -> defaultdict[str, set[Decimal]]:
        """How many the texts say there are, by what is counted. Read once: each number of the prose asks for it."""
        found: defaultdict[str, set[Decimal]] = defaultdict(set)
        for text in self.lowered:
            for each in all_numbers(text):
                if noun := _NOUN_AFTER.match(text, each.end):
                    found[_stem(noun[1])].add(each.readings[0].value)
        return found

    def _kind(self, number: Number) -> Kind:
        """What is wrong with it, by what the texts have that is nearest."""
        for wanted in number.readings:
            if any(wanted.value == amount.value and wanted.unit == amount.unit for amount in self.amounts):
                return "currency"
            digits = wanted.value.normalize().as_tuple().digits
            if any(
                amount.value.as_tuple().digits == digits
                and abs(amount.value.adjusted() - wanted.value.adjusted()) in {2, 3, 6, 9}
                for amount in self.amounts
            ):
                return "scale"
        return "number"

    def _names(self, key: str, prose: str, dated: Sequence[Dated], numbers: Sequence[Number]) -> list[Slip]:
        """GB300, where the texts have GB200."""
        folded = fold(prose)
        taken = [*((each.start, each.end) for each in dated), *((each.start, each.end) for each in numbers)]
        slips: list[Slip] = []
        for named in _NAMED.finditer(comparable(folded.text)):
            start, end = folded.original(*named.span())
            bare = named.group().replace("-", "")
            is_taken = any(since <= start and end <= until for since, until in taken)
            if not is_taken and not _ORDINAL.fullmatch(bare) and not any(bare in text for text in self.run_together):
                slips.append(Slip(key, "number", prose[start:end], "not in the text", start, end))
        return slips


_REASONS: dict[Kind, str] = {
    "number": "not in the text",
    "currency": "in another currency in the text",
    "scale": "of another size in the text",
}


@lru_cache(maxsize=256)
def _comparable(text: str) -> str:
    return comparable(fold(text).text)


def _stem(noun: str) -> str:
    return noun.lower().rstrip("s")
