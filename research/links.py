"""Why a story is linked to its companies, as plain values: the words, the reason, and what else they might have meant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from portfolios.models import Issuer
from research.models import Article, Mention, Reading, Story

TIERS = (Mention.Tier.PRIMARY, Mention.Tier.SECONDARY, Mention.Tier.PASSING)  # the most central first


@dataclass(frozen=True, slots=True)
class Why:
    """`words` as they stand in the article of `outlet`; `confidence` 0…1. `others`: companies not meant, and why not."""

    words: str
    outlet: str
    reason: str
    in_headline: bool
    count: int
    confidence: float
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LinkedCompany:
    """A company of the story with its reading, how central it is over all articles, and why it is linked."""

    reading: Reading
    tier: str
    why: Why | None

    @property
    def issuer(self) -> Issuer:
        return self.reading.issuer


def linked_companies(readings: Sequence[Reading], articles: Iterable[Article]) -> list[LinkedCompany]:
    """The companies of these readings, in their order. At most two queries."""
    outlets = {article.pk: article.outlet for article in articles}
    mentions: dict[int, list[Mention]] = defaultdict(list)
    issuers = [reading.issuer_id for reading in readings]
    for mention in Mention.objects.filter(article__in=outlets, issuer__in=issuers).order_by("-relevance", "pk"):
        mentions[mention.issuer_id].append(mention)
    names = _names({other["issuer"] for own in mentions.values() for other in own[0].others})
    return [_linked(reading, mentions[reading.issuer_id], outlets, names) for reading in readings]


def _names(issuers: set[int]) -> dict[int, str]:
    return dict(Issuer.objects.filter(pk__in=issuers).values_list("pk", "name")) if issuers else {}


def _linked(reading: Reading, own: Sequence[Mention], outlets: dict[int, str], names: dict[int, str]) -> LinkedCompany:
    if not own:
        return LinkedCompany(reading, "", None)
    best = own[0]
    others = tuple((names[other["issuer"]], other["why"]) for other in best.others if other["issuer"] in names)
    why = Why(best.words, outlets[best.article_id], best.resolved_by, best.in_headline, best.count, best.confidence, others)
    return LinkedCompany(reading, most_central(mention.tier for mention in own), why)


def most_central(tiers: Iterable[str]) -> str:
    """Of the tiers in a story's articles the one that says most; empty where there is none."""
    told = set(tiers)
    return next((tier for tier in TIERS if tier in told), "")


def tiers_of(stories: Collection[Story], issuers: Collection[int]) -> dict[tuple[int, int], str]:
    """How central each of these companies is to each of these stories, by both. One query."""
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    mentions = Mention.objects.filter(article__story__in=stories, issuer__in=issuers)
    for story, issuer, tier in mentions.values_list("article__story", "issuer", "tier"):
        found[story or 0, issuer].add(tier)
    return {pair: most_central(tiers) for pair, tiers in found.items()}
