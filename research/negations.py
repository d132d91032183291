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

from portfolios.ordinary import commonness, words
from research.folding import fold
from research.word_stems import stem, stems

_CLAUSE = re.compile(
    r"[,;:()](?=\s(?!\d))|\s--?(?=\s)|\s(?=(?:but|while|although|though|whereas|which|who|because|and|than)\b)|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bvs)(?<!\b[A-Z])[.!?]+[\"')]*(?=\s|$)|\n",
    re.I,
)
_SENTENCE_MARKS = frozenset(".!?;\n")
_PLAIN = words("not no never neither nor none nobody nothing nowhere without zero hardly barely")
_DENYING = stems("deny refuse reject refute fail unable unlikely lack absent dismiss oppose cancel scrap avoid prevent waive")
_DECLINE = stem("decline")
# What makes a clause a negative one, without saying which of its words is denied.
_NEGATIVE = stems(
    """impossible missing miss absence halt stop cease end withdraw off suspend sole only alone few rather instead
    immune same doubt overstate half-hearted except drop resist exclude rarely seldom still remain until indefinite pend
    restrict ban curb reticent silent unique exclusive prohibit forbid"""
)
_HEDGES = stems("whether if unless until might could would should question any possible possibly ask hope")
_RISKY = frozenset({"risk", "watch", "against", "unspecified"})
_MAYBE = re.compile(
    r"\b(?:may|might|could|would|should|need|can) not\b|\bcan(?:not|'t) be (?:sure|certain|told|ruled)|\bno "
    r"(?:guarantee|certainty|assurance|sign)|"
    r"\bnot (?:certain|guaranteed|assured|clear|sure|necessarily|yet|all|every|just|alone)\b|\bif\b|\bunless\b|\bwhether\b",
    re.I,
)
# What a story does not tell is nothing that it denies.
_UNSAID = stems(
    """give say state name mention disclose specify quote tell explain detail describe reveal quantify list report
    publish repeat share
    provide include cover put discuss show cite print figure confirm compare part address identify attribute know break
    clear elaborate
    set outline spell contain express determine date"""
)
_STORY = stems(
    """text story article excerpt filing release report headline piece source announcement document item author writer
    statement summary passage paragraph extract letter"""
)
_TOLD = re.compile(
    r"\b(?:is|are|was|were|has been|have been|gets?|got)(?: also| now| fully| all)? (?:given|stated|named|mentioned"
    r"|disclosed|specified|quoted|told|said|"
    r"explained|detailed|described|revealed|quantified|listed|reported|published|repeated|shared|provided|included|covered|discussed|cited|compared|"
    r"known|shown|addressed|identified|part of|in the|in this)\b"
    r"|\b(?:gives?|says?|names?|states?|mentions?|discloses?|specifies|specify|quotes?|tells?|explains?|"
    r"describes?|reveals?|lists?|provides?|includes?)\b",
    re.I,
)
_NOT_ONLY = re.compile(r"\bnot only\b(?!.*\b(?:but|also)\b)", re.I)
_NO_OTHER = re.compile(r"\b(?:no|not any|without) other\b|\b(?:nobody|no ?one|nothing) else\b|\brivals?\b", re.I)
_SOLE = stems("only sole alone unique exclusive single")
_NOMINAL = re.compile(r"\b(?:not|n't) (?:an?|the|its|their|any)\b", re.I)
_NOT_PRIVATIVE = stems("unveil unwind unlock unleash undertake undergo underperform understand union united")
_PASSIVE = stems("be nothing")
# It stands in a statement where "did not" was.
_EMPHATIC = re.compile(
    r"(?<!nor )(?<!so )(?<!as )(?<!than )(?<!only )\b(?:does|did|do) (?:fully |yet )?(?!not\b|n't|so\b|it\b|this\b"
    r"|that\b|the\b|business\b|its\b|well\b|more\b|better\b|worse\b|in\b|on\b|for\b|at\b|a\b)[a-z]+"
)
_RAISING = stems(
    "mean think believe expect see plan intend want need seem likely appear agree have be able do make allow continue"
)
# Verbs that say little by themselves: they count with another word of what is denied.
_COMMON = stems(
    """be have do make get give say state tell take go come see use put plan expect think believe work want need know
    mean let keep find
    show look own decide stay remain become begin start continue allow seem well year quarter month time day price new
    more company
    share sale market business stock report result deal group term much many long high low same good far yet full real change part
    world way name investment growth grow revenue profit earn product analyst investor involve number other thing people"""
)
_EMPTY = words(
    """a an the and or of to in on at by for from with as it its he she his her they them their this that these those is
    are was were be been being
    has have had do does did will would shall should can could may might must also so such very quite really fully yet
    ever even still any
    just now then there here who which what when where how why if whether than too i we you our your us not no longer
    immediately properly
    about into over under after before between during through more most other another some all each both one same own
    currently further necessarily itself himself out up off down because while although though but otherwise already
    directly always"""
)
_SAME = {
    stem(word): stem(group.split()[0])
    for group in (
        "comment elaborate respond reply answer response", "disclose reveal specify detail share",
        "buy purchase acquire acquisition",
        "expect anticipate foresee", "intend aim", "stop halt cease", "admit confirm acknowledge", "agree accept approve consent",
        "commit commitment oblige bind binding", "change alter modify", "sell dispose", "begin start", "rise increase gain climb jump advance expand", "fall drop slip slide lower", "grant award",
        "replace substitute",
        "participate involve involvement", "worth deserve", "return come",
    )
    for word in group.split()
}  # fmt: skip
_OPPOSITES = tuple(
    (stems(no), stems(yes))
    for no, yes in (
        ("deny refute", "confirm admit acknowledge concede"),
        ("reject refuse dismiss", "accept agree approve grant welcome"),
        ("fail", "succeed manage"),
        ("cancel scrap", "proceed"),
    )
)
_LEFT_OVER = re.compile(
    r"\b(?:any ?more|at all|any longer|by any means)\b|\byet$|\beither$"
    r"|\b(?:has|have|is|are|was|were) yet\b(?! to)",
    re.I,
)
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
        *((found.start(), found.end(), found[0]) for found in _CLAUSE.finditer(folded.text)),
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
        sentence += mark[:1] in _SENTENCE_MARKS
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
    is_plain = any(token in _PLAIN for token in tokens)
    is_negated = is_plain or bool(denied) or any(map(_is_privative, tokens))
    is_negative = is_negated or any(each in _NEGATIVE for each in own)
    return Clause(text, start, own, tuple(filter(None, denied)), is_negative, is_plain, is_negated, sentence)


