"""Whether prose turned a statement round: "did not elaborate" told as "elaborated", or the reverse. Cheap rules, no
grammar. Pure.

What is denied is the first telling word after a negation, in its clause. Prose that says it plainly, where no text does, has lost
the negation; prose that denies what the texts say plainly, or anything that no text speaks of in the negative, has added one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from research.folding import fold
from research.negation_clauses import Clause, clauses
from research.negation_words import (
    COMMON,
    COMPARED,
    DENYING,
    EMPHATIC,
    EMPTY,
    ENOUGH,
    FACTUAL,
    HEDGES,
    IN_STORY,
    LEFT_OVER,
    MAYBE,
    NEGATIVE,
    NEWS,
    NO_OTHER,
    NO_WORD,
    NOMINAL,
    NOT_ONLY,
    OF_VIEW,
    OPPOSITES,
    PASSIVE,
    PLAIN,
    RAISING,
    RISKY,
    SAME,
    SOLE,
    STORY,
    SUPERLATIVE,
    TOLD,
    TWICE,
    UNSAID,
    UNTOLD,
)

_SHORT_TEXT = 120  # words
_SHARED = 2
_COVERED = 0.67
_NEAR = 3
_LISTED = 3
_FIGURE = re.compile(r"(?!(?:19|20)\d\d\b)\b\d+(?:[.,]\d+)*")
_AFTER_NEGATION = re.compile(r"\b(?:not|no|never)\b|n't\b", re.I)
_CAP = re.compile(r"\b(?:not|no)\b.{0,30}\b(?:more|less|fewer|exceed\w*|greater|above)\b", re.I)
_SUPPOSED = re.compile(r"\bwithout\b.*\b(?:would|could|might)\b|\b(?:would|could|might)\b.*\bwithout\b", re.I)
_BOUND = re.compile(
    r"^\s*(?:[\w-]+ )?(?:more|less|fewer|later|earlier|sooner|higher|lower|better|worse) than\b"
    r"|\b(?:before|until|exceed|only|just)\b",
    re.I,
)


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
    is_superlative: bool
    firsts: frozenset[str]


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
        any(SUPERLATIVE.search(text) for text in texts),
        frozenset(_same(reached[0]) for clause in told for reached in clause.denied),
    )


def _outside(clause: Clause) -> set[str]:
    """Its words that no negation in it reaches."""
    return set(clause.stems) - {word for reached in clause.denied for word in reached}


def _same(word: str) -> str:
    return SAME.get(word, word)


# --- a negation that no text has -------------------------------------------------------------------------


def _added(key: str, clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    whole = fold(" ".join(each.text for each in sentence)).text
    if NOT_ONLY.search(whole):
        return "its wording wants no negation"
    if TWICE.search(fold(clause.text).text) and not clause.text.lower().startswith(("who", "that", "which", "if ")):
        return "its wording wants one negation"
    if key == "unspecified" or _is_of_the_telling(clause, sentence) or _is_no_denial(key, whole, sentence, told):
        return ""
    return (
        _against_the_texts(clause, sentence, told)
        or _against_a_figure(clause, sentence, told)
        or _of_two_negations(key, clause, told)
        or _without_support(key, clause, told)
    )


def _is_no_denial(key: str, whole: str, sentence: Sequence[Clause], told: _Told) -> bool:
    """What is supposed or weighed, and what the texts may put without a negation: "at the earliest", "the fastest"."""
    return bool(
        _SUPPOSED.search(whole)
        or COMPARED.search(whole)
        or (NO_OTHER.search(whole) and (told.words & SOLE or told.is_superlative))
        or (key not in NEWS and ENOUGH.search(whole))
        or (key in RISKY and any(MAYBE.search(fold(each.text).text) for each in sentence))
    )


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
            and not {_same(word) for word in reached[:_SHARED]} & told.firsts
            and not _is_denied_too(reached, told)
            and _is_said(first, clause, told)
        ):
            return "the texts say it without the negation"
    return ""


def _against_a_figure(clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    """Sales did not fall 3.2 percent, where the texts have that figure and no negation beside it."""
    following = [each.text for each in sentence if each.start > clause.start][:1]
    whole = fold(" ".join([clause.text, *(each for each in following if each.lower().startswith("than"))])).text
    before, *after = _AFTER_NEGATION.split(whole, maxsplit=1)
    if not after or _BOUND.search(after[0]) or any(reached[0] in UNSAID | OF_VIEW for reached in clause.denied):
        return ""
    figures, firsts = set(_FIGURE.findall(after[0])), {_same(reached[0]) for reached in clause.denied}
    best = _nearest(figures or set(_FIGURE.findall(before)), _telling([clause]), told)
    if any(part.is_negative or not (figures or firsts & _telling([part])) for part in best):
        return ""
    return "the texts say it without the negation" if best else ""


def _of_two_negations(key: str, clause: Clause, told: _Told) -> str:
    """Not to drop, where the texts only drop."""
    second = {_same(word) for word in clause.stems if word in NEGATIVE}
    if not second or (key not in FACTUAL and not second & told.words):
        return ""
    parts = [part for each in told.sentences for part in each if part.is_negative]
    if not parts or any(part.is_plain and own & _telling([part]) for part in parts for own in [_telling([clause])]):
        return ""
    return "no text has this double negation"


def _nearest(figures: set[str], own: frozenset[str], told: _Told) -> list[Clause]:
    """The clauses of the texts with most of these figures, and of those the ones with most of these words."""
    scored = [((len(figures & _figures(part)), len(own & _telling([part]))), part) for each in told.sentences for part in each]
    most = max((score for score, _ in scored), default=(0, 0))
    return [part for score, part in scored if score == most] if most[0] else []


@lru_cache(maxsize=20_000)
def _figures(clause: Clause) -> frozenset[str]:
    return frozenset(_FIGURE.findall(clause.text))


def _without_support(key: str, clause: Clause, told: _Told) -> str:
    """Whether no text has a negation like it although it speaks of what they speak of.

    What is mostly in other words is the writer's own remark: "one shop does not move the earnings".
    """
    if key in {"risk", "watch"} or (not told.is_short and NOMINAL.search(fold(clause.text).text)):
        return ""  # what may come of it is the model's to say; a long text may be put so in other words
    if any({_same(word) for word in reached[:_SHARED]} & told.firsts for reached in clause.denied):
        return ""
    if _CAP.search(clause.text) and any(_CAP.search(part.text) for each in told.sentences for part in each):
        return ""
    own = _telling([clause])
    plain, negative = _likeness(clause, own, told)
    known = len(own & told.words)
    if key in FACTUAL:
        least = _NEAR if key in NEWS else _SHARED
        is_borne_out = negative and (negative >= plain or negative >= least)
        is_remark = not known and key not in NEWS
        return "" if is_borne_out or is_remark else "no text has this negation"
    is_near = told.is_short and any(own & _telling(each) for each in told.sentences if any(part.is_negative for part in each))
    is_remark = known < _SHARED or known < _COVERED * len(own)
    return "" if negative or is_near or is_remark else "no text has this negation"


def _likeness(clause: Clause, own: frozenset[str], told: _Told) -> tuple[int, int]:
    """How many words it shares with the most alike of the plain clauses, and of the negative ones."""
    plain, negative = 0, 0
    firsts = {_same(reached[0]) for reached in clause.denied}
    for part in (part for each in told.sentences for part in each):
        its = _telling([part])
        if part.is_question:
            negative = max(negative, _NEAR if firsts & its else 0)
        elif part.is_negative:
            negative = max(negative, len(own & its) + bool(firsts & its))
        else:
            plain = max(plain, len(own & its))
    return plain, negative


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


def _telling(sentence: Iterable[Clause]) -> frozenset[str]:
    return frozenset[str]().union(*map(_words_of, sentence))


@lru_cache(maxsize=20_000)
def _words_of(clause: Clause) -> frozenset[str]:
    found = {word for word in clause.stems if word not in EMPTY and word not in PLAIN}
    bare = (word.removeprefix(prefix) for word in found for prefix in ("un", "non-") if word.startswith(prefix))
    return frozenset(_same(word) for word in (*found, *bare))


def _is_of_the_telling(clause: Clause, sentence: Sequence[Clause]) -> bool:
    """ "The excerpt gives no price", "no price is given": about the story, not about what happened."""
    whole = " ".join(each.text for each in sentence)
    heads = {word for reached in clause.denied for word in reached[:1]}
    if IN_STORY.search(whole) or NO_WORD.search(whole) or (STORY.search(whole) and heads & UNSAID):
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
    if not clause.is_negative and (LEFT_OVER.search(clause.text) or (EMPHATIC.search(clause.text))):
        return "its wording wants a negation"
    at = next((at for at, word in enumerate(clause.stems) if word in PASSIVE), len(clause.stems))
    is_told = bool(set(clause.stems[at + 1 :]) & UNSAID) and at > 1
    if key == "unspecified" and (is_told or TOLD.search(fold(clause.text).text)) and not UNTOLD.search(clause.text):
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
