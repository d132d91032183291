"""What an article looks like to one that may tell of the same event: plain values, made once and kept with it.

Words are stems on small letters. Names of companies are left out of them where the issuers already say the same; how much a word
says is how rare it is in news (news_words.txt), a table that ships: no count of past articles is needed.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portfolios.ordinary import words
from research import piece
from research.across_languages import figures
from research.folding import CJK, fold
from research.mentions import FoundMention, document
from research.notation import EAST_ASIAN, language_of
from research.vectors import vectors_of

NEWS_WORDS = Path(__file__).with_name("news_words.txt")
RARE = 8.0
LEAD = 400  # characters of text: what an event is stands at the top
MOST_RARE = 6  # words of a title under which an article is found
MOST_WORDS = 80
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*%?")
# Chinese and Japanese put no blanks between words: two characters in a row are as good as one.
_WORD_OR_TWO = re.compile(rf"(?=({CJK.pattern}{{2}}))|(?:(?!{CJK.pattern})[^\W_])+(?:[.,]\d+)*%?")
# What a headline carries of its outlet and of a listing, and no reader would miss.
_TAIL = re.compile(
    r"\s*(?:\bBy (?:Reuters|Investing\.com|Benzinga|Bloomberg)|[-|–—] [A-Z][\w .&']{1,40}"
    r"|\((?:NASDAQ|NYSE|NYSEARCA|OTC\w*)[:\s]\s?[\w.]+\)|\([A-Z]{1,5}\))\s*$"
)
_ENDINGS = ("ings", "ing", "ers", "ies", "ed", "es", "er", "s")
_STOP = words(
    """the a an and or of to in on for with as at by from is are be its it s t after before over up says said new more than that
    this will has have was were inc corp ltd co company how why what you your we our can could would may into about out not but
    his her their they he she i who which when been had do does us"""
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`moment` in hours since 1970. `title` has words without names of companies, `named` the title's with them, `words` those of
    title and lead without. `figures`: what its numbers are worth (research.across_languages). `vectors`: the title's and the
    whole's, 256 numbers each, of length one or nil.
    """

    moment: float
    key: str
    title: frozenset[str]
    named: frozenset[str]
    words: frozenset[str]
    issuers: frozenset[int]
    primary: frozenset[int]
    outlet: str
    traits: frozenset[str]
    language: str
    figures: frozenset[str]
    vectors: NDArray[np.float32]

    def index_keys(self) -> set[str]:
        """Under which it is looked for: its issuers, the rarest words of its title, and the whole title."""
        rare = sorted(self.named, key=lambda word: (-weight(word), word))[:MOST_RARE]
        return {issuer_key(issuer) for issuer in self.issuers} | {f"w{word}" for word in rare} | {f"t{self.key}"}


def fingerprint(title: str, text: str, found: Sequence[FoundMention], outlet: str, moment: float) -> Fingerprint:
    """Of one article and the companies found in it; `moment` as in Fingerprint."""
    short, lead = headline(title), text[:LEAD]
    bare_title, bare_lead = _without_names(title, lead, found)
    named = _stems(short)
    in_title = _stems(headline(bare_title))
    whole = document(title, lead)
    language = language_of(whole)
    return Fingerprint(
        moment=moment,
        key=" ".join(stems(short))[:500],
        title=frozenset(in_title),
        named=frozenset(named),
        words=frozenset(in_title) | frozenset(_stems(bare_lead)),
        issuers=frozenset(mention.issuer_id for mention in found),
        primary=frozenset(mention.issuer_id for mention in found if mention.tier == "primary"),
        outlet=outlet.casefold(),
        traits=piece.traits(title, lead, outlet),
        language=language,
        figures=figures(whole, language, [span for mention in found for span in mention.spans]),
        vectors=vectors_of([short, f"{short} {lead}"] if language not in EAST_ASIAN else ["", ""]),  # of these it knows nothing
    )


def issuer_key(issuer_id: int) -> str:
    """Under which articles about a company are found."""
    return f"i{issuer_id}"


def is_word_key(key: str) -> bool:
    return key.startswith("w")


def headline(title: str) -> str:
    """The title without what it carries of its outlet and of listings."""
    return _TAIL.sub("", _TAIL.sub("", fold(title).text))


def stems(text: str) -> list[str]:
    """The words of a text in order, each without its ending."""
    found = _WORD.findall(text) if not CJK.search(text) else [word[1] or word[0] for word in _WORD_OR_TWO.finditer(text)]
    return [_stem(word.lower()) for word in found]


@lru_cache(200_000)  # asked for each word of each pair
def weight(word: str) -> float:
    """How much it says that two texts share this stem: ln(1 ÷ share of news with it), 8 for one that is rare in news."""
    return 6.5 if any(letter.isdigit() for letter in word) else _news_words().get(word, RARE)


@cache
def _news_words() -> dict[str, float]:
    lines = (line.partition(":") for line in NEWS_WORDS.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {word: float(worth) for worth, _, told in lines for word in told.split()}


def _stems(text: str) -> Collection[str]:
    return list(dict.fromkeys(word for word in stems(text) if word not in _STOP))[:MOST_WORDS]


@lru_cache(200_000)
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word[: -len(ending)]
    return word


def _without_names(title: str, lead: str, found: Iterable[FoundMention]) -> tuple[str, str]:
    whole = document(title, lead)
    parts, at = [], 0
    for start, end in sorted(span for mention in found for span in mention.spans):
        if at <= start < len(whole):
            parts.append(whole[at:start])
            at = end
    bare = " ".join([*parts, whole[at:]])
    bare_title, _, bare_lead = bare.partition("\n\n")
    return bare_title, bare_lead
