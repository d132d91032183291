"""Whether the news that matters has the higher market impact, against what careful readers held to be material."""

import random
from collections.abc import Sequence
from typing import Any

from config.evaluation.master import MemoryMaster
from config.evaluation.sentiment import spearman
from config.evaluation.shares import rounded
from research.flash import Asked, flash_readings
from research.mentions import Names, find_mentions

MATERIAL = 2
SAMPLES = 1000


def evaluate_materiality(rows: Sequence[dict[str, Any]], master: MemoryMaster) -> dict[str, Any]:
    """The figures of `manage.py evaluate materiality`; a text with nobody in it that we know is read as a whole."""
    names = master.names()
    readings = flash_readings([_asked(row, names) for row in rows])
    scores = [each.market_impact or 0.0 for each in readings]
    grades = [int(row["materiality"]) for row in rows]
    are_material = [grade >= MATERIAL for grade in grades]
    return {
        "n": len(rows),
        "positives": sum(are_material),
        "auc": rounded(auc(scores, are_material)),
        "auc_low": rounded(auc_low(scores, are_material)),
        "spearman": spearman(grades, scores),
    }


def _asked(row: dict[str, Any], names: Names) -> Asked:
    """About the primary issuer: the one that linking puts first."""
    title, text = str(row["title"]), str(row.get("description") or row.get("text") or "")
    found = find_mentions(names, title, text)
    others = [span for other in found[1:] for span in other.spans]
    return Asked(title, text, found[0].spans if found else (), others, outlet=str(row.get("source", "")))


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """The chance that a positive has the higher score than another (ties count half); None without either."""
    ups = [score for score, is_positive in zip(scores, positive, strict=True) if is_positive]
    downs = [score for score, is_positive in zip(scores, positive, strict=True) if not is_positive]
    if not ups or not downs:
        return None
    return sum((up > down) + (up == down) / 2 for up in ups for down in downs) / (len(ups) * len(downs))


def auc_low(scores: Sequence[float], positive: Sequence[bool], seed: int = 1) -> float | None:
    """The lower bound (one-sided, 95 %), by drawing the rows anew."""
    pairs, draw = list(zip(scores, positive, strict=True)), random.Random(seed)
    drawn = [auc(*zip(*draw.choices(pairs, k=len(pairs)), strict=True)) for _ in range(SAMPLES if pairs else 0)]
    told = sorted(each for each in drawn if each is not None)
    return told[int(0.05 * len(told))] if told else None
