"""Dates as texts write them: 14 May, May 14, 2026, 2026-05-14, Q3 2025, third quarter, fiscal 2026, Thursday. Pure.

Days that hang on the day of reading (yesterday, next month) are not looked at.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from research.folding import fold

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SHORT = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, **{str(n): n for n in range(1, 5)}}


def _month_number(word: str) -> int:
    return 9 if word[:4].lower() == "sept" else 1 + _SHORT.index(word[:3].capitalize())


_NAMES = [*MONTHS, "Sept", *_SHORT]
_MONTH = "(?:{})".format("|".join(f"{name}|{name.upper()}" for name in sorted(_NAMES, key=len, reverse=True))) + r"\b\.?"
_YEAR = r"(?:19|20)\d\d"
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?(?![\d%]|[.,]\d| ?percent| ?(?:million|billion))"
_FISCAL = r"(?:fiscal|financial|calendar)"
_SHORT_YEAR = rf"(?:{_YEAR}|['’]\d\d)"
_ORDINAL = rf"(?:{'|'.join(_ORDINALS)})"
_OF_YEAR = rf"(?:,?[ -]?(?:of |in |for )?(?:the )?(?:(?:{_FISCAL}|FY)[ -]?)?(?:year )?(?P<year>{_SHORT_YEAR}))?(?!\d)"

_FORMS = {
    "iso": r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/.](?P<m>[01]?\d)[-/.](?P<d>[0-3]?\d)(?!\d)",
    "day first": rf"(?<![\d.,$€£])(?P<d>{_DAY})(?:(?: ?- ?| to | and )(?P<until>{_DAY}))?,? "
    rf"(?:of )?(?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?",
    "month first": rf"(?P<month>{_MONTH}) ?(?P<d>{_DAY})(?:(?: ?- ?| to | and )(?P<until>{_DAY})(?! [A-Z]))?"
    rf"(?:,? ?(?P<year>{_YEAR}))?",
    "month": rf"(?P<month>{_MONTH})(?:,? (?:of )?(?P<year>{_YEAR}))?(?: (?P<quarter>quarter))?",
    "numbers": rf"(?<![\d/.])(?P<a>[0-3]?\d)/(?P<b>[0-3]?\d)/(?P<y>{_YEAR}|\d\d)(?!\d)",
    "cjk": r"(?:(?P<y>\d{2,4}) ?[年년] ?)?(?:(?P<m>[01]?\d) ?[月월] ?)(?:(?P<d>[0-3]?\d) ?[日號号일])?|(?P<only>(?:19"
    r"|20)\d\d) ?[年년]",
    "quarter": rf"(?i:(?:(?P<before>{_YEAR})(?:'s)? )?(?<![A-Za-z0-9])(?:(?:fiscal )?Q(?P<q>[1-4])"
    rf"|(?P<qq>[1-4])Q)(?![0-9A-Z]{{3}})[ -]?{_OF_YEAR})",
    "short quarter": r"(?<![A-Za-z0-9])(?:(?P<qq>[1-4])Q|Q(?P<q>[1-4])[ -]?)(?:FY)?['’]?(?P<yy>\d\d)(?!\d)",
    "quarter in words": rf"(?i:(?:(?P<before>{_YEAR})(?:'s)? )?\b(?P<ordinal>{_ORDINAL})[ -]"
    rf"(?:{_FISCAL}[ -])?(?P<span>quarter|half|three months|six months){_OF_YEAR})",
    "quarter by its months": rf"(?i:three|3)[ -]months? (?:ended|ending|to|through|period ended)(?: on)? (?P<month>{_MONTH})",
    "half": rf"(?i:(?<![A-Za-z0-9])(?:H(?P<h>[12])|(?P<hh>[12])H)(?P<yy>\d\d)?(?!\d|[A-Z])[ -]?{_OF_YEAR})",
    "quarter in cjk": r"第(?P<q>[一二三四1-4])[季四]",
    "fiscal": rf"(?i:(?<![A-Za-z])(?:FY|{_FISCAL}(?: year)?)[ -]?(?P<year>{_YEAR}|['’]?\d\d)(?![\d.,%]\d|%))",
    "years": rf"(?<![\d.,$€£])(?P<y>{_YEAR})[-/](?P<second>\d\d|{_YEAR})(?![\d-])",
    "weekday": rf"\b(?P<weekday>{'|'.join(f'{day}|{day.upper()}' for day in DAYS)})\b",
    "year": rf"(?<![\d.,$€£¥₹A-Za-z-])(?P<y>{_YEAR})(?![\d%-]|[.,]\d|[a-zA-Z])",
}  # fmt: skip
_ORDER = (
    "iso", "numbers", "cjk", "years", "quarter by its months", "quarter in words", "short quarter", "quarter", "half",
    "quarter in cjk", "day first", "month first", "month", "fiscal", "weekday", "year",
)  # fmt: skip
_PATTERNS = [(kind, re.compile(_FORMS[kind])) for kind in _ORDER]
_ENDS_SENTENCE = re.compile(r"(?:\A|[.!?:;\n\"(])\s*\Z")
_SINCE_JANUARY = re.compile(r"\bYTD\b|\byear[- ]to[- ]date\b|\b(?:start|beginning) of the year\b", re.I)
_MONTHLY = re.compile(r"\bmonth[- ](?:over|on)[- ]month\b|\bM/M\b|\bMoM\b|\b(?:previous|prior|preceding) month\b", re.I)
_VERBS = {"may", "march"}


class Day(NamedTuple):
    """A day, month, quarter, half or year, as far as it is told; None where it is not. `weekday`: 0 is Monday."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    half: int | None = None
    weekday: int | None = None


