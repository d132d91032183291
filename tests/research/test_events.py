"""Our own kinds of event: the lists, what pages say of them, and the items of the SEC's current reports."""

from collections import Counter

import pytest

from research.cleaning import visible_text
from research.events import EVENT_TYPES, ITEMS_8K, ROLES, TYPES, group_of, items_of_filing, tags, words_of
from research.feeds import parse
from research.llm import prompt
from tests.shared_data import packed

FILING = "Form 8-K: Volato Group, Inc."


def test_each_type_is_written_once() -> None:
    assert len(TYPES) >= 20
    assert len(EVENT_TYPES) >= 120
    assert max(Counter(EVENT_TYPES).values()) == 1
    assert {group_of(each) for each in EVENT_TYPES} == set(TYPES)


def test_the_prompt_lists_the_types_and_the_roles_as_they_are_here() -> None:
    roles, types = (part.partition("\n## ")[0] for part in prompt().split("\n## Roles\n")[1].split("\n## Types of event\n"))
    assert roles.replace("\n", " ").strip(" .") == ", ".join(f"`{role}`" for role in ROLES)
    lines = types.partition("\n- ")[2].replace("\n  ", " ").split("\n- ")
    assert dict(line.strip().split(": ") for line in lines) == {group: names.replace(" ", ", ") for group, names in TYPES.items()}


def test_every_item_of_a_current_report_is_a_type_of_ours() -> None:
    assert set(ITEMS_8K.values()) <= set(EVENT_TYPES)
    # Items of Form 8-K by section, as its instructions have them.
    sections = {1: 5, 2: 6, 3: 3, 4: 2, 5: 8, 6: 6, 7: 1, 8: 1, 9: 1}
    assert set(ITEMS_8K) == {f"{section}.{item:02}" for section, most in sections.items() for item in range(1, most + 1)}


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (FILING, "Item 9.01: Financial Statements and Exhibits", ["calendar.exhibits"]),
        (FILING, "Item 2.02: Results\nItem 9.01: Exhibits", ["earnings.results", "calendar.exhibits"]),
        (FILING, "Item 5.02: Departure\nItem 1.03: Bankruptcy", ["insolvency.bankruptcy", "management.executives_changed"]),
        (FILING, "Item 6.01: ABS\nItem 6.02: Change of servicer", ["capital.asset_backed"]),
        (FILING.replace("8-K", "8-K/A"), "item 4.02", ["earnings.restatement"]),
        ("8-K - Volato Group, Inc. (0001853070) (Filer)", "Item 2.02: Results", ["earnings.results"]),
        (FILING, "Item 12.34 and Item 2.99", []),
        ("Form 10-Q: Volato Group, Inc.", "Item 2.02: Results", []),
        ("Why any 8-K: matters", "Item 2.02: Results", []),
    ],
)
def test_items_of_a_filing_come_gravest_first(title: str, text: str, expected: list[str]) -> None:
    assert items_of_filing(title, text) == expected


def test_what_a_page_says() -> None:
    event = {"type": "guidance.profit_warning", "direction": "down", "fact_level": "forecast", "scheduled": True}
    assert tags(event) == ["Guidance: profit warning, down", "Forecast", "Scheduled"]
    assert tags({"type": "other.other", "fact_level": "fact", "scheduled": None}) == ["Other"]
    assert tags({"group": "earnings", "type": "quarterly results"}) == ["Quarterly results"]  # of readings before these lists
    assert tags({}) == []
    assert words_of("trade.export_control") == "Trade: export control"


@pytest.mark.slow
def test_a_real_burst_of_current_reports() -> None:
    """Every 8-K of the SEC's feed of one evening names its items, and each is one of ours."""
    feeds = [parse(body, "application/atom+xml", "") for _, body in packed("edgar/getcurrent_pages_00_25.tar.gz")]
    reports = {item.guid: item for feed in feeds for item in feed.items if item.form_type in {"8-K", "8-K/A"}}
    named = [items_of_filing(item.title, item.text or visible_text(item.html)) for item in reports.values()]
    assert len(named) >= 100
    assert all(named)
    assert {"earnings.results", "management.executives_changed", "contract.agreement"} <= {types[0] for types in named}
