"""What the story page says of claims: the quotes that bear them out, and which of them none does."""

from typing import Any

import pytest

from accounts.scope import every_firm
from research.models import Analysis, Evidence, Story
from research.story_page import lede, left_out, prose, quotes, sections, so_far, text_parts
from tests.make import make_analysis, make_article, make_issuer, make_reading, make_source, make_story

TEXT = "Hon Hai makes racks. It says so plainly. The order has 5 parts and 15 screws."


def analysis(**fields: Any) -> Analysis:
    return Analysis(story=Story(title="T"), **{"summary": "S", "dropped": [], **fields})


def evidence(*claims: str) -> list[Evidence]:
    return [Evidence(claim=claim, number=n, article_id=n, start=n, end=n + 5) for n, claim in enumerate(claims, start=1)]


def test_a_claim_without_a_quote_is_marked() -> None:
    read = analysis(sections={"new": "A", "thesis": "B", "supports": "one\ntwo"})
    found = {section.key: section for section in sections(read, evidence("new", "supports.2"))}
    assert (found["new"].is_borne_out, found["new"].cites) == (True, (1,))
    assert not found["thesis"].is_borne_out
    assert [item.is_borne_out for item in found["supports"].items] == [False, True]
    summary = lede(read, evidence("new"))
    assert summary
    assert not summary.is_borne_out


def test_a_quote_for_the_whole_list_bears_out_each_line() -> None:
    read = analysis(sections={"supports": "one\ntwo"})
    (section,) = sections(read, evidence("supports"))
    assert [item.is_borne_out for item in section.items] == [True, True]


@pytest.mark.parametrize(
    ("text", "unfounded", "marked"),
    [
        ("It has 15 screws and 5 parts.", ["5"], ["5"]),
        ("Sales of 1.5 or 5.2 or 5.", ["5"], ["5"]),
        ("Nothing here.", ["7"], []),
        ("7 and 7 again", ["7", "7"], ["7", "7"]),
    ],
)
def test_a_number_that_no_source_has_is_marked_where_it_stands(text: str, unfounded: list[str], marked: list[str]) -> None:
    parts = prose(text, unfounded)
    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.is_unfounded] == marked


def test_what_was_dropped_is_counted() -> None:
    rows = [
        {"kind": "quote", "claim": "new", "words": "never said", "reason": "not in the text"},
        {"kind": "quote", "claim": "new", "words": "nor this", "reason": "not in the text"},
        {"kind": "issuer", "claim": "", "words": "acme", "reason": "not a candidate"},
    ]
    found = left_out(analysis(dropped=rows))
    assert str(found) == "2 quotes were dropped, 1 company was left out: the sources do not bear that out."
    assert found.rows[0] == ("never said", "a quote, dropped, not in the text")


@pytest.mark.django_db
def test_a_quote_stands_in_its_sentence_and_in_its_text() -> None:
    with every_firm():
        story = make_story()
        article = make_article(make_source(), story, title="Racks", text=TEXT)
        read = make_analysis(story, sections={"new": "A"})
        at = f"Racks\n\n{TEXT}".index("says so")
        quote = Evidence.objects.create(
            analysis=read, article=article, number=1, claim="new", quote="says so", start=at, end=at + 7
        )
        (shown,) = quotes(read, [quote], [article])
        assert (shown.before, shown.words, shown.after) == ("It ", "says so", " plainly.")
        assert [(part.text, part.numbers) for part in text_parts(article, [quote])][1] == ("says so", (1,))
        article.text = "Something else."
        (changed,) = quotes(read, [quote], [article])
        assert not changed.is_in_text


@pytest.mark.django_db
def test_the_range_is_of_all_readings_so_far_of_the_primary_company() -> None:
    with every_firm():
        issuer, other = make_issuer(), make_issuer()
        story = make_story()
        quick = make_analysis(story, {issuer: (0.31, 0.2)}, lane=Analysis.Lane.FLASH)
        assert so_far(quick) is None
        full = make_analysis(story, {issuer: (0.45, 0.35)})
        make_reading(full, other, -0.9, 0.9)
        found = so_far(full)
    assert found
    assert (found.low, found.high, found.quick) == (0.31, 0.45, 0.31)
