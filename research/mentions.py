"""Which companies a text names, how much it is about each, and why we think so."""

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from portfolios.company_names import Grade
from research.context import Article
from research.evidence import resolve
from research.folding import Folded, fold, unmasked
from research.names import AliasRow, Hit, Names, Other
from research.tickers import ListingRow

__all__ = ["AliasRow", "FoundMention", "ListingRow", "Names", "Other", "document", "find_mentions"]

BY_A_PERSON = "a person said so"
APART = 24  # characters
JOINED = frozenset([" and ", " & ", ", ", ", and ", "/", "、", "與", "和"])
ROUND_UP = 4  # companies in a headline
NEAR_TOP, LEAST_IN_HEADLINE, SECONDARY = 6, 50, 25  # relevance
Tier = Literal["primary", "secondary", "passing"]


@dataclass(slots=True)
class FoundMention:
    """An issuer in a text. Offsets are into `document(title, text)`; `words` stand at start:end, the first place named.

    `relevance` 0…100, `confidence` 0…1, `count` places, `spans` all of them in order. `others` are companies that these words
    might have meant, with the reason why not.
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
    others: tuple[Other, ...] = ()


def document(title: str, text: str) -> str:
    """What offsets count in: the title, an empty line, the text."""
    return f"{title}\n\n{text}"


class _Text(NamedTuple):
    """The document, its folded text, and where the headline ends in that."""

    whole: str
    folded: Folded
    headline_end: int


def _text(title: str, text: str) -> _Text:
    whole = document(title, text)
    folded = fold(whole, keep_lines=True)
    return _Text(whole, folded, len(title) if folded.starts is None else bisect_left(folded.starts, len(title)))


def find_mentions(names: Names, title: str, text: str) -> list[FoundMention]:
    """The issuers named in an article, most relevant first; one FoundMention each."""
    article = _text(title, text)
    read = unmasked(article.folded.text)
    tickers, exchanges = names.tickers.find(read)
    bare = list(names.tickers.bare(read))
    hits = names.find(read)
    if exchanges:
        hits = [hit for hit in hits if not any(start <= hit.start and hit.end <= end for start, end in exchanges)]
    if not (hits or tickers or bare):
        return []
    by_issuer: dict[int, list[Hit]] = defaultdict(list)
    resolved = resolve(Article(read, article.headline_end, hits), tickers, bare)
    for hit in resolved:
        by_issuer[hit.issuers[0]].append(hit)
    together = _named_together(article, resolved) if len(by_issuer) > 1 else {}
    counts = {issuer_id: _places(own) for issuer_id, own in by_issuer.items()}
    total = sum(counts.values())
    ranked = [
        (_relevance(article, together.get(own[0].start, own[0].start), counts[issuer_id], total), issuer_id, own)
        for issuer_id, own in by_issuer.items()
    ]
    ranked.sort(key=lambda each: (-each[0], each[2][0].start))
    top = ranked[0][0] if ranked and not _is_round_up(article, ranked) else math.inf
    return [_mention(article, own, counts[issuer_id], relevance, top) for relevance, issuer_id, own in ranked]


def mention_by_words(title: str, text: str, issuer_id: int, words: str) -> FoundMention | None:
    """The issuer under words of the article that a person says are its name; None where they do not stand there."""
    article = _text(title, text)
    name = fold(words).text.strip()
    places = [match.span() for match in re.finditer(re.escape(name), article.folded.text, re.I)] if name else []
    hits = [Hit(words, (issuer_id,), *place, Grade.DISTINCT, 1.0, reason=BY_A_PERSON) for place in places]
    if not hits:
        return None
    relevance = _relevance(article, hits[0].start, len(hits), len(hits))
    return _mention(article, hits, len(hits), relevance, relevance)


# --- how much is it about them? --------------------------------------------------------------------------


def _mention(article: _Text, hits: list[Hit], count: int, relevance: float, top: float) -> FoundMention:
    best = hits[0] if len(hits) == 1 else max(hits, key=lambda hit: hit.confidence)
    spans = tuple(dict.fromkeys([article.folded.original(hit.start, hit.end) for hit in hits]))
    others = [other for hit in hits if hit.others for other in hit.others]
    in_headline = hits[0].start < article.headline_end
    return FoundMention(
        issuer_id=hits[0].issuers[0],
        relevance=relevance,
        in_headline=in_headline,
        words=article.whole[slice(*spans[0])],
        start=spans[0][0],
        end=spans[0][1],
        count=count,
        resolved_by=best.reason,
        confidence=best.confidence,
        tier=_tier(relevance, top, in_headline=in_headline),
        spans=spans,
        others=tuple(dict.fromkeys(others)) if others else (),
    )


def _places(hits: Sequence[Hit]) -> int:
    """How many hits are apart from each other: "Apple Inc. (NASDAQ: AAPL)" is one place, not two."""
    count, end = 1, hits[0].end
    for hit in hits[1:]:
        if hit.start - end > APART or not hit.reason.startswith("ticker"):
            count, end = count + 1, hit.end
    return count


def _is_round_up(article: _Text, ranked: Sequence[tuple[float, int, list[Hit]]]) -> bool:
    return len(ranked) >= ROUND_UP and len([own for _, _, own in ranked if own[0].start < article.headline_end]) >= ROUND_UP


def _named_together(article: _Text, hits: Sequence[Hit]) -> dict[int, int]:
    """Where the first of them stands, of companies in a row in the headline: OpenAI, for the other in "OpenAI and Foxconn"."""
    first: dict[int, int] = {}
    for before, hit in pairwise(hits):
        if hit.start >= article.headline_end:
            break
        if article.folded.text[before.end : hit.start] in JOINED:
            first[hit.start] = first.get(before.start, before.start)
    return first


def _relevance(article: _Text, first: int, count: int, total: int) -> float:
    """0…100: half for the headline (more for its start), the rest for an early place, the count and the share of all."""
    headline = 40 + 15 * (1 - first / article.headline_end) if first < article.headline_end else 0.0
    early = 15 * (1 - first / len(article.folded.text))
    often = 10 * min(1.0, math.log2(1 + count) / 3)
    focus = 20 * count / total
    return round(headline + early + often + focus, 1)


def _tier(relevance: float, top: float, *, in_headline: bool) -> Tier:
    """`top` is the largest relevance in the article; infinite for a round-up, which is about nobody in particular."""
    if relevance >= top - NEAR_TOP and (in_headline or top < LEAST_IN_HEADLINE):
        return "primary"
    return "secondary" if in_headline or relevance >= SECONDARY else "passing"
