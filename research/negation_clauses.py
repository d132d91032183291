"""Clauses of a text, and what the negations in them deny. Cheap rules, no grammar. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from portfolios.ordinary import commonness
from research.folding import fold
from research.negation_words import (
    CLAUSE,
    DECLINE,
    DENYING,
    EMPTY,
    NEGATIVE,
    NEGATIVE_AS_WRITTEN,
    NOT_PRIVATIVE,
    PHRASES,
    PLAIN,
    SENTENCE_MARKS,
)
from research.word_stems import stem

_REACH = 8
_LONG_LINE = 60
_KNOWN_WORD = 20


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a text: its words in order, by stem, and which of them a negation denies. `is_plain`: it says not, no,
    never."""

    text: str
    start: int
    stems: tuple[str, ...]
    denied: tuple[tuple[str, ...], ...]
    is_negative: bool
    is_plain: bool
    is_negated: bool
    sentence: int
    is_question: bool = False


@lru_cache(maxsize=512)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text, at offsets into it."""
    folded = fold(text, keep_lines=True)
    made: list[Clause] = []
    at, sentence = 0, 0
    ends = [
        *((found.start(), found.end(), found[0]) for found in CLAUSE.finditer(folded.text)),
        (len(folded.text), len(folded.text), ""),
    ]
    for start, end, mark in ends:
        if mark == "\n" and _is_broken(folded.text, start):
            continue
        part = folded.text[at:start]
        if part.strip():
            place = folded.original(at + len(part) - len(part.lstrip()), at + len(part.rstrip()))
            clause = _clause(text[place[0] : place[1]], part.strip(), place[0], sentence)
            # "What slowdown?" says nothing plainly.
            made.append(replace(clause, is_negative=True, is_negated=True, is_question=True) if mark.startswith("?") else clause)
        sentence += mark[:1] in SENTENCE_MARKS
        at = end
    return tuple(made)


def _is_broken(text: str, at: int) -> bool:
    """Whether a line ends here in the middle of a sentence."""
    following = text[at + 1 : at + 3].strip()[:1]
    return following.islower() or (
        at - text.rfind("\n", 0, at) > _LONG_LINE and bool(following) and text[at - 1 : at] not in ".!?:;"
    )


def _clause(text: str, folded: str, start: int, sentence: int) -> Clause:
    tokens = _tokens(folded)
    own = tuple(stem(token) for token in tokens)
    denied = [_reach(tokens, own, at) for at in range(len(tokens)) if _denies(tokens, own, at)]
    is_plain = any(token in PLAIN for token in tokens)
    is_negated = is_plain or bool(denied) or any(map(_is_privative, tokens))
    is_negative = is_negated or any(map(NEGATIVE.__contains__, own)) or any(map(NEGATIVE_AS_WRITTEN.__contains__, tokens))
    return Clause(text, start, own, tuple(filter(None, denied)), is_negative, is_plain, is_negated, sentence)


def _denies(tokens: Sequence[str], own: Sequence[str], at: int) -> bool:
    """Shares that declined deny nothing."""
    if own[at] == DECLINE:
        return tokens[at + 1 : at + 2] == ["to"]
    return tokens[at] in PLAIN or own[at] in DENYING


def _tokens(text: str) -> list[str]:
    spelled = re.sub(
        r"\b(ca|wo|sha)n't\b", lambda m: {"ca": "can", "wo": "will", "sha": "shall"}[m[1].lower()] + " not", text, flags=re.I
    )
    spelled = re.sub(r"n't\b", " not", spelled, flags=re.I).replace("cannot", "can not").replace("'s", "")
    spelled = re.sub(r"\byet to\b", "not", spelled, flags=re.I)
    for phrase, word in PHRASES:
        spelled = phrase.sub(word, spelled)
    return [token.lower().strip("-") for token in re.findall(r"(?:[Nn]on-)?[A-Za-z0-9][\w&]*", spelled)]


@lru_cache(maxsize=20_000)
def _is_privative(token: str) -> bool:
    """Unchanged, non-binding, pointless; not under, unit."""
    if token.startswith("non-") or (token.endswith("less") and len(token) > 6):
        return True
    return token.startswith("un") and stem(token) not in NOT_PRIVATIVE and commonness(token[2:]) >= _KNOWN_WORD and len(token) > 5


def _reach(tokens: Sequence[str], own: Sequence[str], at: int) -> tuple[str, ...]:
    """The telling words after the negation at `at`, the first is what it denies."""
    return tuple(each for token, each in zip(tokens[at + 1 :], own[at + 1 :], strict=True) if token not in EMPTY)[:_REACH]
