"""How well articles are put into stories, against labelled ones: B-cubed (Bagga and Baldwin, 1998), online, in one pass."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from config.evaluation.master import MemoryMaster
from config.evaluation.shares import rounded
from research.fingerprints import Fingerprint, fingerprint
from research.mentions import Names, find_mentions
from research.pairs import OURS, Weights
from research.stories import LIVE_HOURS, LiveStories

SAMPLES = 1000
FORGET_EVERY = 500


def evaluate_stories(rows: Sequence[dict[str, Any]], master: MemoryMaster) -> dict[str, Any]:
    """The figures of `manage.py evaluate stories`; its clock runs over linking, fingerprints and joining."""
    names = master.names()
    told = sorted(rows, key=lambda row: str(row["published_at"]))
    start = time.perf_counter()
    found = in_stories([fingerprint_of(row, names) for row in told])
    seconds = time.perf_counter() - start
    gold = [row["story"] for row in told]
    precision, recall = b_cubed(found, gold)
    return {
        "n": len(told),
        "stories": len(set(found)),
        "precision": rounded(precision),
        "recall": rounded(recall),
        "f1": rounded(f1(precision, recall)),
        "f1_low": rounded(f1_low(found, gold)),
        "pairwise_f1": rounded(pairwise_f1(found, gold)),
        "articles_per_s": round(len(told) / seconds, 1) if told else None,
    }


def fingerprint_of(row: dict[str, Any], names: Names) -> Fingerprint:
    """Of an article as files of news have it, linked by the names of its day."""
    moment = datetime.fromisoformat(str(row["published_at"]))
    title, text = str(row["title"]), str(row.get("description") or row.get("text") or "")
    found = find_mentions(names.on(moment.date()), title, text)
    return fingerprint(title, text, found, str(row.get("source", "")), moment.timestamp() / 3600)


def in_stories(articles: Sequence[Fingerprint], weights: Weights = OURS) -> list[int]:
    """The number of each article's story, as the product would give them in that order."""
    live, story_of = LiveStories(weights), list(range(len(articles)))
    for number, article in enumerate(articles):
        placed = live.place(number, article)
        story = number if placed.story is None else placed.story
        live.unite(story, placed.same)
        live.add(number, article, story)
        for same in placed.same:
            story_of = [story if each == same else each for each in story_of]
        story_of[number] = story
        if number % FORGET_EVERY == 0:
            live.forget_before(article.moment - 2 * LIVE_HOURS)
    return story_of


def b_cubed(found: Sequence[Hashable], gold: Sequence[Hashable]) -> tuple[float | None, float | None]:
    """Precision and recall: of each article's story, the share that is right, and of the right one, the share that is there."""
    if not gold:
        return None, None
    precisions, recalls = zip(*_shares(found, gold), strict=True)
    return sum(precisions) / len(gold), sum(recalls) / len(gold)


def _shares(found: Sequence[Hashable], gold: Sequence[Hashable]) -> list[tuple[float, float]]:
    """Precision and recall of each article."""
    pairs = list(zip(found, gold, strict=True))
    sizes, right, both = Counter(found), Counter(gold), Counter(pairs)
    return [(both[pair] / sizes[pair[0]], both[pair] / right[pair[1]]) for pair in pairs]


def f1_low(found: Sequence[Hashable], gold: Sequence[Hashable], seed: int = 1) -> float | None:
    """The lower bound of F1 (one-sided, 95 %), by drawing the labelled stories anew, each with all its articles."""
    members: dict[Hashable, list[tuple[float, float]]] = defaultdict(list)
    for story, shares in zip(gold, _shares(found, gold), strict=True):
        members[story].append(shares)
    draw, stories = random.Random(seed), list(members.values())
    scores = []
    for _ in range(SAMPLES if stories else 0):
        drawn = [each for story in draw.choices(stories, k=len(stories)) for each in story]
        means = [sum(column) / len(drawn) for column in zip(*drawn, strict=True)]
        scores.append(f1(*means) or 0.0)
    return sorted(scores)[int(0.05 * SAMPLES)] if scores else None


def pairwise_f1(found: Sequence[Hashable], gold: Sequence[Hashable]) -> float | None:
    """F1 over pairs of articles: those put into one story against those that are in one."""
    together = [
        sum(count * (count - 1) // 2 for count in Counter(each).values()) for each in (zip(found, gold, strict=True), found, gold)
    ]
    return 2 * together[0] / (together[1] + together[2]) if together[1] + together[2] else None


def f1(precision: float | None, recall: float | None) -> float | None:
    """Their harmonic mean; None where nothing was measured."""
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
