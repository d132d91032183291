"""Which companies a text names, and why we think so.

One automaton holds every name of the security master. A name that is a common word (Apple, Target, Gap) counts only
when something else in the text says that the company is meant; a bare ticker never does. The longest name wins:
"Foxconn Industrial Internet" is not Foxconn.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import ahocorasick_rs

from research.common_words import COMMON_WORDS
from research.folding import CJK, Folded, fold
from research.tickers import TickerHit, Tickers, may_stand_alone

Tier = Literal["primary", "secondary", "passing"]

_SEPARATORS = re.compile(r"[\W_]")
_LEGAL = re.compile(
    r",? (?:Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|LLC|L\.?P|PLC|plc|AG|SE|NV|N\.V|S\.?A|SpA|AB|ASA|Oyj|KK"
    r"|Group|Holdings?)\b\.?"
)
_BACKED = re.compile(
    r"-(?:based|backed|owned|made|led|listed|controlled|run|designed|supplied|funded|branded|related|linked|supplier)\b"
)
_SENTENCE_END = re.compile(r"[.!?]['\")\]]*\s+(?=[A-Z0-9'\"(])|\n+")
_WEB = re.compile(r"\.(?:com|net|org|io|co|ai|cn|tw|jp|de|uk|in)\b", re.I)


@dataclass(frozen=True, slots=True)
class AliasRow:
    """A name of an issuer. `needs_corroboration`: it is also an ordinary word."""

    issuer_id: int
    text: str
    needs_corroboration: bool = False
    kind: Literal["name", "ticker"] = "name"


class ListingRow(NamedTuple):
    """A listing of an issuer: MIC and ticker."""

    issuer_id: int
    mic: str
    ticker: str


@dataclass(frozen=True, slots=True)
class FoundMention:
    """An issuer in a text. Offsets are into `document(title, text)`; `words` stand at start:end, the first place named.

    `relevance` 0…100, `confidence` 0…1, `count` places, `spans` all of them in order.
    """

    issuer_id: int
    relevance: float
    in_headline: bool
    words: str
    start: int
    end: int
    count: int
    resolved_by: str
    confidence: float
    tier: Tier
    spans: tuple[tuple[int, int], ...]


def document(title: str, text: str) -> str:
    """What offsets count in: the title, an empty line, the text."""
    return f"{title}\n\n{text}"


@dataclass(slots=True)
class _Hit:
    """A name at a place of the folded text. `reason` is empty while nothing says that the company is meant."""

    issuers: tuple[int, ...]
    start: int
    end: int
    reason: str
    confidence: float


class _Article(NamedTuple):
    """The document, its folded text, and where the headline ends in that."""

    whole: str
    folded: Folded
    headline_end: int


class Names:
    """All names and tickers of the master, searched together.

    Built once (200,000 names take about 8 s and 300 MB), then only read: safe to share between threads.
    """

    def __init__(self, aliases: Iterable[AliasRow], listings: Iterable[tuple[int, str, str]] = ()) -> None:
        by_pattern: dict[str, dict[str, tuple[set[int], bool]]] = defaultdict(dict)
        for alias in aliases:
            text = fold(alias.text).text.strip()
            pattern = _pattern(text)
            if alias.kind == "ticker" or len(pattern.strip()) < 2:
                continue  # a bare ticker is no name; listings carry the qualified forms
            issuers, common = by_pattern[pattern].setdefault(text, (set(), False))
            issuers.add(alias.issuer_id)
            by_pattern[pattern][text] = (issuers, common or alias.needs_corroboration)
        self._spellings = [
            [_Spelling(text, tuple(sorted(issuers)), common) for text, (issuers, common) in spelled.items()]
            for spelled in by_pattern.values()
        ]
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_pattern) or ["\0"])
        self.tickers = Tickers(listings)

    def find(self, text: str) -> list[_Hit]:
        """Names in a folded text, longest first at each place, none inside another."""
        haystack, places = _haystack(text)
        hits = [
            hit
            for pattern, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True)
            if (hit := self._hit(pattern, text, *_trimmed(haystack, places, start, end)))
        ]
        return _longest(hits)

    def _hit(self, pattern: int, text: str, start: int, end: int) -> _Hit | None:
        if pattern >= len(self._spellings):
            return None
        written = text[start:end]
        best: _Hit | None = None
        for spelling in self._spellings[pattern]:
            confidence = spelling.fits(written)
            if confidence and (best is None or confidence > best.confidence):
                reason = "" if spelling.is_common else spelling.kind
                best = _Hit(spelling.issuers, start, end, reason, confidence)
        return best if best and not _in_address(text, start, end) else None


@dataclass(frozen=True, slots=True)
class _Spelling:
    text: str
    issuers: tuple[int, ...]
    is_common: bool

    @property
    def kind(self) -> str:
        return "full name" if " " in self.text else "name"

    def fits(self, written: str) -> float:
        """How sure these letters are the name (0: they are not). Common words need their exact case."""
        if written == self.text:
            return 0.97 if " " in self.text or CJK.match(self.text) else 0.93
        if self.is_common or len(self.text) < 4:
            return 0.0
        if not _SEPARATORS.sub("", written).islower():
            return 0.9
        words = re.findall(r"[^\W\d_]+", written)
        is_distinct = sum(map(len, words)) >= 5 and not all(word in COMMON_WORDS for word in words)
        return 0.8 if is_distinct else 0.0


def find_mentions(names: Names, title: str, text: str) -> list[FoundMention]:
    """The issuers named in an article, most relevant first; one FoundMention each."""
    article = _Article(
        document(title, text), fold(document(title, text), keep_lines=True), len(fold(title, keep_lines=True).text)
    )
    folded = article.folded.text
    tickers, exchanges = names.tickers.find(folded)
    found = [hit for hit in names.find(folded) if not any(a <= hit.start and hit.end <= b for a, b in exchanges)]
    hits = _resolved(folded, found, tickers)
    by_issuer: dict[int, list[_Hit]] = defaultdict(list)
    for hit in hits:
        by_issuer[hit.issuers[0]].append(hit)
    total = sum(len(_places(own)) for own in by_issuer.values())
    mentions = [_mention(article, issuer_id, own, total) for issuer_id, own in by_issuer.items()]
    mentions.sort(key=lambda mention: (-mention.relevance, mention.start))
    return _with_tiers(mentions)


# --- is it the company? ----------------------------------------------------------------------------------


def _resolved(text: str, hits: list[_Hit], tickers: list[TickerHit]) -> list[_Hit]:
    """The hits that stand, each for one issuer, and those of tickers; common words only with corroboration."""
    from_tickers = list(_ticker_hits(text, hits, tickers))
    ticked = {hit.issuers[0] for hit in from_tickers}
    strong = {issuer for hit in hits if hit.reason and len(hit.issuers) == 1 for issuer in hit.issuers}
    named = {issuer for hit in hits if hit.reason == "full name" and len(hit.issuers) == 1 for issuer in hit.issuers}
    kept: list[_Hit] = []
    for hit in hits:
        issuers = hit.issuers if len(hit.issuers) == 1 else tuple(set(hit.issuers) & (ticked | strong))
        if len(issuers) != 1:
            continue  # a name of several companies, and nothing tells which
        hit.issuers = issuers
        if not hit.reason:
            _corroborate(text, hit, ticked, named, strong)
        if hit.reason:
            kept.append(hit)
    return sorted([*kept, *from_tickers], key=lambda hit: hit.start)


def _corroborate(text: str, hit: _Hit, ticked: set[int], named: set[int], strong: set[int]) -> None:
    issuer = hit.issuers[0]
    if _is_compound(text, hit):
        return
    if issuer in ticked:
        hit.reason, hit.confidence = "name, corroborated by ticker", 0.97
    elif issuer in named:
        hit.reason, hit.confidence = "name, corroborated by full name", 0.95
    elif _LEGAL.match(text, hit.end):
        hit.reason, hit.confidence = "name, corroborated by legal form", 0.93
    elif (strong | ticked) - {issuer} and _is_capitalised_on_purpose(text, hit):
        hit.reason, hit.confidence = "name, corroborated by co-mention", 0.7


def _is_compound(text: str, hit: _Hit) -> bool:
    """ "Target-rich", "Apple-like": a word made with the common one, not the company."""
    return text[hit.end : hit.end + 1] == "-" and text[hit.end + 1 : hit.end + 2].islower() and not _BACKED.match(text, hit.end)


def _is_capitalised_on_purpose(text: str, hit: _Hit) -> bool:
    """A capital in the middle of a sentence that does not capitalise everything, and no longer name goes on after it."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text, 0, hit.start + 1))]
    start = ends[-1]
    following = _SENTENCE_END.search(text, hit.end)
    sentence = text[start : following.start() if following else len(text)]
    if not text[start : hit.start].strip(" '\"(") or not text[hit.start].isupper():
        return False
    if hit.end - hit.start <= 3:
        return False  # "switched ON", "from A to Z"
    words = re.findall(r"[A-Za-z]{4,}", text[start : hit.start] + text[hit.end : start + len(sentence)])
    if sum(word[0].islower() for word in words) * 2 < len(words):
        return False  # a title in capitals says nothing
    return not re.match(r" [A-Z][a-z]", text[hit.end : hit.end + 3])


