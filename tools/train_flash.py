"""Fits the quick reading's small model to headlines that are labelled by company, and writes its weights with their licence.

    python -m tools.train_flash ../shared/data/sentiment/sentfin_dev.jsonl.gz [--folds 5] [--no-write]

Prints one JSON object: the keys of `manage.py evaluate sentiment` over folds, each read by weights fitted on the others. A fold
has companies of its own, and a headline that names one of them is left out of what is learnt. The temperature, which makes
probabilities of what would be too sure of itself, is fitted on a part of the headlines learnt from.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.evaluation.rows import rows_of
from config.evaluation.sentiment import LABELS, Told, Unit, figures, units_of
from research.flash import sight_of
from research.flash_features import SIZE
from research.flash_model import RULES, WEIGHTS, Model, rule_numbers

NOTICE = Path("research/flash_weights.txt")
SMOOTHNESS = 4.0  # of the squared weights
STEPS, MEMORY = 120, 10
ASIDE = 10  # every tenth headline
SMALLEST = 0.004  # weights nearer to zero are left out of the file
Numbers = NDArray[np.float64]


class Data(NamedTuple):
    """Sentences as rows of numbers of features (`at`, each beginning at `starts`), what the rules say, and the label."""

    at: NDArray[np.int64]
    starts: NDArray[np.int64]
    rules: Numbers
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.label)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--no-write", action="store_true", help="print the figures alone")
    options = parser.parse_args()
    rows = [row for file in options.files for row in rows_of(file)]
    units, entities = units_of(rows), [str(entity["name"]).casefold() for row in rows for entity in row["entities"]]
    start = time.perf_counter()
    sights = [sight_of(unit.asked) for unit in units]
    seen = [each.facts[0] if each.facts else ([], rule_numbers(None)) for each in sights]  # a headline is one sentence
    seconds = time.perf_counter() - start
    probabilities_of: dict[int, Told] = {}
    for learn, test in folds(units, entities, options.folds):
        fitted = fit(units, seen, learn)
        probabilities_of |= {at: Told(*sights[at].read(fitted)) for at in test}
    found = figures(units, [probabilities_of[at] for at in range(len(units))])
    whole = fit(units, seen, range(len(units)))
    if not options.no_write:
        write(whole, options.files, found)
    print(json.dumps({**found, "texts_per_s": round(len(rows) / seconds, 1), "model": f"{options.folds} folds by entity"}))


def folds(units: Sequence[Unit], entities: Sequence[str], count: int, seed: int = 3) -> Iterator[tuple[list[int], list[int]]]:
    """Numbers of the units to learn from and to test on, for each fold."""
    names = sorted(set(entities))
    np.random.default_rng(seed).shuffle(names)
    fold_of = {name: number % count for number, name in enumerate(names)}
    for fold in range(count):
        test = [at for at, name in enumerate(entities) if fold_of[name] == fold]
        shared = {units[at].row for at in test}
        yield [at for at, unit in enumerate(units) if unit.row not in shared], test


def fit(units: Sequence[Unit], seen: Sequence[tuple[list[int], Any]], learn: Sequence[int]) -> Model:
    """Weights from these units; the temperature from those of every tenth headline, by weights that have not seen them."""
    aside = [at for at in learn if units[at].row % ASIDE == 0]
    rest = [at for at in learn if units[at].row % ASIDE]
    cooler = _fit(_data(units, seen, rest))
    held = _data(units, seen, aside)
    logits = np.array([cooler.logits(*seen[at]) for at in aside], dtype=float)
    best = min(np.arange(0.5, 2.5, 0.02), key=lambda heat: _loss_of(logits / heat, held.label))
    return _fit(_data(units, seen, learn))._replace(temperature=float(best))


def _data(units: Sequence[Unit], seen: Sequence[tuple[list[int], Any]], which: Sequence[int]) -> Data:
    counts = [len(seen[at][0]) for at in which]
    flat = [number for at in which for number in seen[at][0]]
    return Data(
        np.array(flat, dtype=np.int64),
        np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64),
        np.array([seen[at][1] for at in which], dtype=float),
        np.array([LABELS.index(units[at].gold or "") for at in which]),
    )


def _fit(data: Data) -> Model:
    shape = (SIZE + RULES + 1, 3)
    owner = np.repeat(np.arange(len(data)), np.diff([*data.starts, len(data.at)]))
    penalty = np.full(shape, SMOOTHNESS)
    penalty[SIZE:] = 0.1

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights = flat.reshape(shape)
        logits = np.add.reduceat(weights[data.at], data.starts, axis=0) + data.rules @ weights[SIZE:-1] + weights[-1]
        logits -= logits.max(axis=1, keepdims=True)
        each = np.exp(logits)
        each /= each.sum(axis=1, keepdims=True)
        value = -np.log(each[np.arange(len(data)), data.label]).sum() + (penalty * weights**2).sum() / 2
        each[np.arange(len(data)), data.label] -= 1
        slope = penalty * weights
        for label in range(3):
            slope[:SIZE, label] += np.bincount(data.at, each[owner, label], SIZE)
        slope[SIZE:-1] += data.rules.T @ each
        slope[-1] += each.sum(axis=0)
        return float(value), slope.ravel()

    weights = descend(loss, np.zeros(shape).ravel()).reshape(shape).astype(np.float32)
    return Model(weights[:SIZE], weights[SIZE:-1], weights[-1], 1.0)


def descend(loss: Any, point: Numbers) -> Numbers:
    """The lowest point of a smooth function that gives its value and slope (L-BFGS: Nocedal and Wright, 2006, algorithm 7.5)."""
    value, slope = loss(point)
    moves: list[tuple[Numbers, Numbers, float]] = []
    for _ in range(STEPS):
        way, shares = slope.copy(), []
        for move, change, scale in reversed(moves):
            share = scale * (move @ way)
            shares.append(share)
            way -= share * change
        if moves:
            way *= 1 / (moves[-1][2] * (moves[-1][1] @ moves[-1][1]))
        else:
            way /= np.linalg.norm(slope)
        for (move, change, scale), share in zip(moves, reversed(shares), strict=True):
            way += move * (share - scale * (change @ way))
        step, fall = 1.0, way @ slope
        while True:
            there = point - step * way
            new_value, new_slope = loss(there)
            if new_value <= value - 1e-4 * step * fall or step < 1e-6:
                break
            step /= 2
        move, change = there - point, new_slope - slope
        if (bend := change @ move) > 1e-10:
            moves = [*moves[-MEMORY + 1 :], (move, change, 1 / bend)]
        is_done = value - new_value < 1e-6 * abs(value)
        point, value, slope = there, new_value, new_slope
        if is_done:
            break
    return point


def _loss_of(logits: Numbers, label: NDArray[np.int64]) -> float:
    top = logits.max(axis=1)
    return float((np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top - logits[np.arange(len(label)), label]).mean())


def write(model: Model, files: Sequence[Path], found: dict[str, Any]) -> None:
    kept = np.flatnonzero(np.abs(model.words).max(axis=1) > SMALLEST)
    np.savez_compressed(
        WEIGHTS,
        at=kept.astype(np.uint32),
        words=model.words[kept].astype(np.float16),
        rules=model.rules,
        bias=model.bias,
        temperature=np.float64(model.temperature),
    )
    licence = next(iter(sorted(files[0].parent.glob("LICENSE*"))), None)
    text = licence.read_text(encoding="utf-8").strip() if licence else "No licence stands beside them."
    names = ", ".join(file.name for file in files)
    NOTICE.write_text(
        f"flash_weights.npz was fitted by tools/train_flash.py to {names}\n(SEntFiN 1.0, headlines labelled by company). "
        f"Over folds by company: accuracy {found['accuracy']},\nmacro-F1 {found['macro_f1']}, expected calibration error "
        f"{found['ece']}. Their licence:\n\n{text}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
