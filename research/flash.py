"""The quick reading: what a text says about one company, by word rules and a small model, in a millisecond or two.

Direction × what moved (profit rose, losses widened, costs fell), words and phrases with a direction of their own,
negation, and how near all that stands to the company's name. The size of the effect comes from the kind of event.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from research import flash_events, flash_words
from research.flash_features import features
from research.flash_impact import Happened, happened, role
from research.flash_model import (
    Model,
    Probabilities,
    known,
    model,
    pooled,
    probabilities,
    rule_numbers,
    share_of_rules,
    version,
)
from research.flash_rules import Cue, compared, cues
from research.mentions import document

Span = tuple[int, int]

UNDIRECTED_CONFIDENCE = 0.3
# Softmax weights, set by hand: one cue makes about .6, three make about .9.
_SLOPE, _NEUTRAL, _NEUTRAL_FADE = 1.15, 0.85, 0.25
_HEADLINE, _SAME_SENTENCE, _OTHERS_CLAUSE = 1.3, 0.45, 0.1
# Each further sentence weighs this much of the one before: news says the important thing first.
_LATER = 0.6
MOST_SENTENCES, MOST_CUES = 6, 5
_DIRECTED = 0.5


@dataclass(frozen=True, slots=True)
class FlashReading:
    """Probabilities (sum 1, 4 decimals), `market_impact` 0…1 or None (no text), `confidence` 0…1, `events` seen, and the
    `cues` of the rules: words with how much they moved the score, the strongest first.
    """

    p_positive: float
    p_neutral: float
    p_negative: float
    market_impact: float | None
    confidence: float
    events: tuple[str, ...] = ()
    cues: tuple[Cue, ...] = ()
    event: tuple[
        tuple[str, str | bool | None], ...
    ] = ()  # as research.events has it: type, direction, fact_level, scheduled, role


class Asked(NamedTuple):
    """A text to read, for the issuer named at `spans` (offsets into `document(title, text)`), among `others`' places."""

    title: str
    text: str = ""
    spans: Sequence[Span] = ()
    others: Sequence[Span] = ()
    outlet: str = ""


class _Clause(NamedTuple):
    text: str
    weight: float


Facts = tuple[list[int], tuple[float, float, float, float]]


class _Sentence(NamedTuple):
    text: str
    spans: list[Span]
    others: list[Span]
    weight: float
    clauses: list[_Clause]
    cues: list[Cue]

    def facts(self) -> Facts:
        """Its features, and what the rules say of it."""
        direction = sum(cue.value for cue in self.cues) / self.weight if self.cues else None
        return features(self.text, self.spans, self.others), rule_numbers(direction)


def _table_version() -> str:
    tables = {
        name: sorted(table) if isinstance(table, frozenset) else table
        for of in (flash_words, flash_events)
        for name, table in vars(of).items()
        if name.isupper()
    }
    return sha256((json.dumps(tables, sort_keys=True) + version()).encode()).hexdigest()[:12]


FLASH_VERSION = _table_version()

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?][\"')\]]*(?=\s+[A-Z0-9\"'(]|\s*$)|(?=\n)|$)", re.M)
_CLAUSE_END = re.compile(
    r"[;:–—|]|, | - "
    r"| (?:but|while|whereas|although|though|despite|even as|(?<!not )as(?! \w+ as\b)|after|amid|following"
    r"|and (?=\w+ (?:fell|rose|is|was)))\s"
)


def flash_version() -> str:
    """Twelve hex digits, which change with the tables and with the weights."""
    return FLASH_VERSION


def flash_readings(asked: Sequence[Asked]) -> list[FlashReading]:
    """One reading each, in their order."""
    return [flash_reading(*each) for each in asked]


def flash_reading(
    title: str, text: str, spans: Sequence[Span] = (), others: Sequence[Span] = (), outlet: str = ""
) -> FlashReading:
    """Read the text for the issuer named at `spans` (offsets into `document(title, text)`); without spans, as a whole.

    `others` are the places of other issuers: a clause that names one of them and not ours says little about ours.
    Where rules find no word of direction, the reading of a text without issuers is neutral, with a low confidence.
    """
    sentences = _sentences(document(title, text), len(title), spans, others)
    if not sentences:
        return _by_rules([], impact=None, seen=())
    moved = [cue for sentence in sentences for cue in sentence.cues]
    clauses = [clause for sentence in sentences for clause in sentence.clauses]
    near = " ; ".join(clause.text for clause in clauses if clause.weight > _OTHERS_CLAUSE * _HEADLINE)
    what = happened(title, near, any(clause.weight > 1 for clause in clauses), outlet)
    reading = replace(_by_rules(moved, what.impact, what.names), event=_event(what, title, spans, moved))
    return _by_model(reading, sentences) if spans else reading


