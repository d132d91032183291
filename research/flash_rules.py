"""Which way a clause points, by rules: direction × what moved, comparisons with a figure of before, phrases, negation."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from research import flash_words as words

_TOKEN = re.compile(r"[a-z][a-z'’&-]*|\d[\d.,]*%?")
# One alternation, tried at the starts of words alone: a pattern each would read the clause sixty times.
_PHRASES = re.compile(rf"(?<![a-z])(?:{'|'.join(f'({pattern})' for pattern, _ in words.PHRASES)})(?![a-z])")
_VALUES = [value for _, value in words.PHRASES]
TURNED, HEDGED, WEAKENED = -0.85, 0.45, 0.4


class Cue(NamedTuple):
    """Words that moved the score, and how much: 1 is one plain cue."""

    words: str
    value: float


def cues(clause: str) -> list[Cue] | None:
    """The directed cues of a clause (small letters); None when it has none. One that was turned to nothing is a cue too."""
    found: list[Cue] = []
    hedge = HEDGED if words.HEDGES & set(_TOKEN.findall(clause)) else 1.0
    rest = clause
    for match in _PHRASES.finditer(clause):
        value = _VALUES[(match.lastindex or 1) - 1]
        if value:
            found.append(_turned(match.group(), value * hedge, _TOKEN.findall(clause[: match.start()])))
        rest = rest[: match.start()] + "·" * (match.end() - match.start()) + rest[match.end() :]
    tokens = _TOKEN.findall(rest)
    for i, token in enumerate(tokens):
        if value := _cue(tokens, i):
            found.append(_turned(token, value * hedge * (WEAKENED if token in words.WEAK else 1.0), tokens[:i]))
    return found or None


def _cue(tokens: Sequence[str], i: int) -> float:
    token = tokens[i]
    if token in words.UP or token in words.DOWN:
        way = 1.0 if token in words.UP else -1.0
        return way * _thing(tokens, i)
    if token in words.PRAISE:
        return 1.0
    return -1.0 if token in words.BLAME and not _is_moved(tokens, i) else 0.0


def _thing(tokens: Sequence[str], i: int) -> float:
    """+1 when what moved is good to have more of (or nothing is named), −1 when it is bad."""
    near = [tokens[j] for step in range(1, 5) for j in (i + step, i - step) if 0 <= j < len(tokens)]
    first = next((token for token in near if token in words.GOOD or token in words.BAD), "")
    return -1.0 if first in words.BAD else 1.0


def _is_moved(tokens: Sequence[str], i: int) -> bool:
    """ "Loss" beside "narrowed" is counted there already."""
    near = set(tokens[max(0, i - 4) : i + 5])
    return tokens[i] in words.BAD and bool(near & (words.UP | words.DOWN))


def _turned(text: str, value: float, before: Sequence[str]) -> Cue:
    """A negation within three words turns a cue round, and weakens it."""
    negation = next((token for token in before[-3:] if token in words.NEGATIONS), None)
    return Cue(f"{negation} … {text}", value * TURNED) if negation else Cue(text, value)


# --- a figure and that of before -------------------------------------------------------------------------

_FIGURE = re.compile(
    r"(?P<sign>-)?(?:(?:eur|usd|sek|nok|dkk|gbp|chf|cad|aud|rs\.?|us\$|nt\$|[$€£¥])\s?)?(?P<value>\d[\d,]*(?:\.\d+)?)"
    r"\s?(?P<unit>%|percent|per cent|pct|million|mln|mn|m|billion|bln|bn|b|thousand|k|crore|cr)?(?![\w-])"
)
_SCALE = {
    "million": 1e6,
    "mln": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bln": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "thousand": 1e3,
    "k": 1e3,
}
_PERCENT = frozenset(["%", "percent", "per cent", "pct"])
_THAN = re.compile(r"\b(?:from|(?:as )?compared (?:to|with)|against|versus|vs\.?)\s")
_NAMES = re.compile(
    r"\b(?:loss(?:es)?|costs?|expenses?|debt|provisions?|impairments?|profits?|earnings|eps|sales|revenues?|turnover|income|"
    r"margins?|orders?|results?|ebit(?:da)?|cash flow|dividends?|deliveries|volumes?|bookings|backlog)\b"
)
_BAD_NAMES = ("loss", "cost", "expense", "debt", "provision", "impairment")
COMPARED = 1.4
_FAR = 70


class _Figure(NamedTuple):
    value: float
    is_share: bool


def compared(sentence: str) -> Cue | None:
    """What "profit of 5 million, from 4 million" says (small letters): better or worse; None if nothing is compared."""
    for than in _THAN.finditer(sentence):
        name = _last(_NAMES, sentence[: than.start()])
        after = sentence[than.end() : than.end() + _FAR]
        now, then = _figures(sentence[: than.start()]), _figures(after)
        if not name or not then:
            continue
        now = [figure for figure in now if figure.is_share == then[0].is_share]
        if not now:
            continue
        other = _NAMES.match(after.partition(" of ")[0].split()[-1]) if " of " in after else None
        way = _way(name, other.group() if other else name, now[-1].value, then[0].value)
        return Cue(f"{name} {than.group().strip()}", COMPARED * way) if way else None
    return None


def _way(name: str, other: str, now: float, then: float) -> int:
    is_bad, was_bad = name.startswith(_BAD_NAMES), other.startswith(_BAD_NAMES)
    if is_bad != was_bad:
        return -1 if is_bad else 1
    way = (now > then) - (now < then)
    return -way if is_bad else way


def _last(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.findall(text)
    return str(found[-1]) if found else ""


def _figures(text: str) -> list[_Figure]:
    """The figures in it but for years."""
    found = []
    for match in _FIGURE.finditer(text):
        plain, unit = match["value"].replace(",", ""), match["unit"] or ""
        if not unit and len(plain) == 4 and plain[:2] in {"19", "20"} and match.group() == match["value"]:
            continue
        value = float(plain) * _SCALE.get(unit, 1.0)
        found.append(_Figure(-value if match["sign"] else value, unit in _PERCENT))
    return found
