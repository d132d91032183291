"""Shares, with how low they may be by chance."""

import math

LEVEL = 0.05
STEPS = 60


def share(hits: int, of: int) -> float | None:
    """`hits` ÷ `of`; None where nothing was measured."""
    return round(hits / of, 4) if of else None


def rounded(figure: float | None) -> float | None:
    """As it is printed."""
    return None if figure is None else round(figure, 4)


def share_low(hits: int, of: int) -> float | None:
    """The one-sided 95 % lower bound of a share (Clopper and Pearson, 1934): there, so many hits or more come once in twenty."""
    if not of:
        return None
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(hits, of, middle) < LEVEL else (low, middle)
    return round(low, 4)


def _at_least(hits: int, of: int, p: float) -> float:
    """The chance of `hits` or more of `of`, at a chance of `p` each."""
    if not hits or p in {0.0, 1.0}:
        return float(not hits or p == 1.0)
    log_p, log_q, all_ways = math.log(p), math.log1p(-p), math.lgamma(of + 1)
    logs = (all_ways - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * log_p + (of - k) * log_q for k in range(hits, of + 1))
    return math.fsum(map(math.exp, logs))
