"""Which words of a text tell what a name means there: from what people corrected to what the next text teaches. Pure."""

import re
from collections.abc import Iterable

from portfolios.ordinary import commonness

MOST_WORDS = 8
SHORTEST_WORD = 3
ORDINARY = 40_000  # said this often or more, a word tells nothing of what a text is about
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]?")
_WORD = re.compile(r"[^\W\d_]+")


def telling_words(text: str, words: str, right: Iterable[str] = ()) -> list[str]:
    """The rarer words of the sentences that have `words`, rarest first, lower case, at most eight.

    None of the name itself, and none that texts have in which the name meant the company: `right`.
    """
    known = {word for other in right for word in _words(other)} | set(_words(words))
    folded = words.casefold()
    beside = [sentence for sentence in _SENTENCE.findall(text) if folded in sentence.casefold()] or [text]
    found = dict.fromkeys(word for sentence in beside for word in _words(sentence))
    telling = [word for word in found if word not in known and len(word) >= SHORTEST_WORD and commonness(word) < ORDINARY]
    return sorted(telling, key=commonness)[:MOST_WORDS]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
