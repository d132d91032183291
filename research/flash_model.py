"""The small model that decides where a text names the issuer: logistic regression over the words around it and the rules.

Its weights are written by tools/train_flash.py; what was learnt from, and under which licence, stands in flash_weights.txt.
"""

import math
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research.flash_features import SIZE

WEIGHTS = Path(__file__).with_name("flash_weights.npz")
LABELS = ("positive", "neutral", "negative")
RULES = 4  # numbers that the rules give, after the words'
KNOWN, STRANGE, MOST_RULES = 0.8, 0.6, 0.9
Numbers = NDArray[np.float32]
Probabilities = tuple[float, float, float]


class Model(NamedTuple):
    """`words` (SIZE × 3), `rules` (RULES × 3), `bias` (3), and what the sum is divided by before the softmax."""

    words: Numbers
    rules: Numbers
    bias: Numbers
    temperature: float

    def logits(self, found: Sequence[int], rules: Sequence[float]) -> Numbers:
        """Of the labels, for one sentence; the words' part is as much as if there were no more than are usual."""
        own: Numbers = self.words[list(found)].sum(axis=0) + np.asarray(rules, dtype=np.float32) @ self.rules + self.bias
        return own / np.float32(self.temperature)


def rule_numbers(direction: float | None) -> tuple[float, float, float, float]:
    """What the model is told of the rules' direction: both sides of it, squeezed, and whether they found anything."""
    if direction is None:
        return 0.0, 0.0, 0.0, 0.0
    size = math.tanh(direction)
    return max(size, 0.0), max(-size, 0.0), direction / 3, 1.0


def probabilities(logits: Numbers) -> Probabilities:
    """Positive, neutral, negative, to four decimals, with the sum 1."""
    parts = [math.exp(value - float(logits.max())) for value in map(float, logits)]
    positive, _, negative = (round(part / math.fsum(parts), 4) for part in parts)
    return positive, round(1 - positive - negative, 4), negative


def known(of: Model, found: Sequence[int]) -> float:
    """Which share of the features was there in what the model learnt from."""
    return float(of.words[list(found)].any(axis=1).mean()) if found else 0.0


def share_of_rules(share_known: float) -> float:
    """How much the rules count beside the model: not at all in headlines as it knows them, nearly alone where it knows little."""
    strange = (KNOWN - share_known) / (KNOWN - STRANGE)
    return MOST_RULES * min(1.0, max(0.0, strange))


def pooled(first: Probabilities, second: Probabilities, weight: float) -> Probabilities:
    """The weighted mean of two, `weight` being the second's; to four decimals, with the sum 1."""
    positive = round(first[0] * (1 - weight) + second[0] * weight, 4)
    negative = round(first[2] * (1 - weight) + second[2] * weight, 4)
    return positive, round(1 - positive - negative, 4), negative


@cache
def model() -> Model:
    """The shipped weights, read once."""
    with np.load(WEIGHTS) as kept:
        words = np.zeros((SIZE, 3), dtype=np.float32)
        words[kept["at"]] = kept["words"]
        return Model(words, kept["rules"].astype(np.float32), kept["bias"].astype(np.float32), float(kept["temperature"]))


@cache
def version() -> str:
    """The first 12 hex digits of the weights' checksum."""
    return sha256(WEIGHTS.read_bytes()).hexdigest()[:12]
