"""A story as it was: what was known at a moment, and nothing of what came later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import Http404
from django.test import Client

from accounts.scope import every_firm
from portfolios.models import Issuer
from research.as_was import articles_at, said_moment
from research.models import Analysis, ArticleRevision, Correction, Disagreement, Evidence, Story, StoryMerge
from tests.cast import Cast
from tests.make import make_analysis, make_article, make_holding, make_issuer, make_portfolio, make_reading, make_story

pytestmark = pytest.mark.django_db
START = datetime(2025, 11, 20, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def issuer(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai", listing="2317 XTAI")


@pytest.fixture
def story(issuer: Issuer) -> Story:
    """First told at 9 and scored at once; another article at 11, read at 12."""
    story = make_story("Racks are ordered", received_at=START, published_at=START, state="done")
    first = story.articles.get()
    first.text = "The first words."
    first.save()
    make_analysis(story, {issuer: (0.2, 0.3)}, lane=Analysis.Lane.FLASH, summary="", scored_at=START)
    make_article(story=story, title="Racks are cancelled", text="The later words.", received_at=START + 2 * HOUR)
    later = make_analysis(story, {issuer: (-0.7, 0.8)}, summary="It was cancelled.", scored_at=START + 3 * HOUR)
    Evidence.objects.create(
        analysis=later, article=story.articles.latest("pk"), number=1, claim="summary", quote="later words", start=25, end=36
    )
    return story


def page(client: Client, story: Story, at: datetime | str = "", path: str = "") -> str:
    said = at if isinstance(at, str) else at.isoformat()
    response = client.get(f"{story.get_absolute_url()}{path}", {"at": said} if said else {})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_between_the_two_only_the_first_is_known(story: Story, alice_client: Client) -> None:
    shown = page(alice_client, story, START + HOUR)
    assert "What came later is not shown" in shown
    assert f'href="{story.get_absolute_url()}">To the story of today' in shown
    assert "+0.20" in shown
    assert "The first words." in shown
    for later in ("−0.70", "It was cancelled.", "Racks are cancelled", "The later words.", "Version 2"):
        assert later not in shown


def test_an_article_is_there_before_it_was_read(story: Story, alice_client: Client) -> None:
    shown = page(alice_client, story, START + 2.5 * HOUR)
    assert "The later words." in shown
    assert "+0.20" in shown
    assert "It was cancelled." not in shown


def test_the_newest_moment_is_that_of_today_and_today_has_no_mark(story: Story, alice_client: Client) -> None:
    assert "−0.70" in page(alice_client, story, START + 4 * HOUR)
    assert "−0.70" in page(alice_client, story, "2999-01-01T00:00:00Z")  # nobody knows what comes
    assert "What came later" not in page(alice_client, story)


def test_before_the_first_word_nothing_is_known(story: Story, alice_client: Client) -> None:
    shown = page(alice_client, story, START - HOUR)
    assert "No reading of this story was there by then." in shown
    assert "The first words." not in shown
    assert "+0.20" not in shown


def test_each_version_has_its_address(story: Story, alice_client: Client) -> None:
    assert f"/stories/{story.pk}/versions/1/" in page(alice_client, story)
    shown = page(alice_client, story, path="versions/1/")
    assert "when version 1 was made" in shown
    assert "+0.20" in shown
    assert "−0.70" not in shown
    assert alice_client.get(f"/stories/{story.pk}/versions/7/").status_code == 404


def test_the_words_are_those_of_then(story: Story, alice_client: Client) -> None:
    article = story.articles.earliest("pk")
    for number, hours in ((1, 1), (2, 5)):
        ArticleRevision.objects.create(
            article=article, revision=number, title=f"Title {number}", text=f"Words {number}.", content_hash="0",
            replaced_at=START + hours * HOUR,
        )  # fmt: skip
    article.revision = 3
    article.save()
    assert "Words 1." in page(alice_client, story, START + 0.5 * HOUR)
    assert "Words 2." in page(alice_client, story, START + 3 * HOUR)
    assert "The first words." in page(alice_client, story, START + 6 * HOUR)


def test_what_was_merged_into_it_later_was_not_in_it(story: Story) -> None:
    moved = story.articles.latest("pk")
    StoryMerge.objects.create(
        story=story, other=make_story(), articles=[moved.pk], reason="x", made_at=START + 5 * HOUR
    )  # fmt: skip
    assert moved not in articles_at(story, story.articles.all(), START + 4 * HOUR)
    assert moved in articles_at(story, story.articles.all(), START + 6 * HOUR)


def test_what_people_said_later_is_not_shown_and_nothing_can_be_said(
    story: Story, issuer: Issuer, cast: Cast, alice_client: Client
) -> None:
    other = make_issuer("Acme")
    first = story.analyses.earliest("version")
    make_reading(first, other, 0.1, 0.1)
    Correction.objects.create(firm=cast.firm, story=story, issuer=other, kind="wrong", words="x", made_at=START + 4 * HOUR)
    Disagreement.objects.create(
        firm=cast.firm, story=story, analysis=first, issuer=issuer, sentiment_score=0.9, reason="Better than that.",
        made_by=cast.alice, made_at=START + HOUR, withdrawn_at=START + 2 * HOUR,
    )  # fmt: skip
    make_holding(make_portfolio(cast.firm), issuer.securities.get(), weight=0.05)
    shown = page(alice_client, story, START + 1.5 * HOUR)
    assert "Acme" in shown
    assert "Better than that." in shown
    assert "Better than that." not in page(alice_client, story, START + 0.5 * HOUR)
    assert "Better than that." not in page(alice_client, story)
    for today in ("Your holdings affected", "One is missing", "Disagree with the score", "Undo"):
        assert today not in shown
    assert "Acme" not in page(alice_client, story, START + 5 * HOUR)


@pytest.mark.parametrize("said", ["yesterday", "2025-13-01", "0001-01-01T00:00", "9999-12-31T23:59:59-12:00", "12:30"])
def test_what_is_no_moment_is_not_found(said: str) -> None:
    with pytest.raises(Http404):
        said_moment(said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2025-11-20T09:00:00Z", START),
        ("2025-11-20T10:00:00+01:00", START),
        ("2025-11-20T10:00:00 01:00", START),  # the plus sign of an address, unescaped
        ("2025-11-20T09:00", START),
        ("2025-11-20", START - 9 * HOUR),
    ],
)
def test_moments_are_iso(said: str, expected: datetime, settings: Any) -> None:
    assert said_moment(said) == expected


def test_another_firms_story_has_no_past_either(cast: Cast, charlie_client: Client, issuer: Issuer) -> None:
    with every_firm():
        private = make_analysis(make_story("Ours", firm=cast.firm), {issuer: (0.1, 0.1)}).story
    for path in ("versions/1/", "?at=2025-11-20"):
        assert charlie_client.get(f"{private.get_absolute_url()}{path}").status_code == 404


def test_its_kind_is_that_of_then(issuer: Issuer, alice_client: Client) -> None:
    story = make_story("Opinion: why Hon Hai may win", received_at=START, published_at=START)
    make_article(story=story, title="Hon Hai wins an order", received_at=START + 2 * HOUR)
    assert '<span class="c-tag" >Opinion</span>' in page(alice_client, story, START + HOUR)
    assert '<span class="c-tag" >Opinion</span>' not in page(alice_client, story)
