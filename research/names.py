"""Every name of the security master, searched together, and how much each says by itself.

One automaton holds them all. The longest name wins: "Foxconn Industrial Internet" is not Foxconn.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

import ahocorasick_rs

from portfolios.company_names import Grade, grade_of
from research.folding import CJK, fold
from research.periods import DAY, is_within, turning_days
from research.tickers import ListingRow, Tickers

_SEPARATORS = re.compile(r"[\W_]")
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_WEB = re.compile(r"\.(?:com|net|org|io|co|ai|cn|tw|jp|de|uk|in)\b", re.I)
_WORDS = re.compile(r"[^\W\d_]+")
_GAPS = re.compile(r"[\s\-&/]+")
LOWER_CASE_LENGTH = 5
SHORT_LENGTH = 3
MOST_VIEWS = 8  # of days in the past, each with some megabytes of its own
PLAIN = {Grade.WORD, Grade.PHRASE}


@dataclass(frozen=True, slots=True)
class AliasRow:
    """A name of an issuer. `needs_corroboration`: it may mean something else; how much it then says is in its Grade.

    `against` are words, in lower case, of a text in which it does mean something else: macular, for AMD. `beside` are those of
    one that is about the company: iphone, for Apple. `is_shared`: other companies' names begin with it, so it says no more than a
    word. `since` and `until` are days, both included, between which the issuer had the name.
    """

    issuer_id: int
    text: str
    needs_corroboration: bool = False
    against: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    is_shared: bool = False
    since: date | None = None
    until: date | None = None


class Other(NamedTuple):
    """A company that might have been meant at a place, and why it is not."""

    issuer_id: int
    why: str


@dataclass(slots=True)
class Hit:
    """A name at a place of the folded text, as written there. `reason` is empty while nothing says that the company is meant."""

    name: str
    issuers: tuple[int, ...]
    start: int
    end: int
    grade: Grade
    confidence: float
    against: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    is_plain: bool = False
    reason: str = ""
    others: tuple[Other, ...] = ()

    def narrow(self, told: set[int]) -> bool:
        """Keep the one company of several with this name that the text tells otherwise. Whether there is just one."""
        meant = [issuer for issuer in self.issuers if issuer in told]
        if len(meant) != 1:
            return False
        words = "another company of that name, which nothing else in the text names"
        self.others = tuple(Other(issuer, words) for issuer in self.issuers if issuer != meant[0])
        self.issuers = (meant[0],)
        return True


@dataclass(frozen=True, slots=True)
class _Spelling:
    text: str
    issuers: tuple[int, ...]
    grade: Grade
    against: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    is_plain: bool = False  # one or two ordinary words, whoever vouches for it: without capitals it is those words
    needs_capitals: bool = False
    short: str = ""  # its letters, where these are so few that every one must be as here
    exact: float = 0.93  # how sure these very letters are the name

    def hit(self, written: str, start: int, end: int, confidence: float) -> Hit:
        return Hit(written, self.issuers, start, end, self.grade, confidence, self.against, self.beside, self.is_plain)

    def fits(self, written: str) -> float:
        """How sure these letters are the name (0: they are not)."""
        if written == self.text:
            return self.exact
        if self.short:
            return 0.93 if self.short == _SEPARATORS.sub("", written) else 0.0
        if self.needs_capitals:
            return 0.9 if _has_capitals(written) else 0.0
        if not _SEPARATORS.sub("", written).islower():
            return 0.9
        return 0.8 if sum(map(len, _WORDS.findall(written))) >= LOWER_CASE_LENGTH else 0.0


class Names:
    """All names and tickers of the master, without those that have ended. Built once, then only read: threads may share it."""

    def __init__(self, aliases: Iterable[AliasRow], listings: Iterable[ListingRow] = ()) -> None:
        by_pattern: dict[str, list[_Spelling]] = defaultdict(list)
        dated: list[tuple[str, str, AliasRow]] = []
        for alias in aliases:
            for text in _variants(fold(alias.text).text.strip()):
                spelled = by_pattern[pattern := _pattern(text)]
                if alias.since or alias.until:
                    dated.append((pattern, text, alias))
                else:
                    _add(spelled, text, alias)
        self._lasting = {pattern: list(by_pattern[pattern]) for pattern, _, _ in dated}
        for pattern, text, alias in dated:
            if alias.until is None:
                _add(by_pattern[pattern], text, alias)
        self._dated = dated
        self._numbers = {pattern: number for number, pattern in enumerate(by_pattern) if pattern in self._lasting}
        self._spellings = [tuple(spelled) for spelled in by_pattern.values()]
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_pattern) or ["\0"])
        self.tickers = Tickers(listings)
        self._days = turning_days([*((alias.since, alias.until) for _, _, alias in dated), *self.tickers.periods])
        self._view_from = lru_cache(MOST_VIEWS)(self._view)

    def on(self, day: date) -> "Names":
        """The names and tickers as they were on that day."""
        begun = bisect_right(self._days, day)
        if begun == len(self._days):
            return self
        return self._view_from(self._days[begun - 1] if begun else self._days[0] - DAY)

    def _view(self, day: date) -> "Names":
        view = copy(self)
        spelled = {pattern: list(lasting) for pattern, lasting in self._lasting.items()}
        for pattern, text, alias in self._dated:
            if is_within(day, alias.since, alias.until):
                _add(spelled[pattern], text, alias)
        view._spellings = list(self._spellings)
        for pattern, number in self._numbers.items():
            view._spellings[number] = tuple(spelled[pattern])
        view.tickers = self.tickers.on(day)
        return view

    def has(self, name: str) -> bool:
        """Whether that is a name of the master, in whatever capitals."""
        written = fold(name).text.strip()
        return any((hit.start, hit.end) == (0, len(written)) for hit in self.find(written))

    def find(self, text: str) -> list[Hit]:
        """Names in a folded text, longest first at each place, none inside another."""
        haystack, places = _haystack(text)
        hits = [
            hit
            for pattern, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True)
            if (hit := self._hit(pattern, text, *_trimmed(haystack, places, start, end)))
        ]
        return _longest(hits)

    def _hit(self, pattern: int, text: str, start: int, end: int) -> Hit | None:
        if pattern >= len(self._spellings):
            return None
        written = text[start:end]
        best: Hit | None = None
        for spelling in self._spellings[pattern]:
            confidence = spelling.fits(written)
            if confidence and (best is None or confidence > best.confidence):
                best = spelling.hit(written, start, end, confidence)
        return best if best and not _in_address(text, start, end) else None


def _variants(text: str) -> list[str]:
    """The name, with "and" as well as "&" in it."""
    if len(_SEPARATORS.sub("", text)) < 2 or text.isdigit():  # "111" is a number, whoever is called so
        return []
    other = text.replace(" & ", " and ") if " & " in text else text.replace(" and ", " & ").replace(" And ", " & ")
    return [text] if other == text else [text, other]


def _add(spelled: list[_Spelling], text: str, alias: AliasRow) -> None:
    """Where one company is vouched for under a name, that outweighs doubts of the same one; of two companies both are kept."""
    known = next((each for each in spelled if each.text == text), None)
    grade = Grade.WORD if alias.is_shared else grade_of(text) if alias.needs_corroboration else Grade.DISTINCT
    issuers = {alias.issuer_id, *(known.issuers if known else ())}
    if known:
        grade = max(grade, known.grade) if len(issuers) == 1 else min(grade, known.grade)
    against, beside = frozenset(alias.against), frozenset(alias.beside)
    if known:
        against, beside = against | known.against, beside | known.beside
        spelled.remove(known)
    is_plain = _is_plain(text)
    letters = _SEPARATORS.sub("", text)
    spelling = _Spelling(
        text,
        tuple(sorted(issuers)),
        grade,
        against,
        beside,
        is_plain,
        needs_capitals=is_plain or grade < Grade.DISTINCT,
        short=letters if len(letters) <= SHORT_LENGTH else "",
        exact=0.97 if " " in text or CJK.match(text) else 0.93,
    )
    spelled.append(spelling)


def _is_plain(text: str) -> bool:
    return len(_WORDS.findall(text)) <= 2 and grade_of(text) in PLAIN


def _has_capitals(written: str) -> bool:
    """Every word that counts begins with a capital: "Bank of America", "TEXAS INSTRUMENTS"."""
    if written[0].islower():
        return False
    return not any(word[0].islower() for word in _GAPS.split(written) if len(word) > 3)


def _pattern(text: str) -> str:
    """The name as it is searched: lower case, separators as blanks, a blank at each end that needs a word boundary."""
    spaced = _SEPARATORS.sub(" ", _lower(text)).strip()
    start = "" if CJK.match(spaced[:1]) else " "
    end = "" if CJK.match(spaced[-1:]) else " "
    return f"{start}{spaced}{end}"


def _haystack(text: str) -> tuple[str, list[int] | None]:
    """The text as patterns are searched in it, and each character's place (None: one to the left of its index).

    Where Chinese, Japanese or Korean meets Latin letters there is a word boundary without a blank: one is put in.
    """
    if text.isascii():
        return f" {text.translate(_ASCII)} ", None
    spaced = _SEPARATORS.sub(" ", _lower(text))
    if not CJK.search(text):
        return f" {spaced} ", None
    out: list[str] = [" "]
    places: list[int] = [-1]
    was_cjk = False
    for i, char in enumerate(spaced):
        is_cjk = bool(CJK.match(char))
        if is_cjk != was_cjk:
            out.append(" ")
            places.append(i)
        out.append(char)
        places.append(i)
        was_cjk = is_cjk
    return "".join([*out, " "]), [*places, len(spaced)]


def _trimmed(haystack: str, places: list[int] | None, start: int, end: int) -> tuple[int, int]:
    """Where in the text the match is, without the blanks at its ends."""
    if places is None:
        return start, end - 2  # without Chinese, Japanese or Korean there is a blank at each end
    start += haystack[start] == " "
    end -= haystack[end - 1] == " "
    return places[start], places[end - 1] + 1


def _lower(text: str) -> str:
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower()[:1] for c in text)


def _longest(hits: list[Hit]) -> list[Hit]:
    if all(hit.end <= after.start for hit, after in pairwise(hits)):
        return hits
    hits.sort(key=_length_and_place)
    taken: list[Hit] = []
    for hit in hits:
        inside = _overlapping(hit, taken)
        if inside is None:
            taken.append(hit)
        else:
            others = [Other(issuer, "part of a longer name") for issuer in hit.issuers if issuer not in inside.issuers]
            inside.others = (*inside.others, *others)
    taken.sort(key=attrgetter("start"))
    return taken


def _length_and_place(hit: Hit) -> tuple[int, int]:
    return hit.start - hit.end, hit.start


def _overlapping(hit: Hit, taken: Iterable[Hit]) -> Hit | None:
    start, end = hit.start, hit.end
    for other in taken:
        if start < other.end and other.start < end:
            return other
    return None


def _in_address(text: str, start: int, end: int) -> bool:
    """Part of a web or mail address: "www.apple.com", "@apple", "apple.com/news"."""
    before = text[start - 1 : start]
    if before in {"@", "/"} or (before == "." and text[start - 2 : start - 1].isalnum()):
        return True
    if not text.startswith(".", end) or not _WEB.match(text, end):
        return False
    return text[start].islower() or text[end:].find("/") in range(3, 7)
