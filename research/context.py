"""What stands around a name in a text: where sentences begin, whether capitals say anything, which longer name it is part of."""

import re
from collections.abc import Sequence
from functools import cached_property

from portfolios.ordinary import is_ordinary, words
from research.names import Hit

TITLE_SHARE = 0.55  # of the longer words with a capital, from which on the text is a title
BEFORE = 40
_SENTENCE_END = re.compile(r"[.!?:]['\")\]]*\s+(?=[A-Z0-9'\"(])|\n+")
_BODY = re.compile(r"\s*(?:/PRNewswire/ -- )?")
_LONG_WORDS = re.compile(r"[A-Za-z]{4,}")
_WORDS = re.compile(r"[\w-]+")
_DETERMINER = re.compile(r"\b(?:the|a|an|this|these|those|our|your|its|their|his|her|my|every|each|no|any) $", re.I)
_PREVIOUS = re.compile(r"(?:^|[\s\"'(])([A-Za-z][\w&.'-]*) $")
_PARTNER = re.compile(r"[A-Z][\w'-]+ & $")
_NEXT = re.compile(r" ([A-Za-z][\w&'-]*)")
# Capitalised words beside a name that are no part of it: those that begin sentences, titles, legal forms, words of the market.
_BESIDE = words(
    """a about after also although analysts and announces are as at because before boosts but buy buys by can ceo cfo
    check chip chipmaker click company could coo corp corporation coverage cto currently despite did does during
    earnings eps for from giant had has have here holdings how i if in inc incorporated investors is its learn like
    limited llc ltd maker may my nv now of on options or our plc price pt q1 q2 q3 q4 rating read recently reports
    retailer sa says sell sells shares should since stake stock stocks target than that the then these this those to
    today unlike unveils watch whale when where which while who why will with would yesterday"""
)


# What comes after the name of another firm, or of an institution: "Donaldson Capital Management".
FIRMS = words(
    """Advisers Advisors Advisory Asset Associates Bank Capital College Counsel County Equity Financial Foundation
    Fund Funds House Institute Investment Investments LLP Management Partners School Securities Trust University
    Ventures Wealth"""
)
FIRST_NAMES = words(
    """Aaron Adam Alan Albert Alex Alexander Alice Amanda Amy Andrea Andrew Angela Anna Anne Anthony Arthur Barbara
    Ben Benjamin Betty Bill Bob Brad Brandon Brian Bruce Carl Carol Catherine Charles Charlie Chris Christian
    Christina Christine Christopher Daniel Dave David Deborah Dennis Diana Donald Donna Doug Douglas Ed Edward Elaine
    Elizabeth Emily Emma Eric Eugene Evan Frank Fred Gary George Gerald Gordon Greg Gregory Harold Harrison Harry
    Heather Helen Henry Howard Ian Jack Jacob James Jane Jason Jay Jeff Jeffrey Jennifer Jeremy Jerry Jessica Jim
    Jimmy Joan Joe John Jonathan Joseph Joshua Joyce Juan Judith Judy Julia Julie Justin Karen Kate Keith Kelly Ken
    Kenneth Kevin Kim Kyle Larry Laura Lauren Lawrence Lee Linda Lindsey Lisa Louis Luke Margaret Maria Mark Martha
    Martin Mary Matt Matthew Melissa Michael Michelle Mike Nancy Nathan Neil Nicholas Nick Nicole Nikola Noah Oliver
    Olivia Pamela Pat Patricia Patrick Paul Peter Phil Philip Rachel Ralph Raymond Rebecca Richard Rick Robert Roger
    Ronald Rose Roy Russell Ruth Ryan Sam Samantha Samuel Sandra Sara Sarah Scott Sean Sharon Stephanie Stephen Steve
    Steven Susan Ted Teresa Terry Theresa Thomas Tim Timothy Tina Todd Tom Tony Tyler Victoria Vincent Walter Warren
    Wayne William Zachary"""
)


