"""What may come of a story whose text looks made to steer a model: nothing on one score alone. Plain values in and out.

There are two scores that do not listen to each other: the quick one by word rules, to which no sentence can speak, and the
model's. Where both pass a rule, it fires at the lower of their steps. Where one does, or they disagree on the sign, it fires at
its lowest step and says why: so the text can raise nobody to a higher step by what the model was told to say, and can take no
alert away that the word rules would raise. Where neither does, it does not fire.
"""

from dataclasses import dataclass

from alerts import rules

LOWEST = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """The scores to go by, the highest step they may reach, and what was found, for the record."""

    measured: rules.Measured
    most: int
    gate: rules.Gate


def doubt(clauses: rules.Clauses, quick: rules.Measured | None, full: rules.Measured | None, marks: str) -> Verdict | None:
    """The verdict on one issuer, from its quick and its full scores; None where there are neither. `marks`: what looks wrong."""
    reached = [0 if measured is None else rules.step(clauses, measured) for measured in (quick, full)]
    measured = full if full and (reached[1] or quick is None) else quick
    if measured is None:
        return None
    if quick and full and all(reached) and _agree(quick, full):
        return Verdict(measured, min(reached), _gate(f"both scores pass: step {min(reached)} at most", marks))
    if quick and all(reached):
        return Verdict(quick, LOWEST, _gate("the scores differ in sign: lowest step", marks))
    if any(reached):
        which = "quick" if reached[0] else "full"
        return Verdict(measured, LOWEST, _gate(f"the {which} score alone passes: lowest step", marks))
    return Verdict(measured, 0, _gate("neither score passes", marks, passed=False))


def _agree(quick: rules.Measured, full: rules.Measured) -> bool:
    return (quick.sentiment or 0) * (full.sentiment or 0) >= 0


def _gate(found: str, marks: str, *, passed: bool = True) -> rules.Gate:
    return rules.Gate("doubt", passed, f"the text looks manipulated ({marks}): {found}"[:200])
