"""Who may put what on the public pages, under which address; and that nothing of a firm gets there in any way."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db.models import Model
from django.http import Http404
from django.test import Client

from accounts.scope import every_firm
from research.models import Analysis, Article, Publication, Story
from research.published import NotPublishable, access_published, publish, published_stories, unpublish
from tests.cast import Cast, signed_in
from tests.config.test_walls import second_wall_down
from tests.estate import SECRET, make_estate
from tests.make import make_analysis, make_firm, make_issuer, make_story, make_user

pytestmark = pytest.mark.django_db

LISTS = ("/news/", "/news/feed.xml", "/sitemap.xml")


@pytest.fixture
def scope(db: None) -> Iterator[None]:
    with every_firm():
        yield


def make_published(title: str = "", **fields: Any) -> Publication:
    with every_firm():
        return publish(make_analysis(make_story(title, **fields)).story, None)


def test_a_story_of_everybody_and_one_of_a_sample_firm(scope: None) -> None:
    by = make_user()
    sample = make_firm(is_sample=True)
    for firm in (None, sample):
        publication = publish(make_analysis(make_story(firm=firm)).story, by)
        assert publication.published_by == by
        assert access_published(publication.slug).story == publication.story


def test_not_what_belongs_to_a_firm(scope: None) -> None:
    story = make_analysis(make_story(firm=make_firm())).story
    with pytest.raises(NotPublishable, match="belongs to a firm"):
        publish(story, None)
    assert not Publication.objects.exists()


def test_not_what_was_read_by_word_rules_alone_or_not_at_all(scope: None) -> None:
    quick = make_analysis(make_story(), lane=Analysis.Lane.FLASH).story
    for story in (quick, make_story()):
        with pytest.raises(NotPublishable, match="no full analysis"):
            publish(story, None)
    assert not Publication.objects.exists()


def test_twice_is_once(scope: None) -> None:
    story = make_analysis().story
    first = publish(story, None)
    again = publish(story, make_user())
    assert (again.pk, again.slug, again.published_by) == (first.pk, first.slug, None)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("OpenAI and Foxconn to co-design racks", "openai-and-foxconn-to-co-design-racks"),
        ("Übernahme: 5,4 Mrd. € für “Ärger & Söhne”", "ubernahme-54-mrd-fur-arger-sohne"),
        ("鴻海與OpenAI合作", "openai"),
        ("鴻海合作", "story"),
        ("<script>alert(1)</script>", "scriptalert1script"),
        ("word " * 40, "-".join(["word"] * 16)),
        ("x" * 200, "x" * 80),
    ],
)
def test_address_from_the_title(title: str, slug: str) -> None:
    publication = make_published(title)
    assert publication.slug == slug
    assert len(publication.slug) <= 80
    assert publication.get_absolute_url() == f"/news/{slug}/"


def test_each_address_is_of_one_story() -> None:
    slugs = [make_published(title).slug for title in ("Results", "Results", "x" * 90, "x" * 90, "Results")]
    assert slugs == ["results", "results-2", "x" * 80, "x" * 78 + "-2", "results-3"]


def test_address_stays_when_the_story_is_renamed(client: Client) -> None:
    publication = make_published("First name")
    with every_firm():
        Story.objects.update(title="Second name")
        publish(publication.story, None)
    assert b"Second name" in client.get("/news/first-name/").content


def test_taken_down(client: Client) -> None:
    publication = make_published("Gone tomorrow")
    assert client.get("/news/gone-tomorrow/").status_code == 200
    assert unpublish(publication.story) is True
    assert unpublish(publication.story) is False
    for url in ("/news/gone-tomorrow/", "/news/gone-tomorrow/card.png"):
        assert client.get(url).status_code == 404
    for url in LISTS:
        assert b"gone-tomorrow" not in client.get(url).content


def test_a_story_that_went_into_another_shows_that_one(client: Client) -> None:
    publication = make_published("Before")
    with every_firm():
        target = make_analysis(make_story("After")).story
        Story.objects.filter(pk=publication.story_id).update(merged_into=target)
    assert b"After" in client.get("/news/before/").content
    assert [(each.story, each.slug) for each in published_stories()] == [(target, "before")]
    with every_firm():
        publish(publication.story, None)  # the one that it went into
    moved = client.get("/news/before/")
    assert (moved.status_code, moved["Location"]) == (301, "/news/after/")
    assert [each.slug for each in published_stories()] == ["after"]


def test_taken_down_under_every_address(client: Client) -> None:
    kept, gone = make_published("The one"), make_published("The other")
    with every_firm():
        Story.objects.filter(pk=gone.story_id).update(merged_into=kept.story)
    assert client.get("/news/the-other/")["Location"] == "/news/the-one/"
    assert unpublish(kept.story) is True
    for url in ("/news/the-one/", "/news/the-other/"):
        assert client.get(url).status_code == 404


def test_an_article_whose_address_cannot_be_read_is_named_without_a_link(client: Client) -> None:
    publication = make_published("Bad address")
    with every_firm():
        Article.objects.filter(story=publication.story).update(url="http://[bad/x")
    page = client.get("/news/bad-address/")
    assert page.status_code == 200
    assert b"http://[bad/x" not in page.content


@pytest.mark.slow
def test_staff_publish_and_take_down_in_the_administration(client: Client, cast: Cast) -> None:
    staff = signed_in(make_user(is_staff=True, is_superuser=True))
    with every_firm():
        stories = [make_analysis(make_story("For all")).story, make_analysis(make_story("Ours", firm=cast.firm)).story]

    def act(action: str) -> str:
        chosen = {"action": action, "_selected_action": [story.pk for story in stories]}
        return staff.post("/admin/research/story/", chosen, follow=True).content.decode()

    said = act("publish")
    assert "1 on the public pages" in said
    assert "“Ours” was not published. It belongs to a firm." in said
    assert client.get("/news/for-all/").status_code == 200
    assert [each.slug for each in published_stories()] == ["for-all"]
    assert "1 taken down" in act("take_down")
    assert client.get("/news/for-all/").status_code == 404


@pytest.mark.slow
def test_staff_without_the_right_publish_nothing(cast: Cast) -> None:
    with every_firm():
        story = make_analysis(make_story("For all")).story
    for person in (make_user(is_staff=True), cast.alice):
        signed_in(person).post("/admin/research/story/", {"action": "publish", "_selected_action": [story.pk]})
    assert published_stories() == []


def test_the_newest_news_first() -> None:
    for day in (3, 1, 2):
        make_published(f"Day {day}", received_at=f"2025-11-0{day}T08:00Z")
    assert [each.story.title for each in published_stories()] == ["Day 3", "Day 2", "Day 1"]
    assert [each.story.title for each in published_stories(1, 2)] == ["Day 2"]


# --- Nothing of a firm, whatever the rows say.


@pytest.fixture
def forced(cast: Cast) -> dict[type[Model], Any]:
    """A private story with a row that no code of ours would write."""
    with every_firm():
        estate = make_estate(cast.firm)
        Publication.objects.create(story=estate[Story], slug="zirconium")
        return estate


def shown(client: Client) -> list[str]:
    """The public addresses that show anything of the private story."""
    found = [url for url in LISTS if SECRET.lower() in client.get(url).content.decode().lower()]
    return found + [url for url in ("/news/zirconium/", "/news/zirconium/card.png") if client.get(url).status_code != 404]


def test_a_private_story_is_not_read_even_with_a_row(
    forced: dict[type[Model], Any], client: Client, alice_client: Client, charlie_client: Client
) -> None:
    for reader in (client, alice_client, charlie_client):
        assert shown(reader) == []
    with pytest.raises(Http404):
        access_published("zirconium")


@pytest.mark.django_db(transaction=True)
def test_nor_without_the_second_wall(owner: psycopg.Connection, forced: dict[type[Model], Any], client: Client) -> None:
    with second_wall_down(owner):
        assert shown(client) == []


def test_nor_through_a_public_story_that_went_into_it(forced: dict[type[Model], Any], client: Client) -> None:
    publication = make_published("Everybody's")
    with every_firm():
        Story.objects.filter(pk=publication.story_id).update(merged_into=forced[Story])
    assert client.get("/news/everybodys/").status_code == 404
    assert shown(client) == []


def test_a_firm_that_is_no_sample_any_more_is_off_the_pages(client: Client) -> None:
    with every_firm():
        sample = make_firm(is_sample=True)
        publish(make_analysis(make_story("For show", firm=sample), {make_issuer(): (0.1, 0.1)}).story, None)
    assert client.get("/news/for-show/").status_code == 200
    sample.is_sample = False
    sample.save()
    assert client.get("/news/for-show/").status_code == 404