def _event(what: Happened, title: str, spans: Sequence[Span], moved: Sequence[Cue]) -> tuple[tuple[str, str | bool | None], ...]:
    if not what.type:
        return ()
    way = sum(cue.value for cue in moved)
    direction = None if abs(way) < _DIRECTED else "up" if way > 0 else "down"
    told = {"type": what.type, "direction": direction, "fact_level": what.fact_level, "scheduled": what.scheduled}
    return tuple({**told, "role": role(what.type, title, spans)}.items())


class Sight(NamedTuple):
    """What the model sees of the sentences that name the issuer, each with its weight, and what the rules alone would say."""

    facts: list[Facts]
    weights: list[float]
    rules: FlashReading

    def read(self, small: Model) -> Probabilities:
        """Positive, neutral, negative: the model's verdict, and the rules' as far as the words are strange to it."""
        whole = sum(self.weights)
        logits = sum(weight / whole * small.logits(*facts) for weight, facts in zip(self.weights, self.facts, strict=True))
        share = sum(weight / whole * known(small, facts[0]) for weight, facts in zip(self.weights, self.facts, strict=True))
        by_rules = (self.rules.p_positive, self.rules.p_neutral, self.rules.p_negative)
        return pooled(probabilities(np.asarray(logits, dtype=np.float32)), by_rules, share_of_rules(share))


def sight_of(asked: Asked) -> Sight:
    """To learn from, and to try weights on that are not shipped."""
    sentences = _sentences(document(asked.title, asked.text), len(asked.title), asked.spans, asked.others)
    return _sight(_by_rules([cue for each in sentences for cue in each.cues], None, ()), sentences)


def _sight(rules: FlashReading, sentences: Sequence[_Sentence]) -> Sight:
    first = sentences[:MOST_SENTENCES]
    return Sight([each.facts() for each in first], [each.weight for each in first], rules)


def _by_model(rules: FlashReading, sentences: Sequence[_Sentence]) -> FlashReading:
    """With the model's probabilities; impact and words are the rules'."""
    told = _sight(rules, sentences).read(model())
    return replace(rules, p_positive=told[0], p_neutral=told[1], p_negative=told[2], confidence=max(told))


def _by_rules(moved: Sequence[Cue], impact: float | None, seen: tuple[str, ...]) -> FlashReading:
    direction = max(-3.0, min(3.0, sum(cue.value for cue in moved)))
    neutral = _NEUTRAL - _NEUTRAL_FADE * abs(direction) + (0.0 if moved else 0.5)
    weights = [math.exp(_SLOPE * direction), math.exp(neutral), math.exp(-_SLOPE * direction)]
    positive, _, negative = (round(weight / sum(weights), 4) for weight in weights)
    middle = round(1 - positive - negative, 4)
    confidence = max(positive, middle, negative) if moved else UNDIRECTED_CONFIDENCE
    return FlashReading(positive, middle, negative, impact, confidence, seen, _told(moved))


def _told(moved: Sequence[Cue]) -> tuple[Cue, ...]:
    """The words that moved the score most, each once."""
    by_words: dict[str, float] = defaultdict(float)
    for cue in moved:
        by_words[cue.words] += cue.value
    top = sorted(by_words.items(), key=lambda item: -abs(item[1]))[:MOST_CUES]
    return tuple(Cue(words, round(value, 2)) for words, value in top if round(value, 2))


# --- where it is about the issuer ------------------------------------------------------------------------


def _sentences(whole: str, title_end: int, spans: Sequence[Span], others: Sequence[Span]) -> list[_Sentence]:
    """The sentences that name the issuer (all of them without spans), with their clauses weighed by nearness to it."""
    found: list[_Sentence] = []
    later = 0
    for sentence in _SENTENCE.finditer(whole):
        start, end = sentence.span()
        if not sentence.group().strip() or (spans and not _names(spans, start, end)):
            continue
        weight = _HEADLINE if start < title_end else _LATER**later
        later += start >= title_end
        clauses = [_Clause(clean(whole[a:b]), weight * _nearness(a, b, spans, others)) for a, b in _parts(whole, start, end)]
        moved = [Cue(cue.words, clause.weight * cue.value) for clause in clauses for cue in cues(clause.text) or ()]
        if cue := compared(clean(sentence.group())):
            moved.append(Cue(cue.words, cue.value * weight * (_nearness(start, end, spans, others))))
        found.append(_Sentence(sentence.group(), _within(spans, start, end), _within(others, start, end), weight, clauses, moved))
    return found


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return [(a - start, b - start) for a, b in spans if start <= a < end]


def clean(text: str) -> str:
    return text.lower().replace("’", "'").strip()


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
