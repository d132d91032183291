"""What the small model of the quick reading sees of a sentence that names an issuer: words by where they stand to it.

Features are words, stems and short runs of them: near or far, left or right of the issuer, in its clause or not, with another
company in between or not. Names are struck out, so that nothing is learnt about a company itself. Each becomes a number
below SIZE.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from research import flash_words as tables

SIZE = 1 << 18
OWN, OTHER = "TRGT", "OTHR"
_WORD = re.compile(r"[A-Za-z][\w'’&-]*|\d[\d.,]*%?|[^\w\s]|\w+")
_CLAUSE = frozenset(",;:|–—-/") | {
    "but",
    "while",
    "whereas",
    "although",
    "though",
    "despite",
    "as",
    "after",
    "amid",
    "and",
    "vs",
    "over",
}
_ENDING = re.compile(r"(?:ings?|ed|es|s|ly)$")
_SHORT = 4
_NEAR = ("1", "1", "1", "1", "2", "2", "2", "2")  # by distance in words; "3" beyond
MOST_WORDS = 60

Span = tuple[int, int]
# The rules' words, so that one kind of word is learnt where another of that kind was read.
_MOVES = tables.UP | tables.DOWN
_KINDS = (("up", tables.UP), ("down", tables.DOWN), ("praise", tables.PRAISE), ("blame", tables.BLAME), ("not", tables.NEGATIONS))


def features(text: str, spans: Sequence[Span], others: Sequence[Span]) -> list[int]:
    """The numbers of all features of this sentence, each once, for the issuer at `spans` among `others` (offsets into it)."""
    words = _as_meant(words_of(text, spans, others)[:MOST_WORDS])
    stems = [_stem(word) for word in words]
    found = {f"order={_order(words)}"}
    places = [at for at, word in enumerate(words) if word == OWN] or [0]
    clauses = _clauses(words)
    own_clauses = {clauses[at] for at in places} if words else set()
    order = _order(words) if OTHER in words else ""
    for i, (word, stem) in enumerate(zip(words, stems, strict=True)):
        if word != OWN:
            at = min(places, key=lambda place: abs(i - place))
            is_behind = OTHER in words[min(i, at) : max(i, at)]
            found.update(_of_word(word, stem, _Place(i - at, is_behind, clauses[i] in own_clauses, order)))
            found.update(_of_run(i, stems, is_behind))
    for at in places if words else ():
        found |= {
            "a1=" + " ".join(stems[at : at + 2]),
            "a2=" + " ".join(stems[at : at + 3]),
            "z1=" + " ".join(stems[max(0, at - 1) : at + 1]),
            "z2=" + " ".join(stems[max(0, at - 2) : at + 1]),
            "y=" + " ".join(stems[max(0, at - 1) : at + 2]),
        }
    return sorted({crc32(each.encode()) % SIZE for each in found})


def words_of(text: str, spans: Sequence[Span], others: Sequence[Span]) -> list[str]:
    """Its words in small letters, a number as #, each run of words of the issuer or of another company as one mark."""
    words: list[str] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if any(start < b and a < end for a, b in spans):
            word = OWN
        elif any(start < b and a < end for a, b in others):
            word = OTHER
        else:
            word = _plain(match.group())
        if not (words and word in {OWN, OTHER} and words[-1] == word):
            words.append(word)
    return words


def _as_meant(words: Sequence[str]) -> list[str]:
    """With the direction that it has for a shareholder: costs that fell "rise", as a profit would; who did not miss "beats"."""
    return [_opposite(word) if _is_of_bad(words, i) != _is_denied(words, i) else word for i, word in enumerate(words)]


def _opposite(word: str) -> str:
    if word in _MOVES:
        return "falls" if word in tables.UP else "rises"
    return "misses" if word in tables.PRAISE else "beats"


def _is_denied(words: Sequence[str], i: int) -> bool:
    word = words[i]
    is_directed = word in _MOVES or word in tables.PRAISE or word in tables.BLAME
    return is_directed and any(before in tables.NEGATIONS for before in words[max(0, i - 3) : i])


def _is_of_bad(words: Sequence[str], i: int) -> bool:
    """Whether a word of direction belongs to a thing that it is bad to have more of: the nearest thing, four words around."""
    if words[i] not in _MOVES:
        return False
    near = (words[j] for step in range(1, 5) for j in (i + step, i - step) if 0 <= j < len(words))
    return next((word in tables.BAD for word in near if word in tables.BAD or word in tables.GOOD), False)


def _plain(word: str) -> str:
    if word[0].isdigit():
        return "#%" if word.endswith("%") else "#"
    return word.lower().replace("’", "'")


@lru_cache(50_000)
def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) > _SHORT and word not in {OWN, OTHER} else word


@lru_cache(50_000)
def _kind(word: str) -> str:
    return next((name for name, table in _KINDS if word in table), "")


def _order(words: Sequence[str]) -> str:
    """Whether the issuer is the first of the companies named, the last, between others, or alone."""
    if OTHER not in words:
        return "0"
    named = [word for word in words if word in {OWN, OTHER}]
    return "F" if named[0] == OWN else "L" if named[-1] == OWN else "M"


def _clauses(words: Sequence[str]) -> list[int]:
    numbers, number = [], 0
    for word in words:
        number += word in _CLAUSE
        numbers.append(number)
    return numbers


class _Place(NamedTuple):
    """Where a word stands to the issuer: words apart, behind another company, in a clause of its own, and the issuer's order."""

    apart: int
    is_behind: bool
    in_clause: bool
    order: str


def _of_word(word: str, stem: str, place: _Place) -> list[str]:
    side = "L" if place.apart < 0 else "R"
    near = _NEAR[abs(place.apart)] if abs(place.apart) < len(_NEAR) else "3"
    behind = "o" if place.is_behind else "n"
    found = [f"w={word}", f"s={stem}", f"d={side}{near}{stem}", f"c={place.in_clause}{stem}", f"{behind}{side}{stem}"]
    if kind := _kind(word):
        found += [f"g={behind}{side}{near}{kind}", f"h={place.in_clause}{behind}{kind}", f"i={place.order}{kind}"]
    return [*found, f"p={place.order}{stem}"] if place.order else found


def _of_run(i: int, stems: Sequence[str], is_behind: bool) -> list[str]:
    found = []
    if i + 1 < len(stems):
        pair = f"{stems[i]}_{stems[i + 1]}"
        found += [f"b={pair}", f"bb={'o' if is_behind else 'n'}{pair}"]
    if i + 2 < len(stems):
        found += [f"t={stems[i]}_{stems[i + 1]}_{stems[i + 2]}", f"k={stems[i]}_{stems[i + 2]}"]
    return found
