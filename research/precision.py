"""How often links were right, by what people said of them: per name, per origin of names, and per source of news."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import Lower, Now

from portfolios.models import Alias, Issuer
from research.models import Correction, Mention

PERIOD = timedelta(days=90)
MOST_ROWS = 50
Corrections = Collection[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Precision:
    """`linked` are links of stories to companies in the period; `wrong` of them and `missed` beside them, by what people said."""

    name: str
    linked: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """(linked − wrong) ÷ linked, 0…1. No correction is no proof: it is an upper bound."""
        return (self.linked - self.wrong) / self.linked if self.linked else None


@dataclass(frozen=True, slots=True)
class LinkPrecision:
    names: list[Precision]
    origins: list[Precision]
    sources: list[Precision]

    @property
    def tables(self) -> list[tuple[str, list[Precision]]]:
        """What is shown, each under its title."""
        return [
            ("Precision by name", self.names),
            ("Precision by origin of the name", self.origins),
            ("Precision by source", self.sources),
        ]


def link_precision() -> LinkPrecision:
    """Of the last 90 days, over all firms: call it inside every_firm()."""
    since = Now() - PERIOD
    corrections = list(
        Correction.objects.standing()
        .filter(story__articles__received_at__gte=since)
        .annotate(key=Lower("words"), source=F("story__articles__source__name"))
        .values("kind", "verdict", "story", "issuer", "key", "alias_source", "source")
    )
    mentions = Mention.objects.filter(article__received_at__gte=since)
    return LinkPrecision(
        _by_name(mentions, corrections),
        _counted(_origins(mentions), corrections, _origin_of),
        _counted(_linked(mentions.values_list("article__source__name")), corrections, lambda row: row["source"] or ""),
    )


def _by_name(mentions: Any, corrections: Corrections) -> list[Precision]:
    """Of the names that were corrected alone."""
    issuers = Issuer.objects.in_bulk({row["issuer"] for row in corrections})
    linked = _linked(mentions.filter(issuer__in=issuers).values_list("issuer", Lower("words")))
    return _counted(
        {key: count for key, count in linked.items() if key in {(row["issuer"], row["key"]) for row in corrections}},
        corrections,
        lambda row: (row["issuer"], row["key"]),
        title=lambda key: f"“{key[1]}” for {issuers[key[0]]}",
    )[:MOST_ROWS]


def _linked(rows: Any) -> dict[Any, int]:
    """Stories by the values of the rows."""
    counted = rows.annotate(Count("article__story", distinct=True)).order_by()
    return {key[0] if len(key) == 1 else tuple(key): count for *key, count in counted}


def _origins(mentions: Any) -> dict[str, int]:
    """Links by where their names came from: names are few, and mentions many."""
    linked = _linked(mentions.values_list("issuer", Lower("words")))
    aliases = Alias.objects.filter(issuer__in={issuer for issuer, _ in linked}).values_list("issuer", Lower("text"), "source")
    sources = {(issuer, text): source for issuer, text, source in aliases}
    counted: Counter[str] = Counter()
    for key, count in linked.items():
        counted[_origin(sources.get(key, ""))] += count
    return counted


def _origin_of(row: Mapping[str, Any]) -> str:
    is_unheard_of = row["kind"] == Correction.Kind.MISSING and not row["alias_source"]
    return "no name that we knew" if is_unheard_of else _origin(row["alias_source"])


def _origin(source: str) -> str:
    return "a ticker, or another spelling" if source == "" else f"names from {Alias.Source(source).label}"


def _counted(linked: Mapping[Any, int], corrections: Corrections, key_of: Any, title: Any = str) -> list[Precision]:
    """Each story counts once for a key, whoever corrected it and how often. Links that were given up count too."""
    told = {(key_of(row), row["story"], row["issuer"], row["kind"]) for row in corrections}
    given_up = {
        (key_of(row), row["story"])
        for row in corrections
        if (row["kind"], row["verdict"]) == (Correction.Kind.WRONG, Correction.Verdict.ACCEPTED)
    }
    counts, gone = Counter((key, kind) for key, _, _, kind in told), Counter(key for key, _ in given_up)
    keys = dict.fromkeys([*(key for key, _ in counts), *linked])
    rows = [
        Precision(
            title(key), linked.get(key, 0) + gone[key], counts[key, Correction.Kind.WRONG], counts[key, Correction.Kind.MISSING]
        )
        for key in keys
    ]
    return sorted(rows, key=lambda row: (-row.wrong - row.missed, -row.linked, row.name))
