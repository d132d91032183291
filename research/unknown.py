"""Names worth adding: companies that stand beside the firm's holdings in the news and that the security master lacks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.db.models.functions import Now, Upper

from accounts.models import Firm
from accounts.scope import FirmQuerySet
from portfolios.models import Alias, Holding, Issuer
from research.models import DismissedName, Mention, Story, UnknownName

PERIOD = timedelta(days=30)
MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class NameRow:
    """`article_count` articles of 30 days name it beside a holding; `beside` are those holdings, most often first."""

    key: str
    text: str
    ticker: str
    reason: str
    article_count: int
    newest_at: datetime
    beside: list[Issuer]
    story: Story | None


def beside_holdings(firm: Firm) -> list[NameRow]:
    """Most often first. A number of queries that does not grow."""
    held = Holding.objects.of(firm).values("issuer")
    beside = Mention.objects.filter(article=OuterRef("article"), issuer__in=held)
    names = UnknownName.objects.visible_to(firm).filter(Exists(beside), article__received_at__gte=Now() - PERIOD)
    dismissed = DismissedName.objects.filter(key=OuterRef("key"))
    counted = (
        names.filter(~Exists(dismissed))
        .values("key")
        .annotate(
            articles=Count("article"),
            newest=Max("article__received_at"),
            text=Max("text"),
            ticker=Max("ticker"),
            why=Max("reason"),
        )
        .order_by("-articles", "-newest", "key")[: MOST_ROWS * 2]
    )
    rows = _without_known(list(counted))[:MOST_ROWS]
    holdings, stories = _around(names, [row["key"] for row in rows], held)
    return [
        NameRow(
            row["key"],
            row["text"],
            row["ticker"],
            row["why"],
            row["articles"],
            row["newest"],
            holdings[row["key"]],
            stories.get(row["key"]),
        )
        for row in rows
    ]


def _without_known(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """But those that have come into the master since."""
    texts = {row["text"].upper() for row in rows}
    known = set(Alias.objects.annotate(upper=Upper("text")).filter(upper__in=texts).values_list("upper", flat=True))
    return [row for row in rows if row["text"].upper() not in known]


def _around(names: FirmQuerySet[UnknownName], keys: list[str], held: Any) -> tuple[dict[str, list[Issuer]], dict[str, Story]]:
    """By name, the holdings beside it and the newest story."""
    articles: dict[str, set[int]] = defaultdict(set)
    newest: dict[str, int] = {}
    found = names.filter(key__in=keys).order_by("article__received_at").values_list("key", "article", "article__story")
    for key, article, story in found:
        articles[key].add(article)
        newest[key] = story or newest.get(key, 0)
    every = {article for own in articles.values() for article in own}
    pairs = Mention.objects.filter(article__in=every, issuer__in=held).values_list("article", "issuer")
    named: dict[int, list[int]] = defaultdict(list)
    for article, issuer in pairs:
        named[article].append(issuer)
    issuers = Issuer.objects.prefetch_related("securities__listings").in_bulk({issuer for _, issuer in pairs})
    beside = {}
    for key, own in articles.items():
        counts: dict[int, int] = defaultdict(int)
        for article in own:
            for issuer in named[article]:
                counts[issuer] += 1
        beside[key] = [issuers[issuer] for issuer in sorted(counts, key=lambda each: (-counts[each], each))]
    stories = Story.objects.in_bulk(newest.values())
    return beside, {key: stories[story] for key, story in newest.items() if story in stories}