class Dated(NamedTuple):
    """Where a date stands in a text, and what it can mean: 5/4/2026 is two days."""

    start: int
    end: int
    days: tuple[Day, ...]


def dates(text: str) -> list[Dated]:
    """The dates of a text, in order."""
    folded = fold(text)
    return [Dated(*folded.original(each.start, each.end), each.days) for each in _read(folded.text)]


@lru_cache(maxsize=1024)
def days(text: str) -> frozenset[Day]:
    """What a text says of days, and what follows from it: a full date has a weekday."""
    folded = fold(text).text
    found = {day for each in _read(folded) for day in each.days}
    if _SINCE_JANUARY.search(folded):
        found.add(Day(month=1))
    if _MONTHLY.search(folded):
        found |= {Day(month=(day.month - 2) % 12 + 1) for day in found if day.month}
    return frozenset(found | {Day(weekday=weekday) for day in found if (weekday := _weekday(day)) is not None})


def is_dated(wanted: Dated, known: Iterable[Day]) -> bool:
    """Whether one of its meanings is among these days: all it tells is told there, if the year at another place."""
    known = set(known)
    years = {day.year for day in known if day.year}
    return any(_is_known(day, known, years) for day in wanted.days)


def following(day: Day) -> list[Day]:
    """The quarter or the month after this one."""
    over = day.year + 1 if day.year else None
    if day.quarter and not day.month:
        return [Day(over if day.quarter == 4 else day.year, quarter=day.quarter % 4 + 1)]
    return [Day(over if day.month == 12 else day.year, day.month % 12 + 1)] if day.month else []


def _is_known(day: Day, known: Iterable[Day], years: set[int]) -> bool:
    if day == Day(year=day.year):
        return day.year in years
    return any(_says(told, day, years) for told in known)


def _says(told: Day, wanted: Day, years: set[int]) -> bool:
    same = all(getattr(wanted, part) in {None, getattr(told, part)} for part in ("month", "day", "quarter", "half", "weekday"))
    return same and (wanted.year is None or wanted.year == told.year or (told.year is None and wanted.year in years))


