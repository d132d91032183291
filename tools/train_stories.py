"""Fits the weights with which two articles are held to tell of one event, and writes research/pair_weights.py.

    python -m tools.train_stories ../shared/data/news/semi_2022_2023h1.jsonl.gz [--check]

Learns from tests/data/story_labels.csv: which articles of sixteen stretches of two or three days tell of one event, judged by
reading (article hashes and story numbers alone; the texts are in that file of news). None of these days is one of
labelled/news_dev.jsonl. `--check` writes nothing, and prints B-cubed F1 of each stretch by weights fitted on the others.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.evaluation.master import MemoryMaster
from config.evaluation.rows import rows_of
from config.evaluation.stories import b_cubed, f1, fingerprint_of, in_stories
from research.fingerprints import Fingerprint
from research.pairs import FEATURES, Weights, features
from research.stories import LIVE_HOURS
from tools.draw_links import article_id

LABELS = Path("tests/data/story_labels.csv")
WEIGHTS = Path("research/pair_weights.py")
SMOOTHNESS = 10.0  # of the squared weights, features being of unit variance
STEPS = 30
Numbers = NDArray[np.float64]


class Labelled(NamedTuple):
    article: Fingerprint
    story: int


class Pairs(NamedTuple):
    """Features (n × k), whether they are one event (n), and how much each counts (n)."""

    values: Numbers
    same: Numbers
    worth: Numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--master", type=Path, default=Path("../shared/data/master"))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    stretches = labelled(options.file, options.master)
    told = {name: pairs_of(stretch) for name, stretch in stretches.items()}
    if options.check:
        for name, stretch in stretches.items():
            weights = fit(each for other, each in told.items() if other != name)
            print(json.dumps({"stretch": name, **score(stretch, weights), **score(_busiest(stretch), weights, "busiest_")}))
    else:
        WEIGHTS.write_text(_module(fit(told.values())))


def labelled(file: Path, master: Path) -> dict[str, list[Labelled]]:
    """The labelled articles of each stretch, in order of time."""
    names = MemoryMaster.load(master).names()
    with LABELS.open(encoding="utf-8") as rows:
        stories = {row["article"]: (row["stretch"], int(row["story"])) for row in csv.DictReader(rows)}
    found: dict[str, list[Labelled]] = defaultdict(list)
    for row in rows_of(file):
        stretch, story = stories.get(article_id(row["url"]), ("", 0))
        if stretch:
            found[stretch].append(Labelled(fingerprint_of(row, names), story))
    return {name: sorted(found[name], key=lambda each: each.article.moment) for name in sorted(found)}


def pairs_of(stretch: Sequence[Labelled]) -> Pairs:
    """All pairs that would be compared. Those of an article count together as the root of their number, the same and the others:
    a story of thirty would else outweigh thirty stories.
    """
    keys = [each.article.index_keys() for each in stretch]
    values, same, later = [], [], []
    for i, new in enumerate(stretch):
        for j, old in enumerate(stretch[:i]):
            if new.article.moment - old.article.moment <= LIVE_HOURS and keys[i] & keys[j]:
                values.append(features(new.article, old.article))
                same.append(float(new.story == old.story))
                later.append((i, new.story == old.story))
    counts = Counter(later)
    return Pairs(np.array(values), np.array(same), np.array([counts[each] ** -0.5 for each in later]))


def fit(told: Iterable[Pairs]) -> Weights:
    """Logistic regression with a penalty on squared weights, by Newton's method; for features as they are."""
    parts = list(told)
    values, same, worth = (np.concatenate(column) for column in zip(*parts, strict=True))
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.column_stack([(values - mean) / spread, np.ones(len(values))])
    penalty = np.diag([SMOOTHNESS * worth.sum() / len(worth)] * values.shape[1] + [0.0])
    weights = np.zeros(scaled.shape[1])
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (worth * (probability - same)) + penalty @ weights
        curve = (scaled * (worth * probability * (1 - probability))[:, None]).T @ scaled + penalty
        weights = weights - np.linalg.solve(curve, slope)
    plain = weights[:-1] / spread
    return Weights(float(weights[-1] - plain @ mean), plain.tolist())


def score(stretch: Sequence[Labelled], weights: Weights, prefix: str = "") -> dict[str, float]:
    shares = b_cubed(in_stories([each.article for each in stretch], weights), [each.story for each in stretch])
    return {f"{prefix}n": len(stretch), f"{prefix}f1": round(f1(*shares) or 0.0, 3)}


def _busiest(stretch: Sequence[Labelled]) -> list[Labelled]:
    """The articles about the two companies that most of them are about."""
    counts = Counter(issuer for each in stretch for issuer in each.article.primary)
    top = {issuer for issuer, _ in counts.most_common(2)}
    return [each for each in stretch if each.article.primary & top]


def _module(weights: Weights) -> str:
    rows = "".join(f"    {each:.3f},  # {name}\n" for name, each in zip(FEATURES, weights.each, strict=True))
    head = '"""Written by tools/train_stories.py; the order is that of research.pairs.FEATURES."""'
    return f"{head}\n\nBIAS = {weights.bias:.3f}\nWEIGHTS = (\n{rows})\n"


if __name__ == "__main__":
    main()