def _ticker_hits(text: str, hits: list[_Hit], tickers: list[TickerHit]) -> Iterator[_Hit]:
    for ticker in tickers:
        reason = f"ticker {ticker.name}"
        if not ticker.is_alone:
            yield _Hit((ticker.issuer_id,), ticker.start, ticker.end, reason, 0.99)
        elif _follows_its_name(text, hits, ticker):
            yield _Hit((ticker.issuer_id,), ticker.start, ticker.end, reason, 0.97)
        elif may_stand_alone(ticker, text):
            yield _Hit((ticker.issuer_id,), ticker.start, ticker.end, reason, 0.8)


def _follows_its_name(text: str, hits: list[_Hit], ticker: TickerHit) -> bool:
    """ "Apple (AAPL)", "Alphabet Inc. (GOOG, GOOGL)": the name stands right before the parenthesis."""
    opening = text.rfind("(", 0, ticker.start)
    return any(
        ticker.issuer_id in hit.issuers and hit.end <= opening and re.fullmatch(r"[\w.,'& ]{0,24}", text[hit.end : opening])
        for hit in hits
    )


# --- how much is it about them? --------------------------------------------------------------------------


def _mention(article: _Article, issuer_id: int, hits: list[_Hit], total: int) -> FoundMention:
    places = _places(hits)
    first, best = hits[0], max(hits, key=lambda hit: hit.confidence)
    spans = tuple(dict.fromkeys(article.folded.original(hit.start, hit.end) for hit in hits))
    return FoundMention(
        issuer_id=issuer_id,
        relevance=_relevance(article, first.start, len(places), total),
        in_headline=first.start < article.headline_end,
        words=article.whole[slice(*spans[0])],
        start=spans[0][0],
        end=spans[0][1],
        count=len(places),
        resolved_by=best.reason,
        confidence=best.confidence,
        tier="passing",
        spans=spans,
    )


