"""What an article adds to those told before it in its story: numbers and companies that none of them has. Pure.

Numbers are compared by value and unit, as research.numbers reads them: $4.1bn is $4.1 billion, and 4.12 is not 4.1.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from portfolios.ordinary import words
from research.context import is_title
from research.folding import fold
from research.notation import in_english_notation
from research.numbers import Number, amounts, numbers
from research.sentences import enclosing, sentence_bounds
from research.tickers import EXCHANGES

_MONTHS = words("January February March April May June July August September October November December")
_SHORT_MONTHS = words("Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec")
_MONTH = "(?:(?:{})\\b\\.?)".format("|".join(f"{month}|{month.upper()}" for month in _MONTHS | _SHORT_MONTHS))  # "may" is a verb
_DAY = r"\d{1,2}(?:st|nd|rd|th)?(?![\d.,]*\d)"
_YEAR = r"(?:19|20)\d\d"
_APART = {  # numbers that say nothing about the event
    "address": r"(?:https?://|www\.)\S+|(?<!\S)\S+@\S+",
    "telephone": r"\+\d{1,3}(?:[ .-]\(?\d{2,4}\)?){2,4}|\(?(?<!\d)\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)",
    "month and day": rf"(?<![A-Za-z]){_MONTH} {_DAY}(?: ?(?:-|to|and) ?{_DAY})?",
    "day and month": rf"(?<![\d.,])\d{{1,2}}(?:st|nd|rd|th)?(?: ?(?:-|to|and) ?{_DAY})? (?:of )?{_MONTH}",
    "year first": rf"(?<!\d){_YEAR}(?:[-/]\d{{1,2}}(?:[-/]\d{{1,2}})?|\.\d{{1,2}}\.\d{{1,2}})(?!\d)",
    "day first": r"(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{2,4})?(?![\d/])|(?<![\d.])\d{1,2}\.\d{1,2}\.\d{2,4}(?!\d)",
    "date in CJK": r"\d{3,4}[年년]|\d{1,2}[月월]|\d{1,2}[日號号일](?!圓|元|圆)",
    "24-hour clock": r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?!\d)|(?<!\d)\d{4} ?(?:GMT|UTC|[ECMP][SD]?T|CES?T|BST|JST|HKT)\b",
    "12-hour clock": r"(?<![\d.])\d{1,2}(?:[.:]\d{2})? ?[AaPp]\.?[Mm]\b",
    "time in CJK": r"\d{1,2}(?:[時时시]|[點点](?=\d))(?: ?\d{1,2}[分분])?",
    "ordinal": r"(?:#|\bNos?\.? ?|第 ?)\d+(?![.,]?\d)",
    "list number": r"^[^\S\n]*\(?\d{1,3}[.)](?=[^\S\n]+\S)",
    "ticker after its exchange": rf"\b(?:Nasdaq|{'|'.join(EXCHANGES)}): ?[A-Z0-9.]+",
    "ticker before its exchange": r"(?<![\d.,])\d{3,6}(?:\.[A-Z]{1,3}|-(?:TW|HK|JP|CN|KR)| (?:TT|JT|KS))\b",
    "ticker in parentheses": r"\(\d{1,6}(?:, ?[A-Z]{2,})?\)",
    "ticker in CJK": r"(?:代號|代号|代碼|代码|コード)[:： ]?\d+",
    "form": r"(?<!\d)\d{1,2}-[A-Z]\b",
}
_NOT_FACTS = re.compile("|".join(_APART.values()), re.M)
_BARE = re.compile(r"\d+(?:\.\d+)?")
_STANDING_YEAR = re.compile(_YEAR)

_LETTERS = re.compile(r"(?<=[A-Za-z])[A-Za-z]+")
_WORD_BEFORE = re.compile(r"(?<![\w&])([^\W\d_][\w&'.+-]*) $")
_NAME_AFTER = re.compile(r" (?:MAX|Max|Ti|Pro|Ultra|Super|Plus|Mini|Index|Series)\b")
_BEGINS = re.compile(r"(?:\A|[.!?:;\n])[\s\"'(-]*\Z")
# Whatever their case, a bare number after them is a name, or a place in a list.
_LABELS = words(
    """airbus android article boeing building cac category chapter channel class dax exhibit figure fiscal flight form
    fortune ftse gate gen generation highway ios item level line model nasdaq nikkei note number page part phase pillar
    rule route russell section series stage step stoxx s&p table tier top type version windows"""
)
# Whatever their case, a bare number after them counts something.
_COUNTING = words(
    """a about above after all almost an and another approximately around as at below between but by capex ebit ebitda eps
    exactly for from gaap in its just less more nearly of on only opex or over roa roe roughly some than the their these
    those to under up with monday tuesday wednesday thursday friday saturday sunday"""
) | {month.lower() for month in _MONTHS}


@dataclass(frozen=True, slots=True)
class Fact:
    """A number or a company at text[start:end], which is `words`."""

    start: int
    end: int
    kind: Literal["number", "company"]
    words: str


def new_facts(
    before: Sequence[str], text: str, *, names_before: Collection[str] = (), names: Sequence[tuple[int, int, str]] = ()
) -> list[Fact]:
    """Numbers and companies in `text` that none of the texts `before` has, in order of place; each place where one stands.

    `names` are the companies in `text` as (start, end, name), `names_before` those named before, whatever the case. A text with
    none before it adds nothing: it began the story. No facts are years, dates, times, ordinals, single digits without a unit, and
    numbers in names, tickers, addresses and before the items of a list.
    """
    if not before:
        return []
    known = {amount for each in before for amount in amounts(in_english_notation(each))}
    named = {name.casefold() for name in names_before}
    places = [(start, end) for start, end, _ in names]
    new = [each for each in telling_numbers(in_english_notation(text), places) if not each.is_among(known)]
    found = [(number.start, _word_end(text, number.end)) for number in new]
    facts = [Fact(start, end, "number", text[start:end]) for start, end in found]
    facts += [Fact(start, end, "company", text[start:end]) for start, end, name in names if name.casefold() not in named]
    return sorted(facts, key=lambda fact: (fact.start, fact.end))


def _word_end(text: str, end: int) -> int:
    """Milliarden was read as a shorter word."""
    rest = _LETTERS.match(text, end)
    return rest.end() if rest else end


def sentences_with(text: str, facts: Iterable[Fact]) -> list[tuple[int, int]]:
    """(start, end) of the sentences of `text` with at least one of the facts, in order. Those that adjoin in a line are one."""
    bounds = sentence_bounds(text)
    merged: list[tuple[int, int]] = []
    for start, end in sorted({enclosing(bounds, fact.start, fact.end) for fact in facts}):
        since, until = merged[-1] if merged else (start, -1)
        if start < until or (start == until and text[start - 1] != "\n"):
            merged[-1] = since, max(end, until)
        else:
            merged.append((start, end))
    return [_stripped(text, *span) for span in merged]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    sentence = text[start:end]
    return start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())


# --- numbers that say something --------------------------------------------------------------------------


def telling_numbers(text: str, names: Sequence[tuple[int, int]]) -> Iterator[Number]:
    """Its numbers, without those that are no facts or stand within these names."""
    folded = fold(text, keep_lines=True)
    apart = [*names, *(folded.original(*found.span()) for found in _NOT_FACTS.finditer(folded.text))]
    for number in numbers(folded.text):
        start, end = folded.original(number.start, number.end)
        is_apart = any(since <= start and end <= until for since, until in apart)
        if not is_apart and not _says_nothing(folded.text, number):
            yield number._replace(start=start, end=end)


def _says_nothing(text: str, number: Number) -> bool:
    """A year, a single digit or a part of a name: without unit, currency and thousands separators."""
    written = text[number.start : number.end]
    if _STANDING_YEAR.fullmatch(written):
        return True
    if not _BARE.fullmatch(written) or len(set(number.readings)) > 1:
        return False
    return len(written) == 1 or _is_in_name(text, number)


def _is_in_name(text: str, number: Number) -> bool:
    """RTX 4080, Boeing 737: it follows a word whose capital is not that of a sentence or a title."""
    if _NAME_AFTER.match(text, number.end):
        return True
    found = _WORD_BEFORE.search(text[max(0, number.start - 40) : number.start])
    word = found[1] if found else ""
    if word.lower() in _LABELS:
        return True
    if word.islower() or not word or word.lower() in _COUNTING:
        return False
    at = number.start - len(word) - 1
    line = text[text.rfind("\n", 0, at) + 1 : (text.find("\n", at) + 1 or len(text) + 1) - 1]
    if line.isupper():
        return False
    says_itself = any(letter.isupper() for letter in word[1:])
    return says_itself or not (is_title(line) or _BEGINS.search(text[max(0, at - 8) : at]))
