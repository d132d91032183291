"""Replies written by hand to real texts pass, and what code spoils in them is caught. The texts are beside the project.

What each part measured when the rules had not seen it is in docs/scores.md; these are floors for replies that were seen.
"""

import pytest

from config.evaluation.grounding import KINDS, evaluate_grounding
from tests.shared_data import shared
from tools.spoil_replies import PARTS, rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_true_replies_pass_and_spoiled_ones_do_not(seed: int) -> None:
    shared("news/semi_2022_2023h1.jsonl.gz"), shared("edgar/8k_6k")
    figures = evaluate_grounding(rows("all", seed))
    assert figures["n"] >= 500
    assert all(figures["by_kind"][kind] is not None for kind in KINDS)
    assert figures["true_refused"] <= 0.01, figures
    assert figures["spoiled_caught"] >= 0.96, figures


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_each_part_passes(part: str) -> None:
    shared("news/semi_2022_2023h1.jsonl.gz"), shared("edgar/8k_6k")
    figures = evaluate_grounding(rows(part))
    assert figures["true_refused"] <= 0.04, figures
    assert figures["spoiled_caught"] >= 0.9, figures
