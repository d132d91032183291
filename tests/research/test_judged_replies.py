"""Replies written by hand to real texts pass, and what code spoils in them is caught. The texts are beside the project.

A third of the replies was kept aside while the rules were first made, and measured once (docs/scores.md).
"""

import pytest

from config.evaluation.grounding import KINDS, evaluate_grounding
from tests.shared_data import shared
from tools.spoil_replies import rows


@pytest.mark.slow
@pytest.mark.parametrize("part", ["tuned", "aside"])
def test_true_replies_pass_and_spoiled_ones_do_not(part: str) -> None:
    shared("news/semi_2022_2023h1.jsonl.gz"), shared("edgar/8k_6k")
    figures = evaluate_grounding(rows(part))
    assert figures["n"] >= 100
    assert all(figures["by_kind"][kind] is not None for kind in KINDS)
    assert figures["true_refused"] <= 0.02, figures
    assert figures["spoiled_caught"] >= 0.95, figures
