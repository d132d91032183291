"""Whether prose turned a statement round: "did not elaborate" told as "elaborated", or the reverse. Cheap rules, no
grammar. Pure.

What is denied is the first telling word after a negation, in its clause. Prose that says it plainly, where no text does, has lost
the negation; prose that denies what the texts say plainly, or anything that no text speaks of in the negative, has added one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from portfolios.ordinary import commonness
from research.folding import fold
from research.negation_words import (
    CLAUSE,
    COMMON,
    DECLINE,
    DENYING,
    EMPHATIC,
    EMPTY,
    HEDGES,
    LEFT_OVER,
    MAYBE,
    NEGATIVE,
    NO_OTHER,
    NOMINAL,
    NOT_ONLY,
    NOT_PRIVATIVE,
    OPPOSITES,
    PASSIVE,
    PLAIN,
    RAISING,
    RISKY,
    SAME,
    SENTENCE_MARKS,
    SOLE,
    STORY,
    TOLD,
    UNSAID,
)
from research.word_stems import stem

_REACH = 8
_SHORT_TEXT = 120  # words
_SHARED = 2
_NEAR = 3
_LISTED = 3
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


@dataclass(frozen=True, slots=True)
class Turned:
    """A clause of prose that says the opposite, as prose[start:end]."""

    start: int
    end: int
    reason: str


def turned(key: str, prose: str, texts: Sequence[str]) -> list[Turned]:
    """The clauses of a section of prose whose negation was lost or added."""
    told = _told(tuple(texts))
    said = clauses(prose)
    found: list[Turned] = []
    for index, clause in enumerate(said):
        before = said[index - 1] if index and said[index - 1].sentence == clause.sentence else None
        after = said[index + 1] if index + 1 < len(said) and said[index + 1].sentence == clause.sentence else None
        sentence = [each for each in said if each.sentence == clause.sentence]
        reason = _added(key, clause, sentence, told) if clause.is_plain else _lost(key, clause, before, after, told)
        if reason:
            found.append(Turned(clause.start, clause.start + len(clause.text), reason))
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """The clauses of the texts, and their words: all, those only said without any negation, those that stand outside of some."""

    sentences: tuple[tuple[Clause, ...], ...]
    words: frozenset[str]
    plain: frozenset[str]
    denied: frozenset[str]
    anywhere_plain: frozenset[str]
    is_short: bool


@lru_cache(maxsize=64)
def _told(texts: tuple[str, ...]) -> _Told:
    sentences = [tuple(group) for text in texts for _, group in groupby(clauses(text), key=lambda clause: clause.sentence)]
    told = [clause for sentence in sentences for clause in sentence]
    plain = {_same(word) for clause in told if not clause.is_negated for word in clause.stems}
    denied = {_same(word) for clause in told for reached in clause.denied for word in reached[:_NEAR]}
    outside = {_same(word) for clause in told for word in _outside(clause)}
    every = frozenset(form for clause in told for word in clause.stems for form in (word, _same(word)))
    return _Told(
        tuple(sentences),
        every,
        frozenset(plain - denied),
        frozenset(denied),
        frozenset(outside),
        sum(len(c.stems) for c in told) <= _SHORT_TEXT,
    )


def _outside(clause: Clause) -> set[str]:
    """Its words that no negation in it reaches."""
    return set(clause.stems) - {word for reached in clause.denied for word in reached}


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
            made.append(replace(clause, is_negative=True, is_negated=True) if mark.startswith("?") else clause)
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
    is_negative = is_negated or any(each in NEGATIVE for each in own)
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
    return [token.lower().strip("-") for token in re.findall(r"(?:non-)?[A-Za-z0-9][\w&]*", spelled)]


@lru_cache(maxsize=20_000)
def _is_privative(token: str) -> bool:
    """Unchanged, non-binding, pointless; not under, unit."""
    if token.startswith("non-") or (token.endswith("less") and len(token) > 6):
        return True
    return token.startswith("un") and stem(token) not in NOT_PRIVATIVE and commonness(token[2:]) >= _KNOWN_WORD and len(token) > 5


def _reach(tokens: Sequence[str], own: Sequence[str], at: int) -> tuple[str, ...]:
    """The telling words after the negation at `at`, the first is what it denies."""
    return tuple(each for token, each in zip(tokens[at + 1 :], own[at + 1 :], strict=True) if token not in EMPTY)[:_REACH]


def _same(word: str) -> str:
    return SAME.get(word, word)


# --- a negation that no text has -------------------------------------------------------------------------


def _added(key: str, clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    whole = fold(" ".join(each.text for each in sentence)).text
    if NOT_ONLY.search(whole):
        return "its wording wants no negation"
    if key == "unspecified" or _is_of_the_telling(clause, sentence):
        return ""
    if NO_OTHER.search(whole) and told.words & SOLE:
        return ""
    if key in RISKY and any(MAYBE.search(fold(each.text).text) for each in sentence):
        return ""
    return _against_the_texts(clause, sentence, told) or _without_support(key, clause, sentence, told)


def _against_the_texts(clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    for reached in clause.denied:
        first = _same(reached[0])
        if (
            (reached[0] in DENYING or reached[0].startswith("un"))
            and clause.is_plain
            and len(clause.denied) > 1
            and first not in told.denied
        ):
            return "no text has this double negation"
        if (
            first in told.plain
            and not _is_said_beside(first, clause, sentence)
            and not _is_denied_too(reached, told)
            and _is_said(first, clause, told)
        ):
            return "the texts say it without the negation"
    return ""


def _without_support(key: str, clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    if not told.is_short and NOMINAL.search(fold(clause.text).text):
        return ""  # "demand is not the limit": a long text may be put so in other words
    if key in {"risk", "watch"}:
        return ""  # what may come of it is the model's to say
    own, firsts = _telling(sentence), {_same(reached[0]) for reached in clause.denied}
    for each in told.sentences:
        shared = own & _telling(each) if any(part.is_negative for part in each) else set()
        if len(shared) >= _SHARED or shared & firsts or (shared and told.is_short):
            return ""
    return "no text has this negation"


def _is_said_beside(first: str, clause: Clause, sentence: Sequence[Clause]) -> bool:
    """What insiders may sell that they cannot sell now: the sentence says both."""
    said = [_same(word) for each in sentence for word in each.stems]
    return said.count(first) > sum(_same(word) == first for reached in clause.denied for word in reached[:1])


def _is_said(first: str, clause: Clause, told: _Told) -> bool:
    """Whether a text says what is denied, and another word of the clause with it, without a negation."""
    if told.is_short and first not in COMMON:
        return True
    rest = _telling([clause]) - {first} - COMMON
    around = ({_same(word) for word in part.stems} for each in told.sentences for part in each if not part.is_negated)
    return any(first in own and rest & own for own in around)


def _is_denied_too(reached: Sequence[str], told: _Told) -> bool:
    """Whether a text denies it in other words: two of them are denied together."""
    wanted = {_same(word) for word in reached}
    least = min(_SHARED, len(wanted))
    return any(
        len(wanted & {_same(word) for word in other}) >= least
        for each in told.sentences
        for part in each
        for other in part.denied
    )


def _telling(sentence: Iterable[Clause]) -> set[str]:
    found = {word for clause in sentence for word in clause.stems if word not in EMPTY and word not in PLAIN}
    bare = (word.removeprefix(prefix) for word in found for prefix in ("un", "non-") if word.startswith(prefix))
    return {_same(word) for word in (*found, *bare)}


def _is_of_the_telling(clause: Clause, sentence: Sequence[Clause]) -> bool:
    """ "The excerpt gives no price", "no price is given": about the story, not about what happened."""
    around = {word for each in sentence for word in each.stems}
    if around & STORY and set(clause.stems) & (UNSAID | {"in"}):
        return True
    at = next((at for at, word in enumerate(clause.stems) if word in PASSIVE), len(clause.stems))
    return bool(set(clause.stems[at + 1 :]) & UNSAID)


# --- a negation of the texts that is gone ----------------------------------------------------------------


def _lost(key: str, clause: Clause, before: Clause | None, after: Clause | None, told: _Told) -> str:
    if not (clause.is_negated or (before and before.is_plain)) and (reason := _by_its_wording(key, clause, before, told)):
        return reason
    own = {_same(word) for word in clause.stems}
    if key in {"watch", "unspecified"} or clause.denied or set(clause.stems) & HEDGES or (before and before.is_plain):
        return ""
    if after and after.is_plain and len(clause.stems) <= _LISTED:  # volumes, prices and dates were not given
        return ""
    denied = (reached for each in told.sentences for part in each for reached in part.denied)
    is_denied = any(_says_plainly(own, [_same(word) for word in reached], told) for reached in denied)
    return "the texts say it with a negation" if is_denied else _opposite(own | set(clause.stems), told)


def _by_its_wording(key: str, clause: Clause, before: Clause | None, told: _Told) -> str:
    """What shows without the texts: "any more" with no negation before it, and a thing not disclosed that is."""
    if not clause.is_negative and (LEFT_OVER.search(clause.text) or (told.denied and EMPHATIC.search(clause.text))):
        return "its wording wants a negation"
    at = next((at for at, word in enumerate(clause.stems) if word in PASSIVE), len(clause.stems))
    is_told = bool(set(clause.stems[at + 1 :]) & UNSAID) and at > 1
    if key == "unspecified" and (is_told or TOLD.search(fold(clause.text).text)):
        return "named as not disclosed, and said to be disclosed"
    return ""


def _says_plainly(own: set[str], reached: Sequence[str], told: _Told) -> bool:
    """Whether a clause with these words says what is denied. Of "does not mean that it will challenge" that is the challenge."""
    first, rest = reached[0], set(reached[1:])
    if first in own and first not in told.anywhere_plain:
        return first not in COMMON or bool(rest & own - COMMON) or len(rest & own) >= _SHARED
    shared = own & {first, *rest}
    if (
        first in own
        and len(shared) > _SHARED
        and not any(
            shared <= {_same(word) for word in part.stems} for each in told.sentences for part in each if not part.is_negated
        )
    ):
        return True
    if first in UNSAID and own & UNSAID and (rest & own) - COMMON - told.anywhere_plain:
        return True
    if first in RAISING:
        return any(word in own and word not in told.anywhere_plain and word not in COMMON for word in reached[1:3])
    return False


def _opposite(own: set[str], told: _Told) -> str:
    for no, yes in OPPOSITES:
        if own & yes and told.words & no and not told.words & yes and not own & no:
            return "the texts say the opposite"
    if any(len(word) > 3 and word not in told.words and {f"un{word}", f"non-{word}"} & told.words for word in own):
        return "the texts say the opposite"
    return ""
