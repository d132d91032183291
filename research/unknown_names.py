"""Names of companies in an article that the security master does not know, to be proposed as worth adding.

Only with evidence that it is a company: a legal form or a ticker behind the name, or words that are said of companies alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portfolios.company_names import Grade, without_legal_form
from portfolios.ordinary import is_ordinary
from research.context import FIRST_NAMES, Article
from research.folding import CJK, Folded, fold
from research.mentions import document
from research.names import Hit
from research.unknown_cues import FORM, TICKER, TICKER_HERE, Cue, Found, find_cues, listed, name_at
from research.unknown_words import BEFORE_NAME, GENERIC, NOT_COMPANIES, PLACES

STRONG = {TICKER, FORM}
BESIDE = 2  # characters: "Acme Robotics" beside a known Acme is a longer name of it
_CUT = re.compile(r"(?:[A-Za-z] (?:&|and|of|for|y)|[A-Z][\w.]*,) $")
_OF = re.compile(r"\b([A-Z]\w+) of (?:the )?$")
_BEGINS = re.compile(r"[:;,|] $|\b(?:and|&|vs\.?) $")
_WORDS = re.compile(r"[\w&]+")


@dataclass(frozen=True, slots=True)
class FoundName:
    """A company's name that the master lacks: `text` as the article writes it at its fullest, `key` as it is compared.

    `ticker` is "US:XYZ" (the family of its exchange and the ticker), "XYZ" where the exchange may be one of several, or empty.
    `count`: places in the article. `reason`: what speaks for a company, a short code.
    """

    text: str
    key: str
    ticker: str
    count: int
    reason: str


def unknown_names(title: str, text: str, known_spans: Sequence[tuple[int, int]]) -> list[FoundName]:
    """Names of companies that are not at `known_spans`, which are offsets into `document(title, text)`; in order of place."""
    folded = fold(document(title, text), keep_lines=True)
    if not (cues := list(find_cues(folded.text))):
        return []
    known = _Known(folded, known_spans)
    found = [each for cue in cues if not known.is_at(cue) and (each := name_at(folded.text, cue)) and not known.has(each)]
    if not found:
        return []
    article = Article(folded.text, folded.text.find("\n\n"), ())
    return _merged(folded.text, [each for each in found if _is_company(article, each)], known)


class _Known:
    """Where the article names what the master knows; asked in offsets into the folded text."""

    def __init__(self, folded: Folded, spans: Sequence[tuple[int, int]]) -> None:
        self._folded = folded
        self._spans = spans
        self._places = {place for span in spans for place in range(*span)}

    def has(self, found: Found) -> bool:
        """Whether a known name is in this one or beside it, or a known ticker stands behind it."""
        if not self._spans:
            return False
        if self.covers(found.start, found.end, BESIDE):
            return True
        ticker = TICKER_HERE.match(self._folded.text, found.end)
        return ticker is not None and self.covers(*ticker.span())

    def covers(self, start: int, end: int, within: int = 0) -> bool:
        """Whether a known name shares a character with these, or stands nearer than `within` characters."""
        start, end = self._folded.original(start, end)
        return any(known_start < end + within and start < known_end + within for known_start, known_end in self._spans)

    def is_at(self, cue: Cue) -> bool:
        """Whether a known name stands where the cue would have an unknown one."""
        place = cue.start - 1 if cue.is_behind else cue.end
        starts = self._folded.starts
        return (place if starts is None or place >= len(starts) else starts[place]) in self._places


# --- is it a company? ------------------------------------------------------------------------------------


def _is_company(article: Article, found: Found) -> bool:
    text = article.text
    name = text[found.start : found.core_end]
    words = _WORDS.findall(name.lower())
    if sum(map(str.isalpha, name)) < 2 or not NOT_COMPANIES.isdisjoint(words) or all(map(_says_nothing, words)):
        return False
    if _is_byline(text, found) or _is_of_institution(text, found):
        return False
    if all(map(is_ordinary, words)):
        before = text[max(0, found.start - 30) : found.start]
        if _CUT.search(before) or text.endswith("Company", found.core_end, found.end):
            return False  # "Acme Technology and Robotics", "A Family Paper Company"
        if found.reason == TICKER and 0 < found.start < article.headline_end and not _BEGINS.search(before):
            return False  # "Why It Pays to Wait and Watch the Paint (NASDAQ: XYZ)"
    if found.reason == TICKER and _is_opinion(article, found):
        return False
    return found.reason in STRONG or _is_named_so(article, found, name, words)


def _is_opinion(article: Article, found: Found) -> bool:
    """What a headline says of a company before the ticker that ends it: "Acme: One Bargain Nobody Wants (NYSE: XYZ)"."""
    return found.start > 0 and article.text.find(")", found.end) + 1 == article.headline_end


def _is_byline(text: str, found: Found) -> bool:
    """Who published it: "(Acmewire Inc.)", "By Ann Smith Acme Inc."; or a firm of lawyers."""
    before = text[max(0, found.start - 9) : found.start]
    return before.endswith("\nBy ") or before.lower() == "law firm " or (before.endswith("(") and text.startswith(")", found.end))


def _is_of_institution(text: str, found: Found) -> bool:
    """ "University of Acme Ltd"."""
    whose = _OF.search(text, max(0, found.start - 30), found.start)
    return whose is not None and whose[1].lower() in NOT_COMPANIES


def _says_nothing(word: str) -> bool:
    return word in GENERIC or word in PLACES or word in BEFORE_NAME


def _is_named_so(article: Article, found: Found, name: str, words: Sequence[str]) -> bool:
    """Whether capitals, and what the words are, let words around it speak for a company."""
    hit = Hit(name, (), found.start, found.end, Grade.NAME, 0.0)
    return not (
        name.split(maxsplit=1)[0] in FIRST_NAMES
        or name.startswith("New ")  # "New Acme CEO"
        or words[0] in PLACES
        or article.is_in_title(hit)
        or (len(words) == 1 and (is_ordinary(name) or len(name) < 3))
        or (name.isupper() and " " in name)  # "SAN DIEGO, March 3"
        or (name.isupper() and any(f"{opening}{name}" in article.text for opening in (":", ": ", "(")))  # a ticker
    )


def _merged(text: str, found: Sequence[Found], known: _Known) -> list[FoundName]:
    """One of each key; a name that others begin with is theirs."""
    by_key: dict[str, list[Found]] = {}
    for each in sorted(found):
        key = _key(text[each.start : each.core_end])
        by_key.setdefault(key, []).append(each)
    longer = [key for key in by_key if not any(other.startswith(f"{key} ") for other in by_key)]
    return [_unknown(text, key, by_key[key], known) for key in longer]


def _unknown(text: str, key: str, found: Sequence[Found], known: _Known) -> FoundName:
    best = next((each for each in found if each.reason in STRONG), found[0])
    written = max((text[each.start : each.end] for each in found), key=len)
    tickers = (TICKER_HERE.match(text, each.end) for each in found)
    ticker = next((place for match in tickers if match and (place := listed(match))), "")
    places = sum(not known.covers(*place) for place in _places(text, text[best.start : best.core_end]))
    return FoundName(" ".join(written.split()), key, ticker, places, TICKER if ticker else best.reason)


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where the name stands as a word of its own."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (_goes_on(text[start - 1 : start]) or _goes_on(text[end : end + 1])):
            yield start, end
        start = text.find(name, end)


def _goes_on(letter: str) -> bool:
    return letter.isalnum() and not CJK.match(letter)


def _key(name: str) -> str:
    return without_legal_form(name).casefold()
