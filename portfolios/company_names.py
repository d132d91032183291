"""What a company in a register is called in the press, and how much each such name says by itself. Knows no database.

"AMAZON COM INC", "QUALCOMM INC/DE" and "ARISTA NETWORKS, INC." are how registers write Amazon.com, Qualcomm and Arista.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum

from portfolios.ordinary import ORDINARY, commonness, is_ordinary, words

LEGAL = words(
    """ab ag aktiengesellschaft as asa bhd bv co companies company corp corporation cv gmbh inc incorporated jsc kgaa
    kk limited llc lp ltd ltda nv nyrt oyj pjsc plc psc pte pty sa sab sarl sca se spa tbk ulc"""
)
CAPITALISED, UPPER_CASE = words("co inc ltd pte pty tbk bhd"), words("ab ag as asa kk llc lp nv plc sa se spa us usa")
# Left out when people speak of the company.
SOFT = words(
    """group holding holdings international intl enterprises enterprise global worldwide technologies technology us
    usa & and"""
)
# What a company does. Where nothing but these follows a word of its own, people say that alone: Arista Networks.
TRADES = words(
    """aerospace airlines automotive bancorp bancshares biopharma biosciences biotherapeutics brands chemical
    chemicals computer communications devices diagnostics electronics energy entertainment financial foods group
    health healthcare holding holdings industries instruments interactive international laboratories labs logic
    materials medical microsystems motors network networks oncology petroleum pharma pharmaceutical pharmaceuticals
    platforms products resources robotics semiconductor semiconductors software solar solutions steel stores systems
    technologies technology therapeutics wholesale"""
)
_PLACE = re.compile(r"\s*[/\\]\s*[A-Za-z ]{2,14}\.?\s*[/\\]?\s*$")
_SPACED_FORMS = re.compile(r"(?i)\b(?:n v|s a|a s|s p a|s ?a ?b de c ?v|a b)$")
_WORDS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
DISTINCT_BELOW = 100  # a word of four letters or more that is rarer than this marks a name of several words
DISTINCT_LENGTH = 5
TWO_CHARACTERS = 2


class Grade(IntEnum):
    """How much a name says by itself, that is: what else a text must say before the company is meant."""

    WORD = 1  # an ordinary word: Apple, Target
    SHORT = 2  # a few letters: RTX, UBS, HP
    NAME = 3  # one rare word, which may be a person or place too: Boeing, Rogers
    PHRASE = 4  # several ordinary words: Applied Materials
    DISTINCT = 5  # what nothing else is called: Nvidia, Goldman Sachs


def grade_of(text: str) -> Grade:
    """What a name says by itself, by what its words are."""
    if not _LATIN.search(text):
        return Grade.DISTINCT if len(text) > TWO_CHARACTERS else Grade.WORD  # 統一 is a company, and "to unify"
    parts = _WORDS.findall(text)
    letters = sum(map(len, parts))
    if commonness(text) >= ORDINARY:
        return Grade.WORD
    if len(parts) > 1:
        is_marked = any(len(word) >= 4 and commonness(word) < DISTINCT_BELOW for word in parts)
        return Grade.DISTINCT if is_marked else Grade.PHRASE if letters > 4 else Grade.SHORT
    if letters <= 3 or (letters == 4 and text.isupper()):
        return Grade.SHORT
    return Grade.NAME if letters < DISTINCT_LENGTH or commonness(parts[0]) else Grade.DISTINCT


def press_names(title: str, firsts: Counter[str] | None = None) -> list[str]:
    """The names of a company whose register says `title`, the fullest first.

    `firsts` counts the first words of all names in the register: one that is there once may stand for the company.
    """
    full = tidy(title)
    core = without_legal_form(full)
    names = [full, core]
    short = _without(core, SOFT)
    if short != core and len(short) > 2 and grade_of(short) != Grade.WORD:
        names.append(short)
    first, *rest = core.split()
    is_own = first.isalpha() and len(first) >= DISTINCT_LENGTH and not commonness(first)
    if is_own and rest and firsts is not None and firsts[first.lower()] == 1 and all(word.lower() in TRADES for word in rest):
        names.append(first)
    return list(dict.fromkeys(names))


def is_shared(name: str, firsts: Counter[str] | None) -> bool:
    """Whether names of other companies of the register begin with it: Rogers Corp and Rogers Communications."""
    return firsts is not None and firsts[name.lower()] > 1


def first_words(titles: Iterable[Sequence[str]]) -> Counter[str]:
    """How many companies there are under each first word; the names of one company come together."""
    return Counter(word for own in titles for word in {tidy(title).split()[0].lower() for title in own if title.strip()})


def tidy(title: str) -> str:
    """As people would write it: no state behind it (/DE/), no (The), capitals only where words begin."""
    text = _PLACE.sub("", title.strip())
    text = re.sub(r"[/\\]+$", "", text)
    text = re.sub(r"\s*\([^)]*\)", "", text).strip() or title.strip()
    text = _SPACED_FORMS.sub(lambda form: form[0].replace(" ", "").upper(), text)
    if text.isupper() or text.islower():
        text = " ".join(map(_cased, text.split()))
    return re.sub(r"(?i)\b(\w{3,}) com\b", r"\1.com", text)


def without_legal_form(name: str) -> str:
    """ "Arista Networks, Inc." as Arista Networks, "The Boeing Company" as Boeing."""
    core = _without(name.replace(",", " "), LEGAL | {"&", "and"})
    return re.sub(r"^The (?=\S)", "", core)


def _without(name: str, endings: frozenset[str]) -> str:
    parts = name.split()
    while len(parts) > 1 and parts[-1].lower().replace(".", "") in endings:
        parts.pop()
    return " ".join(parts).strip(" ,.")


def _cased(word: str) -> str:
    lowered = word.lower().strip(".,")
    is_short = len(lowered) <= 3 and lowered.isalpha() and not is_ordinary(lowered) and lowered not in CAPITALISED
    if "&" in word or is_short or lowered in UPPER_CASE:
        return word.upper()
    return re.sub(r"[^\W\d_]+(?:'[^\W\d_])?", lambda match: match[0].capitalize(), word)
