"""A rule's clauses against one reading of one holding's issuer: plain values in, gates out. Knows no database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clauses:
    """Thresholds. `impact`, `high`, `critical`: 0…1, null for no such step. `sentiment`: 0…1, by size. `relevance`: 0…100.
    `weight`: a share of NAV, by size.
    """

    impact: float
    sentiment: float
    relevance: float
    weight: float
    high: float | None = None
    critical: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of one issuer in one story for one portfolio; null is not measured, and passes no clause."""

    impact: float | None
    sentiment: float | None
    relevance: float
    weight: float | None


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    passed: bool
    detail: str


def gates(clauses: Clauses, measured: Measured) -> list[Gate]:
    """The gates in order, up to and including the first that was not passed."""
    checks = [
        _gate("relevance", measured.relevance, clauses.relevance, "{:.0f}"),
        _gate("weight", _size(measured.weight), clauses.weight, "{:.2%}"),
        _gate("impact", measured.impact, clauses.impact, "{:.2f}"),
        _gate("sentiment", _size(measured.sentiment), clauses.sentiment, "{:.2f}"),
    ]
    met = []
    for gate in checks:
        met.append(gate)
        if not gate.passed:
            break
    return met


def in_scope(clauses: Clauses, measured: Measured) -> bool:
    """Whether the rule could fire on this issuer, whatever its scores turn out to be."""
    return all(gate.passed for gate in gates(clauses, measured)[:2])


def step(clauses: Clauses, measured: Measured) -> int:
    """The severity step reached: 0 none, 1 alert, 2 high, 3 critical."""
    if not all(gate.passed for gate in gates(clauses, measured)):
        return 0
    impact = measured.impact or 0.0
    if clauses.critical is not None and impact >= clauses.critical:
        return 3
    return 2 if clauses.high is not None and impact >= clauses.high else 1


def sentence(clauses: Clauses) -> str:
    """The rule as it reads on a page."""
    parts = [
        f"impact ≥ {clauses.impact:.2f}",
        f"sentiment ≥ {clauses.sentiment:.2f} either way" if clauses.sentiment else "",
        f"relevance ≥ {clauses.relevance:.0f}" if clauses.relevance else "",
        f"weight ≥ {clauses.weight:.1%}" if clauses.weight else "",
        f"high from {clauses.high:.2f}" if clauses.high is not None else "",
        f"critical from {clauses.critical:.2f}" if clauses.critical is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _size(value: float | None) -> float | None:
    return None if value is None else abs(value)


def _gate(name: str, value: float | None, least: float, form: str) -> Gate:
    if value is None:
        return Gate(name, False, f"{name} was not measured")
    passed = value >= least
    return Gate(name, passed, f"{name} {form.format(value)} {'≥' if passed else '<'} {form.format(least)}")
