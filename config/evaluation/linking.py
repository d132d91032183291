"""How well articles are linked to the companies they are about, against labelled ones."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from config.evaluation.master import MemoryMaster
from config.evaluation.shares import share, share_low
from research.mentions import FoundMention, Names, find_mentions

TIERS = ("primary", "secondary", "passing")


@dataclass(slots=True)
class Labels:
    """What a row says: the issuers meant, those that count neither way, and how much the article is about each, where told."""

    meant: dict[int, str] = field(default_factory=dict)
    optional: set[int] = field(default_factory=set)
    lacking: int = 0


@dataclass(slots=True)
class Counts:
    n: int = 0
    gold: int = 0
    predicted: int = 0
    correct: int = 0
    not_in_master: int = 0
    with_primary: int = 0
    primary_agreed: int = 0
    tiers: Counter[str] = field(default_factory=Counter)


def evaluate_linking(rows: Sequence[dict[str, Any]], master: MemoryMaster, *, masked: bool) -> dict[str, Any]:
    """The figures of `manage.py evaluate linking`; its clock runs over the linking alone.

    Of `masked` rows only the issuers whose ticker was struck out are known, so there is no precision.
    """
    names = master.names()
    texts = [(str(row["title"]), str(row.get("description") or row.get("text") or ""), _day(row)) for row in rows]
    start = time.perf_counter()
    found = [find_mentions(names.on(day) if day else names, title, text) for title, text, day in texts]
    seconds = time.perf_counter() - start
    counts = Counts()
    for row, mentions in zip(rows, found, strict=True):
        _count(counts, _labels(row, master), _listed(mentions, names), masked=masked)
    return _figures(counts, seconds, masked=masked)


def _day(row: dict[str, Any]) -> date | None:
    """When it was published, where the row says: by the names of that day it is linked."""
    try:
        return datetime.fromisoformat(str(row.get("published_at", ""))).date()
    except ValueError:
        return None


def _labels(row: dict[str, Any], master: MemoryMaster) -> Labels:
    labels = Labels()
    for said in row["issuers"]:
        if "exchange" not in said and not said.get("listing"):
            continue  # private: nothing to compare with
        issuer = master.on_exchange(said["exchange"], said["ticker"]) if "exchange" in said else master.listed(said["listing"])
        if issuer is None:
            labels.lacking += 1
        elif said.get("optional"):
            labels.optional.add(issuer)
        else:
            labels.meant.setdefault(issuer, said.get("relevance", ""))
    return labels


def _listed(mentions: Iterable[FoundMention], names: Names) -> list[FoundMention]:
    return [mention for mention in mentions if names.tickers.has(mention.issuer_id)]


def _count(counts: Counts, labels: Labels, mentions: Sequence[FoundMention], *, masked: bool) -> None:
    neither = labels.optional - labels.meant.keys()
    predicted = {mention.issuer_id for mention in mentions} - neither
    counts.n += 1
    counts.gold += len(labels.meant)
    counts.not_in_master += labels.lacking
    counts.correct += len(predicted & labels.meant.keys())
    counts.predicted += len(predicted & labels.meant.keys()) if masked else len(predicted)
    primaries = {issuer for issuer, relevance in labels.meant.items() if relevance == "primary"}
    if primaries:
        counts.with_primary += 1
        counts.primary_agreed += bool(mentions) and mentions[0].issuer_id in primaries
    counts.tiers.update(_tier_agreements(labels, mentions))


def _tier_agreements(labels: Labels, mentions: Iterable[FoundMention]) -> Iterator[str]:
    for mention in mentions:
        if said := labels.meant.get(mention.issuer_id):
            yield f"{said} as {mention.tier}"


def _figures(counts: Counts, seconds: float, *, masked: bool) -> dict[str, Any]:
    precision = None if masked else share(counts.correct, counts.predicted)
    recall = share(counts.correct, counts.gold)
    both = counts.predicted + counts.gold
    return {
        "n": counts.n,
        "gold": counts.gold,
        "predicted": counts.predicted,
        "not_in_master": counts.not_in_master,
        "precision": precision,
        "recall": recall,
        "f1": None if masked else share(2 * counts.correct, both),
        "precision_low": None if masked else share_low(counts.correct, counts.predicted),
        "recall_low": share_low(counts.correct, counts.gold),
        "primary_agreement": share(counts.primary_agreed, counts.with_primary),
        "tiers": {f"{said} as {tier}": counts.tiers[f"{said} as {tier}"] for said in TIERS for tier in TIERS}
        if counts.tiers
        else None,
        "articles_per_s": round(counts.n / seconds, 1) if seconds else None,
    }
