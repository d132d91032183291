"""Is it really in the text? Quotes are looked up literally, numbers in prose by value.

A quote is only evidence when its words stand in the stored text; what does not is dropped, and the reader
is told how many were.
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from research.folding import CJK, Folded, fold

LEAST_QUOTE = 8


class KeptQuote(NamedTuple):
    """A quote found: `texts[text_index][start:end]` is what to show."""

    claim: str
    quote: str
    text_index: int
    start: int
    end: int


class DroppedQuote(NamedTuple):
    """A quote not kept, because it is 'too short' or 'not in the text'."""

    claim: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """What became of each piece of evidence, in the order given."""

    kept: list[KeptQuote]
    dropped: list[DroppedQuote]


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) of the quote in `text`, or None.

    Compared after folding (NFKC, white space, quotation marks, dashes, invisible characters), case-sensitively
    and only at word ends: "grew 5" is not a quote from "grew 52%". Offsets are into `text` as given.
    """
    return _locate(quote, fold(text))


def ground(evidence: Iterable[tuple[str, str]], texts: Sequence[str]) -> Grounded:
    """Look up each (claim, quote) in the texts, first text first.

    A quote whose words stand in no text, or that has fewer than 8 characters, is dropped with its reason.
    """
    folded = [fold(text) for text in texts]
    kept: list[KeptQuote] = []
    dropped: list[DroppedQuote] = []
    for claim, quote in evidence:
        if len(fold(quote).text.strip()) < LEAST_QUOTE:
            dropped.append(DroppedQuote(claim, quote, "too short"))
            continue
        found = ((i, _locate(quote, text)) for i, text in enumerate(folded))
        place = next(((i, span) for i, span in found if span), None)
        if place is None:
            dropped.append(DroppedQuote(claim, quote, "not in the text"))
        else:
            kept.append(KeptQuote(claim, quote, place[0], *place[1]))
    return Grounded(kept, dropped)


def _locate(quote: str, text: Folded) -> tuple[int, int] | None:
    wanted = fold(quote).text.strip()
    if not wanted:
        return None
    at = text.text.find(wanted)
    while at >= 0:
        if not _cuts(text.text, at) and not _cuts(text.text, at + len(wanted)):
            return text.original(at, at + len(wanted))
        at = text.text.find(wanted, at + 1)
    return None


def _cuts(text: str, at: int) -> bool:
    """Does position `at` fall inside a word or a number (1.5, 1,500)?"""
    if at <= 0 or at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return not (CJK.match(before) or CJK.match(after)) or (before.isdigit() and after.isdigit())
    if before in ".,":
        return at >= 2 and text[at - 2].isdigit() and after.isdigit()
    return after in ".," and before.isdigit() and text[at + 1 : at + 2].isdigit()


# --- numbers ---------------------------------------------------------------------------------------------

_SCALES = {
    "thousand": 3, "k": 3, "lakh": 5, "lakhs": 5, "million": 6, "millions": 6, "mn": 6, "mln": 6, "m": 6,
    "crore": 7, "crores": 7, "cr": 7, "billion": 9, "billions": 9, "bn": 9, "bln": 9, "b": 9,
    "trillion": 12, "trillions": 12, "tn": 12, "trn": 12, "t": 12,
}  # fmt: skip
_CJK_SCALES = {
    "千": 3, "万": 4, "萬": 4, "만": 4, "百万": 6, "百萬": 6, "千万": 7, "千萬": 7, "亿": 8, "億": 8, "억": 8,
    "十亿": 9, "十億": 9, "百亿": 10, "百億": 10, "千亿": 11, "千億": 11, "兆": 12, "조": 12, "万亿": 12, "萬億": 12,
}  # fmt: skip
_POWERS = _SCALES | _CJK_SCALES
_UNITS = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), "%"),
    **dict.fromkeys(("bp", "bps", "basis points", "basis point"), "bp"),
    **{unit: unit for unit in ("kw", "mw", "gw", "kwh", "mwh", "gwh", "twh")},
    **dict.fromkeys(("kilowatt", "kilowatts", "千瓦"), "kw"),
    **dict.fromkeys(("megawatt", "megawatts", "百万瓦", "百萬瓦", "兆瓦"), "mw"),
    **dict.fromkeys(("gigawatt", "gigawatts", "吉瓦"), "gw"),
}
_CURRENCIES = {
    "us$": "USD", "nt$": "TWD", "hk$": "HKD", "a$": "AUD", "c$": "CAD", "s$": "SGD", "$": "USD", "€": "EUR",
    "£": "GBP", "¥": "JPY", "₹": "INR", "rs": "INR", "rs.": "INR", "usd": "USD", "eur": "EUR", "gbp": "GBP",
    "jpy": "JPY", "inr": "INR", "twd": "TWD", "cny": "CNY", "rmb": "CNY", "hkd": "HKD", "chf": "CHF", "krw": "KRW",
    "aud": "AUD", "cad": "CAD", "sgd": "SGD", "nzd": "NZD", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "brl": "BRL", "mxn": "MXN",
}  # fmt: skip
# After the number. Dollars and 元 are those of several countries.
_CURRENCY_WORDS = {
    "us dollars": "USD", "u.s. dollars": "USD", "dollars": "", "euros": "EUR", "euro": "EUR", "yen": "JPY", "yuan": "CNY",
    "rupees": "INR", "usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY", "cny": "CNY", "rmb": "CNY", "twd": "TWD",
    "hkd": "HKD", "美元": "USD", "欧元": "EUR", "歐元": "EUR", "日元": "JPY", "日圓": "JPY", "円": "JPY",
    "人民币": "CNY", "人民幣": "CNY", "港元": "HKD", "港币": "HKD", "港幣": "HKD", "新台幣": "TWD", "新臺幣": "TWD",
    "元": "", "원": "KRW", "달러": "USD",
}  # fmt: skip
_WORDS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER = re.compile(
    rf"(?:(?<![a-z])(?P<currency>{_any_of(_CURRENCIES)})\s?|(?<![a-z0-9.]))"
    r"(?P<digits>\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    rf"(?:[\s-]?(?P<scale>(?:{_any_of(_SCALES)})(?![a-z0-9])|(?:{_any_of(_CJK_SCALES)})(?!瓦)))?"  # 百萬瓦 is a unit
    rf"(?:[\s-]?(?P<unit>{_any_of(_UNITS)})(?![a-z0-9]))?"
    rf"(?:[\s-]?(?P<paid>{_any_of(_CURRENCY_WORDS)})(?![a-z0-9]))?"
)
_NAMED = re.compile(r"[a-z]+(?:-?\d)+[a-z0-9]*|\d+[a-z]+\d*")
_PREFIXED = re.compile(r"\b(mid|pre|post|top|sub|under|over|early|late)-(?=\d)")
_WORD = re.compile(rf"(?<![a-z0-9])(?:{_any_of(_WORDS)})(?![a-z0-9])")


