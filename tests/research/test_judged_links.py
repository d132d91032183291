"""Three hundred links drawn at random over companies that no list made by hand names, each judged by reading.

`tools.draw_links` drew them.
294 of the 300 were right when they were drawn; this holds what is made of the same articles now against the same verdicts.
"""

import json
from pathlib import Path

import pytest

from tests.shared_data import shared
from tools.draw_links import found_links

FILE = Path(__file__).parent.parent / "data" / "judged_links.jsonl"


@pytest.mark.slow
def test_links_that_were_judged() -> None:
    verdicts = {(row["article"], row["listing"]): row["verdict"] for row in map(json.loads, FILE.read_text().splitlines())}
    assert len(verdicts) >= 295  # some articles are there twice
    now = {
        (link["article"], link["listing"])
        for link in found_links(shared("news/semi_2022_2023h1.jsonl.gz"), shared("master"))
        if (link["article"], link["listing"]) in verdicts
    }
    right = sum(verdicts[link] for link in now)
    assert right / len(now) >= 0.97
    assert right >= 0.95 * sum(verdicts.values())  # and not by finding less
