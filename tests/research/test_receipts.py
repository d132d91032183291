"""What the story page says of how a score came about, how it stands, and where its sources disagree."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from accounts.scope import every_firm
from research.models import Analysis, Mention, Story
from tests.cast import Cast, signed_in
from tests.make import make_analysis, make_article, make_issuer, make_member, make_reading, make_story

pytestmark = pytest.mark.django_db


def page(client: Client, story: Story) -> str:
    return " ".join(client.get(story.get_absolute_url()).content.decode().split())


def read(**fields: Any) -> Analysis:
    with every_firm():
        return make_analysis(None, {make_issuer(): (0.45, 0.35)}, **fields)


def test_the_receipt_names_what_was_paid_and_what_was_not_measured(alice_client: Client) -> None:
    full = read(model="small-1", tokens_in=900, tokens_out=200, cost=Decimal("0.001234"), latency_ms=1500, input_hash="f" * 64)
    shown = page(alice_client, full.story)
    for words in ("small-1", "0" * 12, "900, 200", "$0.001234", "1,500 ms", "f" * 64, "0 quotes kept, 0 dropped"):
        assert words in shown
    bare = page(alice_client, read().story)
    assert "<dt>Cost</dt> <dd>not measured</dd>" in bare
    assert "<dt>Tokens in, out</dt> <dd>not measured</dd>" in bare


def test_the_reply_is_for_people_who_work_with_scores(alice_client: Client, cast: Cast) -> None:
    story = read(raw_reply='{"summary": "<b>as it came</b>"}').story
    assert "&lt;b&gt;as it came&lt;/b&gt;" in page(alice_client, story)
    with every_firm():
        visitor = signed_in(make_member(cast.firm, Membership.Role.VISITOR).user)
    assert "as it came" not in page(visitor, story)


@pytest.mark.parametrize(
    ("lane", "state", "has_model", "expected"),
    [
        ("full", "done", True, "By a full reading."),
        ("flash", "waiting", True, "the full reading is to come"),
        ("flash", "waiting", False, "no full reading has confirmed it"),
        ("flash", "quarantined", True, "no full reading has confirmed it"),
    ],
)  # fmt: skip
def test_a_score_is_provisional_or_confirmed(
    alice_client: Client, settings: Any, lane: str, state: str, has_model: bool, expected: str
) -> None:
    settings.MODEL_CONFIGURED = has_model
    story = read(lane=lane, summary="S" if lane == "full" else "").story
    with every_firm():
        Story.objects.filter(pk=story.pk).update(state=state)
    shown = page(alice_client, story)
    assert expected in shown
    assert ("Provisional" in shown) == (lane == "flash")


def test_a_disputed_score_says_why(alice_client: Client) -> None:
    assert "Disputed" not in page(alice_client, read().story)
    with every_firm():
        issuer = make_issuer()
        story = make_analysis(None, {}, primary_issuer=issuer).story
        split = {"p_positive": 0.4, "p_neutral": 0.3, "p_negative": 0.3, "sentiment_score": 0.1}
        assert story.current_analysis
        reading = make_reading(story.current_analysis, issuer, None, 0.3)
        type(reading).objects.filter(pk=reading.pk).update(**split)
    shown = page(alice_client, story)
    assert "Disputed" in shown
    assert "either way: 40% positive, 30% neutral, 30% negative" in shown


def test_the_press_on_the_other_side_disputes_it(alice_client: Client) -> None:
    with every_firm():
        issuer = make_issuer()
        story = make_analysis(None, {issuer: (0.45, 0.35)}).story
        make_article(story=story, title="Another")
        for article in story.articles.all():
            Mention.objects.create(
                article=article, issuer=issuer, relevance=90, tier="primary", in_headline=True, words="x", resolved_by="name",
                confidence=1, p_positive=0.1, p_neutral=0.4, p_negative=0.5,
            )  # fmt: skip
    assert "their median is −0.40, ours +0.45" in page(alice_client, story)


def test_sources_that_disagree_are_both_quoted(alice_client: Client) -> None:
    with every_firm():
        story = make_story("Acme cuts jobs")
        story.articles.update(text="Acme said it will cut 10,000 jobs.")
        other = make_article(story=story, title="Acme to shrink", text="The maker of racks cuts 12,000 jobs, it said.")
        make_article(story=story, title="Acme to shrink!", text="It cuts 14,000 jobs.", copy_of=other)
        make_analysis(story, {make_issuer("Acme"): (-0.45, 0.35)})
    shown = page(alice_client, story)
    assert "Sources disagree" in shown
    assert "will cut <mark>10,000</mark> jobs." in shown
    assert "cuts <mark>12,000</mark> jobs, it said." in shown
    assert "<mark>14,000</mark>" not in shown  # a copy
    assert f'href="#text-{other.pk}"' in shown
    assert "Sources disagree" not in page(alice_client, read().story)


def test_why_a_full_reading_waits_is_shown(alice_client: Client) -> None:
    story = read().story
    with every_firm():
        Story.objects.filter(pk=story.pk).update(state="waiting", error="Read in full six times within a day.")
    assert "Something was added to this story since it was read. Read in full six times within a day." in page(
        alice_client, story
    )
