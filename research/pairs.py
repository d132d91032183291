"""Do two articles tell of the same event? A logistic model over what their fingerprints share.

The weights come from tools/train_stories.py, fitted on articles of other days than those of any evaluation.
"""

import math
from collections.abc import Sequence
from operator import mul
from typing import Final, NamedTuple

from research import pair_weights
from research.fingerprints import Fingerprint, weight

FEATURES: Final = (
    "whole vectors",
    "closer vectors",
    "title words",
    "rarest word shared",
    "title words without names",
    "issuers",
    "share a primary",
    "own words of one primary",
    "neither names an issuer",
    "near in time",
    "both of one company's results",
    "one is a market wrap",
    "one is a template",
    "one is routine",
    "routine alike",
    "one is an opinion",
    "one advises",
    "one asks",
    "other language",
    "same outlet",
    "both from wires",
    "one from a wire",
)


MOST_NAME_WEIGHT: Final = 3.0  # names are rare words, and say no more than the issuers do


class Weights(NamedTuple):
    """One for each of FEATURES, and the log-odds where all of these are nought."""

    bias: float
    each: Sequence[float]


OURS: Final = Weights(pair_weights.BIAS, pair_weights.WEIGHTS)


def features(one: Fingerprint, other: Fingerprint) -> list[float]:
    """The values of FEATURES for two articles, each 0…1; the order of the two does not matter."""
    by_title, by_whole = float(one.vectors[0] @ other.vectors[0]), float(one.vectors[1] @ other.vectors[1])
    hours = abs(one.moment - other.moment)
    named = _shared(one.named, other.named, names=(one.named - one.title) | (other.named - other.title))
    share_primary = not one.primary.isdisjoint(other.primary)
    is_one_company = len(one.primary) == 1 and one.primary == other.primary
    both, either = one.traits & other.traits, one.traits | other.traits
    differ = either - both
    return [
        by_whole,
        max(by_title, by_whole),
        named,
        max(map(weight, one.words & other.words), default=0.0) / 8,
        _shared(one.title, other.title),
        len(one.issuers & other.issuers) / max(1, len(one.issuers | other.issuers)),
        float(share_primary),
        (1 - named) * share_primary,
        float(not one.issuers and not other.issuers),
        math.exp(-hours / 72),
        math.exp(-hours / 24) * (is_one_company and "results" in both and "wrap" not in either),
        float("wrap" in differ),
        float("template" in either),
        float("routine" in either),
        float("routine" not in differ),
        float("opinion" in either),
        float("advice" in either),
        float("question" in either),
        float("foreign" in differ),
        float(one.outlet == other.outlet),
        float("wire" in both),
        float("wire" in differ),
    ]


def same_event(one: Fingerprint, other: Fingerprint, weights: Weights = OURS) -> float:
    """The probability 0…1 that both tell of one event."""
    log_odds = weights.bias + sum(map(mul, weights.each, features(one, other)))
    return 1 / (1 + math.exp(-log_odds))


def _shared(one: frozenset[str], other: frozenset[str], names: frozenset[str] = frozenset()) -> float:
    """Jaccard's index (1901), each word counted by its weight, and names of companies little: their issuers count."""
    total = sum(_worth(word, names) for word in one | other)
    return sum(_worth(word, names) for word in one & other) / total if total else 0.0


def _worth(word: str, names: frozenset[str]) -> float:
    return min(weight(word), MOST_NAME_WEIGHT) if word in names else weight(word)
