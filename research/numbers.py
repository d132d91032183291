"""Numbers as texts write them, by value: $1.2bn is 1.2 billion dollars, 41 % is 41 percent, 80億 is 8 billion. Pure."""

import re
from collections.abc import Iterable, Set
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from research.folding import CJK, fold

_SCALES = {
    "hundred": 2, "thousand": 3, "k": 3, "lakh": 5, "lakhs": 5, "million": 6, "millions": 6, "mn": 6, "mln": 6, "mio": 6, "m": 6,
    "crore": 7, "crores": 7, "cr": 7, "billion": 9, "billions": 9, "bn": 9, "bln": 9, "b": 9,
    "trillion": 12, "trillions": 12, "tn": 12, "trn": 12, "trln": 12, "t": 12,
}  # fmt: skip
_CJK_SCALES = {
    "千": 3, "万": 4, "萬": 4, "만": 4, "百万": 6, "百萬": 6, "千万": 7, "千萬": 7, "亿": 8, "億": 8, "억": 8,
    "十亿": 9, "十億": 9, "百亿": 10, "百億": 10, "千亿": 11, "千億": 11, "兆": 12, "조": 12, "万亿": 12, "萬億": 12,
}  # fmt: skip
_POWERS = _SCALES | _CJK_SCALES
_UNITS = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), "%"),
    **dict.fromkeys(("bp", "bps", "basis points", "basis point"), "bp"),
    **dict.fromkeys(("percentage points", "percentage point", "pp", "ppt", "ppts"), "pp"),
    **{unit: unit for unit in ("kw", "mw", "gw", "kwh", "mwh", "gwh", "twh")},
    **dict.fromkeys(("kilowatt", "kilowatts", "千瓦"), "kw"),
    **dict.fromkeys(("megawatt", "megawatts", "百万瓦", "百萬瓦", "兆瓦"), "mw"),
    **dict.fromkeys(("gigawatt", "gigawatts", "吉瓦"), "gw"),
    **dict.fromkeys(("nm", "nanometer", "nanometers", "nanometre", "nanometres", "奈米", "纳米"), "nm"),
    **dict.fromkeys(("x", "times", "fold"), "x"),
}
# What a bare number may leave unsaid. A share and a point of it are said, or something else is meant.
_MEASURES = {*_UNITS.values(), ""} - {"%", "bp"}
_CURRENCIES = {
    "us$": "USD", "nt$": "TWD", "hk$": "HKD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "s$": "SGD", "nz$": "NZD",
    "r$": "BRL", "mx$": "MXN", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "cn¥": "CNY", "rmb¥": "CNY", "₹": "INR",
    "rs": "INR",
    "rs.": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "₺": "TRY", "฿": "THB", "₱": "PHP", "₫": "VND", "r": "ZAR",
    "rp": "IDR", "rmb": "CNY", "新台幣": "TWD", "新臺幣": "TWD", "新台币": "TWD", "人民幣": "CNY", "人民币": "CNY", "港幣": "HKD",
    **{code.lower(): code for code in (
        "USD", "EUR", "GBP", "JPY", "INR", "TWD", "CNY", "HKD", "CHF", "KRW", "AUD", "CAD", "SGD", "NZD", "SEK", "NOK",
        "DKK", "BRL",
        "MXN", "ZAR", "RUB", "ILS", "TRY", "THB", "PHP", "IDR", "MYR", "PLN", "CZK", "HUF", "SAR", "AED", "NTD",
    )},
    "ntd": "TWD",
}  # fmt: skip
DOLLARS = "$"  # of whichever country
_DOLLAR_CODES = {"USD", "TWD", "HKD", "AUD", "CAD", "SGD", "NZD", DOLLARS}
# After the number. 元 is that of several countries.
_CURRENCY_WORDS = {
    **{f"{who} {dollar}": code for dollar in ("dollars", "dollar") for who, code in (
        ("us", "USD"), ("u.s.", "USD"), ("american", "USD"), ("taiwan", "TWD"), ("new taiwan", "TWD"), ("taiwanese", "TWD"),
        ("hong kong", "HKD"), ("canadian", "CAD"), ("australian", "AUD"), ("singapore", "SGD"), ("new zealand", "NZD"),
    )},
    "dollars": DOLLARS, "dollar": DOLLARS, "euros": "EUR", "euro": "EUR", "yen": "JPY", "yuan": "CNY", "renminbi": "CNY",
    "rupees": "INR", "rupee": "INR", "won": "KRW", "pounds": "GBP", "pounds sterling": "GBP", "sterling": "GBP", "reais": "BRL",
    "real": "BRL", "rand": "ZAR", "swiss francs": "CHF", "francs": "CHF", "rubles": "RUB", "roubles": "RUB", "shekels": "ILS",
    "lira": "TRY", "baht": "THB", "ringgit": "MYR", "zloty": "PLN", "pesos": "MXN", "rupiah": "IDR", "dirhams": "AED",
    "riyals": "SAR", "swedish kronor": "SEK", "danish kroner": "DKK", "norwegian kroner": "NOK",
    **{code: made for code, made in _CURRENCIES.items() if code.isalpha() and len(code) == 3},
    "us$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "美元": "USD", "欧元": "EUR", "歐元": "EUR", "日元": "JPY",
    "日圓": "JPY", "円": "JPY", "人民币": "CNY", "人民幣": "CNY", "港元": "HKD", "港币": "HKD", "港幣": "HKD", "新台幣": "TWD",
    "新臺幣": "TWD", "元": "", "원": "KRW", "달러": "USD",
}  # fmt: skip
_CENTS = ("cents", "cent", "¢")
_PENCE = ("pence",)
_WORDS = {
    word: number
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
}  # fmt: skip
_TENS = {
    word: 10 * number
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ONES = _any_of(word for word, number in _WORDS.items() if 1 <= number <= 9)
_SPELLED = (
    rf"(?:{_any_of(_TENS)})(?:[\s-](?:{_ONES}))?|{_any_of(_WORDS)}|half(?= an? (?:{_any_of(_SCALES)})\b)"
    r"|an?(?= (?:hundred|thousand|[mbtr]+illion)\b)"
)
_NUMBER = re.compile(
    rf"(?:(?<![a-zß-ɏ])(?P<currency>{_any_of(_CURRENCIES)})\s?|(?<![a-z0-9.]))"
    rf"(?:(?P<digits>\d{{1,3}}(?:,\d{{2,3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)|(?P<word>{_SPELLED})(?![a-z0-9]))"
    rf"(?:[\s-]?(?:an? )?(?P<scale>(?:{_any_of(_SCALES)})(?![a-z0-9])|(?:{_any_of(_CJK_SCALES)})(?!瓦)))?"  # 百萬瓦 is a unit
    rf"(?:[\s-]?(?P<unit>{_any_of(_UNITS)})(?![a-z0-9]))?"
    rf"(?:[\s-]?(?P<paid>{_any_of((*_CURRENCY_WORDS, *_CENTS, *_PENCE))})(?![a-z0-9]))?"
)
_PREFIXED = re.compile(r"\b(mid|pre|post|top|sub|under|over|early|late)-(?=\d)")
_FORM = re.compile(r"\d+-[kqf]s?\b")  # 10-Ks
_TABLE_SCALE = re.compile(
    r"(?:\bin|\$|\bamounts?|\bfigures|\bexpressed in|單位|单位)[\s:：(]{0,3}(thousands|millions|billions|千元|百萬元|百万元|億元"
    r"|亿元)"
)
_TABLE_POWERS = {"thousands": 3, "千元": 3, "millions": 6, "百萬元": 6, "百万元": 6, "億元": 8, "亿元": 8, "billions": 9}
HALF = Decimal("0.5")


class Amount(NamedTuple):
    """A number by value. `unit`: %, bp, mw … or empty; `currency`: three letters, $ for any dollars, or empty where
    nothing is said."""

    value: Decimal
    unit: str
    currency: str

    def agrees(self, other: "Amount") -> bool:
        """Whether both may be one amount; what one leaves unsaid does not part them."""
        return self.value == other.value and self.same_kind(other)

    def same_kind(self, other: "Amount") -> bool:
        """Whether their units and currencies go together."""
        return self._same_unit(other) and same_currency(self.currency, other.currency)

    def _same_unit(self, other: "Amount") -> bool:
        return self.unit == other.unit or ("" in {self.unit, other.unit} and {self.unit, other.unit} <= _MEASURES)


def same_currency(one: str, other: str) -> bool:
    """Whether two currencies may be one: where nothing is said, and dollars without their country."""
    if not one or not other or one == other:
        return True
    return DOLLARS in {one, other} and {one, other} <= _DOLLAR_CODES


class Number(NamedTuple):
    """A number in a text, at text[start:end], and what it can mean: the 10 of "10-15%" is 10 and 10 %.

    `step` is the worth of its last digit: of $5.6bn a hundred million. `is_word`: it is written in letters, twelve.
    """

    start: int
    end: int
    readings: tuple[Amount, ...]
    step: Decimal = Decimal(1)
    is_word: bool = False

    def is_among(self, known: Set[Amount]) -> bool:
        """Whether one of them has this value and unit, and no other currency."""
        return any(reading in known or any(reading.agrees(amount) for amount in known) for reading in self.readings)


def numbers(text: str) -> list[Number]:
    """The numbers written in digits, in order; not those within names (GB200, Q3, S-1)."""
    return [number for number in all_numbers(text) if not number.is_word]


def all_numbers(text: str) -> list[Number]:
    """Those in words up to ninety-nine too."""
    folded = fold(text)
    read = ((number, folded.original(number.start, number.end)) for number in _read(comparable(folded.text)))
    return [number._replace(start=start, end=end) for number, (start, end) in read]


@lru_cache(maxsize=1024)  # a story's earlier articles are asked for again with each later one
def amounts(text: str) -> frozenset[Amount]:
    """What its numbers can mean, those in words included, and those of a table "in thousands" in full."""
    lowered = comparable(fold(text).text)
    found = [(amount, number.step) for number in _read(lowered) for amount in number.readings]
    powers = {_TABLE_POWERS[match[1]] for match in _TABLE_SCALE.finditer(lowered)}
    in_tables = {amount for amount, step in found if not amount.unit and step <= 1 and amount.value >= 1}
    scaled = {each._replace(value=each.value.scaleb(power).normalize()) for each in in_tables for power in powers}
    return frozenset(scaled.union(amount for amount, _ in found))


def comparable(text: str) -> str:
    """Lower case of the same length, "mid-2026" as "mid 2026"."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower()[:1] for c in text)
    return _PREFIXED.sub(r"\1 ", lowered)


def _read(text: str) -> list[Number]:
    """Each number with its possible readings: in "10-15%" the 10 is read as 10 and as 10 %."""
    matches = [m for m in _NUMBER.finditer(text) if not _belongs_to_name(text, m)]
    found: list[Number] = []
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        readings = _readings(match, match)
        if following and not (match["scale"] or match["unit"] or match["paid"]) and _joined(text, match, following):
            readings += _readings(match, following)
        found.append(Number(*match.span(), tuple(dict.fromkeys(readings)), _step(match), bool(match["word"])))
    return found


def _joined(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return text[left.end() : right.start()].strip() in {"-", "to", "and", "or"}


def _belongs_to_name(text: str, match: re.Match[str]) -> bool:
    if _FORM.match(text, match.start()) and not match["currency"]:
        return True
    after = text[match.end() : match.end() + 1]
    if after.isalpha() and not CJK.match(after):
        return True
    return not match["currency"] and bool(re.search(r"[a-z]-$", text[max(0, match.start() - 2) : match.start()]))


def _readings(match: re.Match[str], units: re.Match[str]) -> list[Amount]:
    value = _digits(match).scaleb(_POWERS.get(units["scale"] or "", 0)).normalize()
    unit, paid = _UNITS.get(units["unit"] or "", ""), units["paid"] or ""
    if paid in (*_CENTS, *_PENCE):
        return [Amount(value, unit, ""), Amount(value.scaleb(-2).normalize(), unit, "GBP" if paid in _PENCE else "")]
    currency = _currency(match) or _currency(units)
    made = [Amount(value, unit, currency)]
    return [*made, Amount(value, unit, "CNY")] if (match["currency"] or "") == "¥" else made


def _currency(match: re.Match[str]) -> str:
    return _CURRENCIES.get(match["currency"] or "") or _CURRENCY_WORDS.get(match["paid"] or "", "")


def _digits(match: re.Match[str]) -> Decimal:
    if match["digits"]:
        return Decimal(match["digits"].replace(",", ""))
    word = match["word"]
    if word in {"a", "an"}:
        return Decimal(1)
    if word == "half":
        return HALF
    tens, _, ones = word.replace("-", " ").partition(" ")
    return Decimal(_WORDS[word] if word in _WORDS else _TENS[tens] + _WORDS.get(ones, 0))


def _step(match: re.Match[str]) -> Decimal:
    decimals = len((match["digits"] or "").partition(".")[2])
    return Decimal(1).scaleb(_POWERS.get(match["scale"] or "", 0) - decimals)
