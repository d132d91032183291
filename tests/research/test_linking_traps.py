"""Sentences that mislead programs: each names just the companies that a careful editor would say it names, in our own words."""

import json
from pathlib import Path

import pytest

from config.evaluation.master import MemoryMaster
from research.mentions import Names, find_mentions
from tests.shared_data import shared

TRAPS = [json.loads(line) for line in (Path(__file__).parent.parent / "data" / "linking_traps.jsonl").read_text().splitlines()]
PRIVATE = "private:"


@pytest.fixture(scope="module")
def master() -> MemoryMaster:
    return MemoryMaster.load(shared("master"))


@pytest.fixture(scope="module")
def names(master: MemoryMaster) -> Names:
    return master.names()


@pytest.mark.slow
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap["title"][:60] or trap["text"][:60])
def test_just_the_companies_that_are_meant(trap: dict[str, list[str]], master: MemoryMaster, names: Names) -> None:
    listed = {name for name in trap["issuers"] if not name.startswith(PRIVATE)}
    private = {name.removeprefix(PRIVATE) for name in trap["issuers"]} - listed
    found = find_mentions(names, str(trap["title"]), str(trap["text"]))
    assert {mention.issuer_id for mention in found if names.tickers.has(mention.issuer_id)} == set(map(master.listed, listed))
    assert {mention.words for mention in found if not names.tickers.has(mention.issuer_id)} == private