class Article:
    """A folded text, where its headline ends, and the names found in it."""

    def __init__(self, text: str, headline_end: int, hits: Sequence[Hit]) -> None:
        self.text = text
        self.headline_end = headline_end
        self.hits = hits
        self.begins = {hit.start for hit in hits}
        self.ends = {hit.end for hit in hits}
        self._words_before: dict[int, str] = {}

    @cached_property
    def body_start(self) -> int:
        """Where the text under the headline begins."""
        match = _BODY.match(self.text, self.headline_end)
        return match.end() if match else self.headline_end

    def has_any(self, words_of_topic: frozenset[str]) -> bool:
        """Whether the text has one of these words, which are in lower case."""
        if not any(word in self._lowered for word in words_of_topic):
            return False
        return not words_of_topic.isdisjoint(self._words)

    @cached_property
    def _lowered(self) -> str:
        return self.text.lower()

    @cached_property
    def _words(self) -> set[str]:
        return set(_WORDS.findall(self._lowered))

    @cached_property
    def _sentences(self) -> set[int]:
        return {0, self.headline_end, *(match.end() for match in _SENTENCE_END.finditer(self.text))}

    @cached_property
    def _headline_is_title(self) -> bool:
        return is_title(self.text[: self.headline_end])

    @cached_property
    def _body_is_title(self) -> bool:
        return is_title(self.text[self.headline_end :])

    @cached_property
    def _shouts(self) -> bool:
        """Whether the whole headline is in capitals, or there is none."""
        return not self.headline_end or self.text[: self.headline_end].isupper()

    def is_in_title(self, hit: Hit) -> bool:
        """Whether every word has a capital where the hit is, so that they say nothing."""
        return self._headline_is_title if hit.start < self.headline_end else self._body_is_title

    def before(self, hit: Hit, length: int = BEFORE) -> str:
        """The characters before it."""
        return self.text[max(0, hit.start - length) : hit.start]

    def word_before(self, hit: Hit) -> str:
        """The word before it, with what stands between them."""
        word = self._words_before.get(hit.start)
        if word is None:
            before = self.before(hit)
            word = self._words_before[hit.start] = before[before.rfind(" ", 0, -2) + 1 :]
        return word

    def follows_determiner(self, hit: Hit) -> bool:
        return _DETERMINER.search(self.word_before(hit)) is not None

    def starts_sentence(self, hit: Hit) -> bool:
        at = hit.start
        while at not in self._sentences and self.text[at - 1] in "\"'( ":
            at -= 1
        return at in self._sentences

    def opens_headline(self, hit: Hit) -> bool:
        """Whether a headline in sentence case begins with it."""
        return hit.start == 0 < self.headline_end and not self._headline_is_title

    def is_word_here(self, hit: Hit) -> bool:
        """Whether its capital is that of a sentence, of a word that the text also has without one: "Intel reports … intel"."""
        name = hit.name
        return is_ordinary(name) and self.starts_sentence(hit) and name.lower() in self._small_words

    @cached_property
    def _small_words(self) -> set[str]:
        return {word for word in _WORDS.findall(self.text) if word.islower()}

    def is_first_name_before(self, hit: Hit) -> bool:
        """ "Michael Dell", "Harrison Ford": a person."""
        end = hit.start - 1
        if end < 1 or self.text[end] != " " or end in self.ends:
            return False
        return self.text[self.text.rfind(" ", 0, end) + 1 : end] in FIRST_NAMES

    def goes_before(self, hit: Hit) -> bool:
        """A longer name that we do not know ends with these words: "Beach Energy", "Thomasville National Bank"."""
        before = self.word_before(hit)
        match = _PREVIOUS.search(before)
        if match is None:
            partner = "&" in before and _PARTNER.search(self.before(hit))  # "Butensky & Cohen"
            return bool(partner) and hit.start - len(" & ") not in self.ends
        word = match[1]
        is_name = word[0].isupper() and word.lower() not in _BESIDE and hit.start - 1 not in self.ends
        return is_name and (not self.is_in_title(hit) or _is_rare(word))

    def goes_on(self, hit: Hit) -> bool:
        """A longer name that we do not know goes on after these words: "Apple Hospitality", "Cohen Klingenstein"."""
        match = _NEXT.match(self.text, hit.end)
        if match is None:
            return False
        word = match[1]
        is_name = word[0].isupper() and word.lower() not in _BESIDE and match.start(1) not in self.begins
        in_capitals = word.isupper() and len(word) > 3 and hit.name.isupper() and not self._shouts  # "CRAWFORD COUNSEL"
        return is_name and (not self.is_in_title(hit) or _is_rare(word) or word in FIRMS or in_capitals)

    def is_on_purpose(self, hit: Hit) -> bool:
        """A capital in the middle of a sentence that does not capitalise everything, and no part of a longer name."""
        return (
            self.text[hit.start].isupper()
            and hit.end - hit.start > 3  # "switched ON"
            and not self.is_in_title(hit)
            and not self.starts_sentence(hit)
            and not self.goes_on(hit)
            and not self.goes_before(hit)
            and not self.follows_determiner(hit)
        )


def is_title(text: str) -> bool:
    """Whether its words have capitals as those of titles have."""
    found: list[str] = _LONG_WORDS.findall(text)
    return len([word for word in found if word[0].isupper()]) > TITLE_SHARE * len(found)


def _is_rare(word: str) -> bool:
    return word.isalpha() and not is_ordinary(word)
