"""What the story page says of claims: the quotes that bear them out, and which of them none does."""

from typing import Any

import pytest
from django.test import Client

from accounts.scope import every_firm
from research.models import Analysis, Article, Evidence, Story
from research.prose_marks import Mark, prose
from research.story_page import cites_by_claim, lede, left_out, quotes, sections, so_far, text_parts
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
    parts = prose(text, [Mark(words) for words in unfounded])
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


def test_the_same_words_are_one_quote_for_all_their_claims() -> None:
    read = analysis(sections={"thesis": "B", "supports": "one\ntwo"})
    article = Article(pk=1, title="Racks", text=TEXT)
    at = f"Racks\n\n{TEXT}".index("makes racks")
    same = [
        Evidence(claim=claim, number=n, article=article, quote="makes racks", start=at, end=at + 11)
        for n, claim in enumerate(("thesis", "supports.1", "supports.2"), start=1)
    ]
    assert cites_by_claim(same) == {"thesis": (1,), "supports.1": (1,), "supports.2": (1,)}
    (shown,) = quotes(read, same, [article])
    assert shown.bears == (("thesis", "Why it matters"), ("supports.1", "Supports the position"))


def test_where_quotes_overlap_both_have_their_place() -> None:
    article = Article(pk=1, title="Racks", text=TEXT)
    text = f"Racks\n\n{TEXT}"
    at = text.index("Hon Hai makes racks")
    pair = [
        Evidence(claim="new", number=1, article=article, quote=text[at : at + 13], start=at, end=at + 13),
        Evidence(claim="new", number=2, article=article, quote=text[at + 8 : at + 19], start=at + 8, end=at + 19),
    ]
    parts = text_parts(article, pair)
    assert "".join(part.text for part in parts) == text
    assert [(part.text, part.numbers, part.starts) for part in parts[1:4]] == [
        ("Hon Hai ", (1,), (1,)),
        ("makes", (1, 2), (2,)),
        (" racks", (2,), ()),
    ]


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("It says so plainly.", "", ""),
        ("says so", "It ", " plainly."),
        ("5 parts", "The order has ", " and 15 screws."),
        ("racks. It says", "Hon Hai makes ", " so plainly."),
    ],
)
def test_a_sentence_ends_where_it_ends(words: str, before: str, after: str) -> None:
    article = Article(pk=1, title="Racks", text=TEXT)
    at = f"Racks\n\n{TEXT}".index(words)
    quote = Evidence(claim="new", number=1, article=article, quote=words, start=at, end=at + len(words))
    (shown,) = quotes(analysis(sections={"new": "A"}), [quote], [article])
    assert (shown.before, shown.after) == (before, after)


def test_what_stands_within_another_mark_is_told_with_it() -> None:
    slips = [Mark("Acme did not pay 5", "turned"), Mark("Acme", "strange"), Mark("7", "new")]
    parts = prose("Acme did not pay 5, but 7.", [*slips, Mark("but", "derived: so", is_derived=True)])
    assert [(part.text, part.note) for part in parts if part.is_unfounded] == [
        ("Acme did not pay 5", "turned; strange"),
        ("7", "new"),
    ]
    assert [part.text for part in parts if part.is_derived] == ["but"]
    assert "".join(part.text for part in parts) == "Acme did not pay 5, but 7."


@pytest.mark.django_db
def test_each_kind_of_slip_is_marked_and_a_derived_figure_has_its_arithmetic(alice_client: Client) -> None:
    said = {"date": "3 May", "currency": "€5", "scale": "5 billion", "name": "Qualcomm", "negation": "it did not sell"}
    dropped = [{"kind": kind, "claim": "thesis", "words": words, "reason": "why"} for kind, words in said.items()]
    derived = [{"claim": "thesis", "words": "20 %", "reason": "(120 − 100) ÷ 100"}]
    with every_firm():
        read = make_analysis(sections={"thesis": "; ".join([*said.values(), "up 20 %"])}, dropped=dropped, derived=derived)
    page = alice_client.get(read.story.get_absolute_url()).content.decode()
    assert page.count('<mark class="c-unfounded"') == len(said)
    assert 'title="No source has this date">3 May<' in page
    assert 'class="c-derived" title="Derived: (120 − 100) ÷ 100">20 %<' in page
    assert "1 statement is marked" in page


@pytest.mark.django_db
def test_the_page_marks_what_nothing_bears_out(alice_client: Client) -> None:
    dropped = [{"kind": "number", "claim": "thesis", "words": "$9bn", "reason": "not in the text"}]
    with every_firm():
        read = make_analysis(summary="Racks.", sections={"thesis": "Worth $9bn.", "supports": "one\ntwo"}, dropped=dropped)
    page = alice_client.get(read.story.get_absolute_url()).content.decode()
    assert page.count("No quote bears this out") == 3  # summary, thesis, and the list once
    assert '<mark class="c-unfounded"' in page
    assert "1 number is marked" in page
    with every_firm():
        quick = make_analysis(summary="", lane=Analysis.Lane.FLASH)
    assert "No quote bears this out" not in alice_client.get(quick.story.get_absolute_url()).content.decode()


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