def _weekday(day: Day) -> int | None:
    try:
        return date(day.year, day.month, day.day).weekday() if day.year and day.month and day.day else None
    except ValueError:
        return None


def _read(text: str) -> Iterator[Dated]:
    taken: list[tuple[int, int]] = []
    found: list[Dated] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < until and since < end for since, until in taken) or _is_verb(text, match, kind):
                continue
            made = _days(kind, match)
            if made:
                taken.append((start, end))
                # Each end of a range is a date of its own; elsewhere they are readings of one.
                is_range = kind == "years" or match.groupdict().get("until")
                found += [Dated(start, end, (day,)) for day in made] if is_range else [Dated(start, end, tuple(made))]
    return iter(sorted(found, key=lambda each: each[:2]))


def _is_verb(text: str, match: re.Match[str], kind: str) -> bool:
    """May and March by themselves, at the beginning of a sentence."""
    alone = kind == "month" and match["month"].lower() in _VERBS and not match["year"]
    return alone and bool(_ENDS_SENTENCE.search(text[max(0, match.start() - 4) : match.start()]))


def _days(kind: str, match: re.Match[str]) -> Sequence[Day]:
    said = match.groupdict()
    year = _year(next((said[key] for key in ("y", "year", "before", "yy", "only") if said.get(key)), None))
    if kind in _MAKERS:
        return _MAKERS[kind](said, year)
    named = _month_number(said["month"]) if said.get("month") else _number(said.get("m"))
    if said.get("quarter"):
        return [Day(year, named, quarter=((named or 0) + 2) // 3), Day(year, named)]
    if named and not 1 <= named <= 12:
        return []
    return [Day(year, named, _number(day)) for day in (said.get("d"), said.get("until")) if day] or [Day(year, named)]


def _in_numbers(said: Mapping[str, str], year: int | None) -> list[Day]:
    """5/4/2026 is in April or in May."""
    a, b = int(said["a"]), int(said["b"])
    return [Day(year, month, day) for month, day in ((a, b), (b, a)) if 1 <= month <= 12 and 1 <= day <= 31]


def _years(said: Mapping[str, str], year: int | None) -> list[Day]:
    second = said["second"]
    is_month = len(second) == 2 and int(second) <= int(str(year)[2:])
    return [] if is_month else [Day(year), Day(_year(second))]


def _week(said: Mapping[str, str], year: int | None) -> list[Day]:
    return [Day(weekday=DAYS.index(said["weekday"].capitalize()))]


def _by_months(said: Mapping[str, str], year: int | None) -> list[Day]:
    month = _month_number(said["month"])
    return [Day(month=month, quarter=(month + 2) // 3), Day(month=month)]


def _part(said: Mapping[str, str], year: int | None) -> list[Day]:
    number = said.get("q") or said.get("qq") or said.get("h") or said.get("hh") or ""
    place = _ORDINALS.get((said.get("ordinal") or "").lower()) or _NUMERALS.get(number, 0)
    is_half = bool(said.get("h") or said.get("hh")) or (said.get("span") or "").lower() in {"half", "six months"}
    return [Day(year, half=place) if is_half else Day(year, quarter=place)]


_MAKERS: dict[str, Callable[[Mapping[str, str], int | None], list[Day]]] = {
    "numbers": _in_numbers,
    "years": _years,
    "weekday": _week,
    "quarter by its months": _by_months,
    **dict.fromkeys(("quarter in words", "quarter", "short quarter", "half", "quarter in cjk"), _part),
}


def _number(said: str | None) -> int | None:
    return int(re.sub(r"\D", "", said)) if said else None


def _year(said: str | None) -> int | None:
    """2026 of '26, and of 115 in Taiwan's count."""
    if not said:
        return None
    year = int(said.lstrip("'’"))
    if year < 100:
        return 2000 + year if year < 70 else 1900 + year
    return year + 1911 if year < 200 else year