def _places(hits: Sequence[_Hit]) -> list[_Hit]:
    """Hits apart from each other: "Apple Inc. (NASDAQ: AAPL)" is one place, not two."""
    places: list[_Hit] = []
    for hit in hits:
        if not places or hit.start - places[-1].end > 24 or not hit.reason.startswith("ticker"):
            places.append(hit)
    return places


def _relevance(article: _Article, first: int, count: int, total: int) -> float:
    """0…100: half for the headline (more for its start), the rest for an early place, the count and the share of all."""
    headline = 40 + 15 * (1 - first / article.headline_end) if first < article.headline_end else 0.0
    early = 15 * (1 - first / len(article.folded.text))
    often = 10 * min(1.0, math.log2(1 + count) / 3)
    focus = 20 * count / max(1, total)
    return round(headline + early + often + focus, 1)


def _with_tiers(mentions: list[FoundMention]) -> list[FoundMention]:
    top = mentions[0].relevance if mentions else 0.0
    return [replace(mention, tier=_tier(mention, top)) for mention in mentions]


def _tier(mention: FoundMention, top: float) -> Tier:
    if mention.relevance >= top - 8 and (mention.in_headline or top < 50):
        return "primary"
    return "secondary" if mention.in_headline or mention.relevance >= 25 else "passing"


# --- matching --------------------------------------------------------------------------------------------


def _pattern(text: str) -> str:
    """The name as it is searched: lower case, separators as blanks, a blank at each end that needs a word boundary."""
    spaced = _SEPARATORS.sub(" ", _lower(text)).strip()
    start = "" if CJK.match(spaced[:1]) else " "
    end = "" if CJK.match(spaced[-1:]) else " "
    return f"{start}{spaced}{end}"


def _haystack(text: str) -> tuple[str, list[int] | None]:
    """The text as patterns are searched in it, and each character's place (None: one to the left of its index).

    Where Chinese, Japanese or Korean meets Latin letters there is a word boundary without a blank: one is put in.
    """
    spaced = _SEPARATORS.sub(" ", _lower(text))
    if text.isascii() or not CJK.search(text):
        return f" {spaced} ", None
    out: list[str] = [" "]
    places: list[int] = [-1]
    was_cjk = False
    for i, char in enumerate(spaced):
        is_cjk = bool(CJK.match(char))
        if is_cjk != was_cjk:
            out.append(" ")
            places.append(i)
        out.append(char)
        places.append(i)
        was_cjk = is_cjk
    return "".join([*out, " "]), [*places, len(spaced)]


def _trimmed(haystack: str, places: list[int] | None, start: int, end: int) -> tuple[int, int]:
    """Where in the text the match is, without the blanks at its ends."""
    start += haystack[start] == " "
    end -= haystack[end - 1] == " "
    if places is None:
        return start - 1, end - 1
    return places[start], places[end - 1] + 1


def _lower(text: str) -> str:
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower()[:1] for c in text)


def _longest(hits: list[_Hit]) -> list[_Hit]:
    hits.sort(key=lambda hit: (hit.start - hit.end, hit.start))
    taken: list[_Hit] = []
    for hit in hits:
        if all(hit.end <= other.start or hit.start >= other.end for other in taken):
            taken.append(hit)
    return sorted(taken, key=lambda hit: hit.start)


def _in_address(text: str, start: int, end: int) -> bool:
    """Part of a web or mail address: "www.apple.com", "@apple", "apple.com/news"."""
    before = text[start - 1 : start]
    if before in {"@", "/"} or (before == "." and text[start - 2 : start - 1].isalnum()):
        return True
    return bool(_WEB.match(text, end)) and (text[start].islower() or text[end:].find("/") in range(3, 7))