def _denies(tokens: Sequence[str], own: Sequence[str], at: int) -> bool:
    """Shares that declined deny nothing."""
    if own[at] == _DECLINE:
        return tokens[at + 1 : at + 2] == ["to"]
    return tokens[at] in _PLAIN or own[at] in _DENYING


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
    return (
        token.startswith("un") and stem(token) not in _NOT_PRIVATIVE and commonness(token[2:]) >= _KNOWN_WORD and len(token) > 5
    )


def _reach(tokens: Sequence[str], own: Sequence[str], at: int) -> tuple[str, ...]:
    """The telling words after the negation at `at`, the first is what it denies."""
    return tuple(each for token, each in zip(tokens[at + 1 :], own[at + 1 :], strict=True) if token not in _EMPTY)[:_REACH]


def _same(word: str) -> str:
    return _SAME.get(word, word)


# --- a negation that no text has -------------------------------------------------------------------------


def _added(key: str, clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    whole = fold(" ".join(each.text for each in sentence)).text
    if _NOT_ONLY.search(whole):
        return "its wording wants no negation"
    if key == "unspecified" or _is_of_the_telling(clause, sentence):
        return ""
    if _NO_OTHER.search(whole) and told.words & _SOLE:
        return ""
    if key in _RISKY and any(_MAYBE.search(fold(each.text).text) for each in sentence):
        return ""
    return _against_the_texts(clause, sentence, told) or _without_support(key, clause, sentence, told)


def _against_the_texts(clause: Clause, sentence: Sequence[Clause], told: _Told) -> str:
    for reached in clause.denied:
        first = _same(reached[0])
        if (
            (reached[0] in _DENYING or reached[0].startswith("un"))
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
    if not told.is_short and _NOMINAL.search(fold(clause.text).text):
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
    if told.is_short and first not in _COMMON:
        return True
    rest = _telling([clause]) - {first} - _COMMON
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
    found = {word for clause in sentence for word in clause.stems if word not in _EMPTY and word not in _PLAIN}
    bare = (word.removeprefix(prefix) for word in found for prefix in ("un", "non-") if word.startswith(prefix))
    return {_same(word) for word in (*found, *bare)}


def _is_of_the_telling(clause: Clause, sentence: Sequence[Clause]) -> bool:
    """ "The excerpt gives no price", "no price is given": about the story, not about what happened."""
    around = {word for each in sentence for word in each.stems}
    if around & _STORY and set(clause.stems) & (_UNSAID | {"in"}):
        return True
    at = next((at for at, word in enumerate(clause.stems) if word in _PASSIVE), len(clause.stems))
    return bool(set(clause.stems[at + 1 :]) & _UNSAID)


# --- a negation of the texts that is gone ----------------------------------------------------------------


def _lost(key: str, clause: Clause, before: Clause | None, after: Clause | None, told: _Told) -> str:
    if not (clause.is_negated or (before and before.is_plain)) and (reason := _by_its_wording(key, clause, before, told)):
        return reason
    own = {_same(word) for word in clause.stems}
    if key in {"watch", "unspecified"} or clause.denied or set(clause.stems) & _HEDGES or (before and before.is_plain):
        return ""
    if after and after.is_plain and len(clause.stems) <= _LISTED:  # volumes, prices and dates were not given
        return ""
    denied = (reached for each in told.sentences for part in each for reached in part.denied)
    is_denied = any(_says_plainly(own, [_same(word) for word in reached], told) for reached in denied)
    return "the texts say it with a negation" if is_denied else _opposite(own | set(clause.stems), told)


def _by_its_wording(key: str, clause: Clause, before: Clause | None, told: _Told) -> str:
    """What shows without the texts: "any more" with no negation before it, and a thing not disclosed that is."""
    if not clause.is_negative and (_LEFT_OVER.search(clause.text) or (told.denied and _EMPHATIC.search(clause.text))):
        return "its wording wants a negation"
    at = next((at for at, word in enumerate(clause.stems) if word in _PASSIVE), len(clause.stems))
    is_told = bool(set(clause.stems[at + 1 :]) & _UNSAID) and at > 1
    if key == "unspecified" and (is_told or _TOLD.search(fold(clause.text).text)):
        return "named as not disclosed, and said to be disclosed"
    return ""


def _says_plainly(own: set[str], reached: Sequence[str], told: _Told) -> bool:
    """Whether a clause with these words says what is denied. Of "does not mean that it will challenge" that is the challenge."""
    first, rest = reached[0], set(reached[1:])
    if first in own and first not in told.anywhere_plain:
        return first not in _COMMON or bool(rest & own - _COMMON) or len(rest & own) >= _SHARED
    shared = own & {first, *rest}
    if (
        first in own
        and len(shared) > _SHARED
        and not any(
            shared <= {_same(word) for word in part.stems} for each in told.sentences for part in each if not part.is_negated
        )
    ):
        return True
    if first in _UNSAID and own & _UNSAID and (rest & own) - _COMMON - told.anywhere_plain:
        return True
    if first in _RAISING:
        return any(word in own and word not in told.anywhere_plain and word not in _COMMON for word in reached[1:3])
    return False


def _opposite(own: set[str], told: _Told) -> str:
    for no, yes in _OPPOSITES:
        if own & yes and told.words & no and not told.words & yes and not own & no:
            return "the texts say the opposite"
    if any(len(word) > 3 and word not in told.words and {f"un{word}", f"non-{word}"} & told.words for word in own):
        return "the texts say the opposite"
    return ""