class Amount(NamedTuple):
    """A number by value. `unit`: %, bp, mw … or empty; `currency`: three letters, or empty where the text does not say."""

    value: Decimal
    unit: str
    currency: str


class Number(NamedTuple):
    """A number in a text, at text[start:end], and what it can mean: the 10 of "10-15%" is 10 and 10 %."""

    start: int
    end: int
    readings: tuple[Amount, ...]

    def is_among(self, known: Set[Amount]) -> bool:
        """Whether one of them has this value and unit, and no other currency."""
        return any(_matches(reading, known) for reading in self.readings)


def numbers(text: str) -> list[Number]:
    """The numbers written in digits, in order; not those within names (GB200, Q3, S-1)."""
    return _numbers(fold(text))


@lru_cache(maxsize=1024)  # a story's earlier articles are asked for again with each later one
def amounts(text: str) -> frozenset[Amount]:
    """What its numbers can mean, those in words up to twelve included."""
    return frozenset(_amounts_in(_comparable(fold(text).text)))


def ungrounded_numbers(prose: str, texts: Sequence[str]) -> list[str]:
    """Numbers, percentages and amounts of money written in `prose` that none of the `texts` contains, in order.

    Compared by value: 1,500 = 1500, "1.2 bn" = "1,200 million", "5 percent" = "5%". A currency in the prose
    must not differ from the one in the text; names with digits (GB200, Q3) must stand in a text as they are.
    Numbers in words are read in the texts, not in the prose. First version: no rounding, no arithmetic.
    """
    folded = [_comparable(fold(text).text) for text in texts]
    known = {amount for text in folded for amount in _amounts_in(text)}
    names = {name for text in folded for name in _NAMED.findall(text)}
    original = fold(prose)
    found = _numbers(original)
    missing = [(number.start, number.end) for number in found if not number.is_among(known)]
    for named in _NAMED.finditer(_comparable(original.text)):
        start, end = original.original(*named.span())
        is_number = any(number.start <= start and end <= number.end for number in found)
        if named.group() not in names and not is_number:
            missing.append((start, end))
    return [prose[start:end] for start, end in sorted(missing)]


def _comparable(text: str) -> str:
    """Lower case of the same length, "mid-2026" as "mid 2026"."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower()[:1] for c in text)
    return _PREFIXED.sub(r"\1 ", lowered)


def _amounts_in(text: str) -> set[Amount]:
    spelled = _WORD.sub(lambda m: _WORDS[m.group()], text)
    return {amount for version in (text, spelled) for _, readings in _read(version) for amount in readings}


def _numbers(folded: Folded) -> list[Number]:
    return [Number(*folded.original(*span), tuple(readings)) for span, readings in _read(_comparable(folded.text))]


def _read(text: str) -> list[tuple[tuple[int, int], list[Amount]]]:
    """Each number's span and its possible readings: in "10-15%" the 10 is read as 10 and as 10 %."""
    matches = [m for m in _NUMBER.finditer(text) if not _belongs_to_name(text, m)]
    found: list[tuple[tuple[int, int], list[Amount]]] = []
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        readings = [_amount(match, match)]
        if following and not (match["scale"] or match["unit"] or match["paid"]) and _joined(text, match, following):
            readings.append(_amount(match, following))
        found.append((match.span(), readings))
    return found


def _joined(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return text[left.end() : right.start()].strip() in {"-", "to", "and", "or"}


def _belongs_to_name(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 1]
    if after.isalpha() and not CJK.match(after):
        return True
    return not match["currency"] and bool(re.search(r"[a-z]-$", text[max(0, match.start() - 2) : match.start()]))


def _amount(match: re.Match[str], units: re.Match[str]) -> Amount:
    scale = _POWERS.get(units["scale"] or "", 0)
    value = Decimal(match["digits"].replace(",", "")).scaleb(scale).normalize()
    return Amount(value, _UNITS.get(units["unit"] or "", ""), _currency(match) or _currency(units))


def _currency(match: re.Match[str]) -> str:
    return _CURRENCIES.get(match["currency"] or "") or _CURRENCY_WORDS.get(match["paid"] or "", "")


def _matches(wanted: Amount, known: Set[Amount]) -> bool:
    return any(
        wanted.value == amount.value
        and wanted.unit == amount.unit
        and (not wanted.currency or not amount.currency or wanted.currency == amount.currency)
        for amount in known
    )
