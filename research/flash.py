"""The quick reading: what a text says about one company, by word rules alone, in well under a millisecond.

Direction × what moved (profit rose, losses widened, costs fell), words and phrases with a direction of their own,
negation, and how near all that stands to the company's name. The size of the effect comes from the kind of event.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from research import flash_events as events
from research import flash_words as words
from research.mentions import document

Span = tuple[int, int]

NO_CUE = 0.1
UNDIRECTED_CONFIDENCE = 0.3
# Softmax weights, set by hand: one cue makes about .6, three make about .9.
_SLOPE, _NEUTRAL, _NEUTRAL_FADE = 1.15, 0.85, 0.25
_HEADLINE, _SAME_SENTENCE, _OTHERS_CLAUSE = 1.3, 0.45, 0.1
# Each further sentence weighs this much of the one before: news says the important thing first.
_LATER = 0.6


@dataclass(frozen=True, slots=True)
class FlashReading:
    """Probabilities (sum 1, 4 decimals), `market_impact` 0…1 or None (no text), `confidence` 0…1, `events` seen."""

    p_positive: float
    p_neutral: float
    p_negative: float
    market_impact: float | None
    confidence: float
    events: tuple[str, ...] = ()


class _Clause(NamedTuple):
    text: str
    weight: float


def _table_version() -> str:
    tables = {
        name: sorted(table) if isinstance(table, frozenset) else table for name, table in vars(words).items() if name.isupper()
    }
    return sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()[:12]


FLASH_VERSION = _table_version()

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?][\"')\]]*(?=\s+[A-Z0-9\"'(]|\s*$)|(?=\n)|$)", re.M)
_CLAUSE_END = re.compile(
    r"[;:–—|]|, | - "
    r"| (?:but|while|whereas|although|though|despite|even as|as|after|amid|following|and (?=\w+ (?:fell|rose|is|was)))\s"
)
_TOKEN = re.compile(r"[a-z][a-z'’&-]*|\d[\d.,]*%?")
_PHRASES = [(re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])"), value) for pattern, value in words.PHRASES]
_EVENTS = [(name, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])"), size) for name, (pattern, size) in events.EVENTS.items()]
_ROUTINE = [(re.compile(rf"(?<![a-z])(?:{pattern})"), most) for pattern, most in events.ROUTINE]
_MOVE = re.compile(
    r"(?:shares?|stock|plung\w+|tumbl\w+|soar\w*|surg\w+|jump\w*|fell|falls?|drop\w*|sinks?|crash\w*)[^.;%]{0,40}?(\d{1,2}(?:\.\d+)?)\s?(?:%|percent)"
)


def flash_reading(title: str, text: str, spans: Sequence[Span] = (), others: Sequence[Span] = ()) -> FlashReading:
    """Read the text for the issuer named at `spans` (offsets into `document(title, text)`); without spans, as a whole.

    `others` are the places of other issuers: a clause that names one of them and not ours says little about ours.
    Without a word of direction the reading is neutral, with a low confidence.
    """
    clauses = _clauses(document(title, text), len(title), spans, others)
    if not clauses:
        return _reading(0.0, is_directed=False, impact=None, seen=())
    directions = [
        (clause.weight * direction, clause.weight) for clause in clauses if (direction := _direction(clause.text)) is not None
    ]
    events, impact = _impact(title.lower(), clauses)
    return _reading(sum(part for part, _ in directions), bool(directions), impact, events)


def _reading(direction: float, is_directed: bool, impact: float | None, seen: tuple[str, ...]) -> FlashReading:
    direction = max(-3.0, min(3.0, direction))
    neutral = _NEUTRAL - _NEUTRAL_FADE * abs(direction) + (0.0 if is_directed else 0.5)
    weights = [math.exp(_SLOPE * direction), math.exp(neutral), math.exp(-_SLOPE * direction)]
    positive, _, negative = (round(weight / sum(weights), 4) for weight in weights)
    middle = round(1 - positive - negative, 4)
    confidence = max(positive, middle, negative) if is_directed else UNDIRECTED_CONFIDENCE
    return FlashReading(positive, middle, negative, impact, confidence, seen)


# --- where it is about the issuer ------------------------------------------------------------------------


def _clauses(whole: str, title_end: int, spans: Sequence[Span], others: Sequence[Span]) -> list[_Clause]:
    """The clauses of the sentences that name the issuer (all of them without spans), weighed by nearness."""
    found: list[_Clause] = []
    later = 0
    for sentence in _SENTENCE.finditer(whole):
        if not sentence.group().strip() or (spans and not _names(spans, *sentence.span())):
            continue
        weight = _HEADLINE if sentence.start() < title_end else _LATER**later
        later += sentence.start() >= title_end
        found += [
            _Clause(whole[start:end].lower().replace("’", "'").strip(), weight * _nearness(start, end, spans, others))
            for start, end in _parts(whole, *sentence.span())
        ]
    return found


def _parts(whole: str, start: int, end: int) -> list[Span]:
    cuts = [match.start() for match in _CLAUSE_END.finditer(whole, start, end)]
    bounds = [start, *cuts, end]
    return [(a, b) for a, b in pairwise(bounds) if b > a]


def _nearness(start: int, end: int, spans: Sequence[Span], others: Sequence[Span]) -> float:
    if not spans or _names(spans, start, end):
        return 1.0
    return _OTHERS_CLAUSE if _names(others, start, end) else _SAME_SENTENCE


def _names(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(start <= first < end for first, _ in spans)


# --- which way -------------------------------------------------------------------------------------------


def _direction(clause: str) -> float | None:
    """Sum of the clause's directed cues, each about ±1; None when it has none."""
    total, is_found = 0.0, False
    for pattern, value in _PHRASES:
        for match in pattern.finditer(clause):
            before = _TOKEN.findall(clause[: match.start()])
            total += value * _turned(before)
            is_found = is_found or value != 0
            clause = clause[: match.start()] + "·" * (match.end() - match.start()) + clause[match.end() :]
    tokens = _TOKEN.findall(clause)
    for i in range(len(tokens)):
        cue = _cue(tokens, i)
        if cue:
            total += cue * _turned(tokens[:i]) * (0.6 if words.HEDGES & set(tokens[:i]) else 1.0)
            is_found = True
    return total if is_found else None


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


def _turned(before: Sequence[str]) -> float:
    """A negation within three words turns a cue round, and weakens it."""
    return -0.6 if words.NEGATIONS & set(before[-3:]) else 1.0


# --- how much --------------------------------------------------------------------------------------------


def _impact(title: str, clauses: Sequence[_Clause]) -> tuple[tuple[str, ...], float]:
    """Events named near the issuer, and the largest size of effect among them; routine pieces are held down."""
    near = " ; ".join(clause.text for clause in clauses if clause.weight > _OTHERS_CLAUSE * _HEADLINE)
    seen = [(size, name) for name, pattern, size in _EVENTS if pattern.search(near)]
    size = max([size for size, _ in seen], default=NO_CUE)
    move = max((float(match[1]) for match in _MOVE.finditer(near)), default=0.0)
    if move:
        size = max(size, min(0.8, 0.2 + move / 40))
    if len(seen) > 1:
        size = min(0.95, size + 0.03 * min(3, len(seen) - 1))
    if not any(clause.weight > 1 for clause in clauses):
        size *= 0.6  # not in the headline: somebody else's story
    for pattern, most in _ROUTINE:
        if pattern.search(title):
            size = min(size, most)
    return tuple(name for _, name in sorted(seen, reverse=True)), round(size, 4)
