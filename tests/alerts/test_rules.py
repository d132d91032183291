"""A rule against one reading: which gates it meets, and how severe it is."""

from dataclasses import replace

import pytest

from alerts.rules import Clauses, Measured, gates, in_scope, sentence, step

CLAUSES = Clauses(impact=0.3, sentiment=0.35, relevance=50, weight=0.01, high=0.5, critical=0.8)
HON_HAI = Measured(impact=0.35, sentiment=0.45, relevance=92, weight=0.041)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 1),
        ({"impact": 0.3}, 1),
        ({"impact": 0.2999}, 0),
        ({"impact": 0.5}, 2),
        ({"impact": 0.8}, 3),
        ({"impact": None}, 0),
        ({"sentiment": -0.45}, 1),
        ({"sentiment": 0.35}, 1),
        ({"sentiment": 0.34}, 0),
        ({"sentiment": None}, 0),
        ({"relevance": 49.9}, 0),
        ({"weight": -0.016}, 1),
        ({"weight": 0.009}, 0),
        ({"weight": None}, 0),
    ],
)
def test_step(change: dict[str, float | None], expected: int) -> None:
    assert step(CLAUSES, replace(HON_HAI, **change)) == expected  # type: ignore[arg-type]


def test_without_higher_steps_every_alert_is_the_first() -> None:
    assert step(replace(CLAUSES, high=None, critical=None), replace(HON_HAI, impact=0.99)) == 1


def test_gates_stop_at_the_first_that_was_not_passed() -> None:
    met = gates(CLAUSES, replace(HON_HAI, weight=0.002))
    assert [(gate.name, gate.passed) for gate in met] == [("relevance", True), ("weight", False)]
    assert met[-1].detail == "weight 0.20% < 1.00%"


def test_scope_does_not_depend_on_scores() -> None:
    unscored = replace(HON_HAI, impact=None, sentiment=None)
    assert in_scope(CLAUSES, unscored)
    assert not in_scope(CLAUSES, replace(unscored, relevance=10))
    assert not in_scope(CLAUSES, replace(unscored, weight=None))


def test_sentence() -> None:
    assert sentence(CLAUSES) == (
        "impact ≥ 0.30, sentiment ≥ 0.35 either way, relevance ≥ 50, weight ≥ 1.0%, high from 0.50, critical from 0.80"
    )
    assert sentence(Clauses(impact=0.3, sentiment=0, relevance=0, weight=0)) == "impact ≥ 0.30"
