"""How well texts, or the companies named in them, are told to be good, neutral or bad news, against labelled ones."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from config.evaluation.shares import share
from research.flash import Asked, flash_readings, flash_version
from research.scoring import sentiment_score

LABELS = ("positive", "neutral", "negative")
BINS = 10


class Unit(NamedTuple):
    """One thing to read: a text, or a company in it. `gold` is its label or None, `score` −1…1 or the label's sign."""

    row: int
    asked: Asked
    gold: str | None
    score: float
    is_conflicting: bool = False


class Told(NamedTuple):
    """Probabilities in the order of LABELS."""

    positive: float
    neutral: float
    negative: float

    @property
    def label(self) -> str:
        return LABELS[max(range(3), key=lambda at: self[at])]


def evaluate_sentiment(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of `manage.py evaluate sentiment`; its clock runs over the reading alone."""
    units = units_of(rows)
    flash_readings([unit.asked for unit in units[:1]])  # what is loaded once is not the reading
    start = time.perf_counter()
    readings = flash_readings([unit.asked for unit in units])
    seconds = time.perf_counter() - start
    told = [Told(each.p_positive, each.p_neutral, each.p_negative) for each in readings]
    speed = round(len(rows) / seconds, 1) if rows else None
    return {**figures(units, told), "texts_per_s": speed, "model": f"flash {flash_version()}"}


def units_of(rows: Sequence[dict[str, Any]]) -> list[Unit]:
    """Each row that has a label, and each entity of the others: it is asked about where its name stands in the text."""
    units: list[Unit] = []
    for number, row in enumerate(rows):
        text = str(row["text"])
        if "entities" not in row:
            units.append(Unit(number, Asked(text), _label(row["label"]), _sign(row["label"])))
            continue
        places = [places_of(str(entity["name"]), text) for entity in row["entities"]]
        is_conflicting = len({entity.get("label") for entity in row["entities"]}) > 1
        for own, entity in enumerate(row["entities"]):
            others = [span for at, spans in enumerate(places) if at != own for span in spans if span not in places[own]]
            asked = Asked(text, "", places[own], others)
            if "label" in entity:
                units.append(Unit(number, asked, _label(entity["label"]), _sign(entity["label"]), is_conflicting))
            else:
                units.append(Unit(number, asked, None, float(entity["score"])))
    return units


def places_of(name: str, text: str) -> list[tuple[int, int]]:
    """Where a name stands in a text as a word of its own; in whatever case, where it does not stand as it is written."""
    pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
    return [found.span() for found in re.finditer(pattern, text)] or [
        found.span() for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


def figures(units: Sequence[Unit], told: Sequence[Told]) -> dict[str, Any]:
    """The figures without those of speed. Of units with a score only (no label): the order and the sign."""
    labelled = [(unit, each) for unit, each in zip(units, told, strict=True) if unit.gold]
    conflicting = [(unit.gold or "", each.label) for unit, each in labelled if unit.is_conflicting]
    pairs = [(unit.gold or "", each.label) for unit, each in labelled]
    scores = [sentiment_score(each.positive, each.negative) for each in told]
    signed = [(unit.score, score) for unit, score in zip(units, scores, strict=True) if unit.score]
    return {
        "n": len(units),
        "accuracy": accuracy(pairs),
        "macro_f1": macro_f1(pairs),
        "per_label": per_label(pairs) if pairs else None,
        "spearman": spearman([unit.score for unit in units], scores),
        "sign_accuracy": share(sum(gold * score > 0 for gold, score in signed), len(signed)),
        "ece": calibration_error([(max(each), each.label == unit.gold) for unit, each in labelled]),
        "conflicting": {"n": len(conflicting), "accuracy": accuracy(conflicting), "macro_f1": macro_f1(conflicting)},
    }


def accuracy(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Of (gold, told) pairs."""
    return share(sum(gold == told for gold, told in pairs), len(pairs))


def per_label(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, float | int | None]]:
    gold, told, both = Counter(g for g, _ in pairs), Counter(t for _, t in pairs), Counter(g for g, t in pairs if g == t)
    return {
        label: {
            "n": gold[label],
            "precision": share(both[label], told[label]),
            "recall": share(both[label], gold[label]),
            "f1": share(2 * both[label], gold[label] + told[label]),
        }
        for label in LABELS
    }


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float | None:
    """The mean F1 of the labels that are there, or were told."""
    scores = [each["f1"] for each in per_label(pairs).values() if each["f1"] is not None]
    return round(sum(scores) / len(scores), 4) if scores else None


def calibration_error(told: Sequence[tuple[float, bool]]) -> float | None:
    """Expected calibration error over ten bins of equal size: of (largest probability, whether it was right)."""
    if not told:
        return None
    parts = [part for part in np.array_split(np.array(sorted(told, key=lambda each: each[0]), dtype=float), BINS) if len(part)]
    return round(sum(len(part) * abs(float(part[:, 0].mean() - part[:, 1].mean())) for part in parts) / len(told), 4)


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """The rank correlation, ties having their mean rank; None where one side does not differ."""
    if len(first) < 2 or len(set(first)) == 1 or len(set(second)) == 1:
        return None
    return round(float(np.corrcoef(_ranks(first), _ranks(second))[0, 1]), 4)


def _ranks(values: Sequence[float]) -> list[float]:
    _, place, counts = np.unique(np.array(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean = last - (counts - 1) / 2
    return [float(rank) for rank in mean[place]]


def _label(label: str) -> str:
    if label not in LABELS:
        raise ValueError(f"label: {label!r} is none of {', '.join(LABELS)}")
    return label


def _sign(label: str) -> float:
    return {"positive": 1.0, "negative": -1.0}.get(label, 0.0)
