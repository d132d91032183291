"""The published sample stories: what the seed page says, and that every word of its evidence stands in the stored text."""

import re
from html import unescape
from io import StringIO

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client

from accounts.models import Firm
from accounts.scope import every_firm
from config.newsroom import close_newsroom, newsroom, open_newsroom
from config.sample import load_sample, remove_sample, sample_firm
from portfolios.sample import load_master
from research import sample
from research.mentions import document
from research.models import Analysis, Announcement, Article, Evidence, Publication, Story
from research.published import published_stories, unpublish
from research.story_page import SECTION_TITLES
from tests.config.test_sample import rows_left

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEED = "/news/openai-and-foxconn-to-co-design-ai-data-center-racks-and-build-key-components-in/"


@pytest.fixture
def opened(db: None) -> None:
    with every_firm():
        load_master()
    open_newsroom()


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))).strip()


def values(page: str) -> dict[str, str]:
    """The labelled values of the page's rail."""
    (listed,) = re.findall(r'<dl class="c-news__values">(.*?)</dl>', page, re.S)
    return {words(name): words(value) for name, value in re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", listed, re.S)}


def test_the_seed_page(opened: None, client: Client) -> None:
    page = client.get(SEED).content.decode()
    shown = values(page)
    assert shown["Overall sentiment"] == "moderately positive"
    assert shown["Sentiment score"].startswith("+0.45")
    assert shown["Market impact score"].startswith("0.35 modest")
    assert "From a recorded reply of a model" in words(page)
    assert "14:28 UTC, 22:28 Taipei" in words(page)
    assert page.count("Request a demo</a>") == 2
    for title in (*SECTION_TITLES.values(), "What to weigh"):
        assert re.search(rf"<h[23][^>]*>\s*{title}", page), title

    # Word for word what the recorded reply says: nothing is typed in.
    with every_firm():
        analysis = Story.objects.get(publication__slug=SEED.split("/")[2]).current_analysis
    assert analysis is not None
    assert analysis.raw_reply == sample.stories()[0].reply
    for text in (sample.stories()[0].title, analysis.summary, *analysis.sections.values()):
        for line in text.splitlines():
            assert line in words(page)


@pytest.mark.slow
def test_every_claim_of_every_story_has_a_quote_that_stands_in_the_stored_text(opened: None, client: Client) -> None:
    shown = published_stories()
    assert len(shown) == len(sample.stories()) == 12
    for each in shown:
        page = client.get(each.get_absolute_url()).content.decode()
        assert "No quote bears this out" not in page, each.slug
        assert "c-unfounded" not in page, each.slug
        claims = re.findall(r'<(?:p|li)[^>]* id="c-[a-z.0-9]+">(.*?)</(?:p|li)>', page, re.S)
        assert len(claims) >= 3
        for claim in claims:
            assert "c-cite" in claim, (each.slug, words(claim))
        cited = set(re.findall(r'href="#e-(\d+)"', page))
        assert cited == set(re.findall(r'id="e-(\d+)"', page)) == set(re.findall(r'id="s-(\d+)"', page))
        text = words(" ".join(re.findall(r'<div class="c-source">(.*?)</div>', page, re.S)))
        for quote in re.findall(r"<q>.*?<mark>(.*?)</mark>", page, re.S):
            assert words(quote) in text
    with every_firm():
        for quote in Evidence.objects.select_related("article"):
            stored = document(quote.article.title, quote.article.text)
            assert stored[quote.start : quote.end] == quote.quote
        assert not Analysis.objects.filter(lane="full").exclude(dropped=[]).exists()


@pytest.mark.slow
def test_opening_again_changes_nothing(opened: None) -> None:
    with every_firm():
        before = list(Analysis.objects.order_by("pk").values_list("pk", flat=True))
        taken_down = Publication.objects.all()[0]
        unpublish(taken_down.story)
    assert open_newsroom() == 11, "what staff took down stays down"
    with every_firm():
        assert list(Analysis.objects.order_by("pk").values_list("pk", flat=True)) == before
        assert Article.objects.count() == 12


@pytest.mark.slow
def test_a_reply_that_has_changed_is_read_again(opened: None, client: Client) -> None:
    before = client.get(SEED)["ETag"]
    with every_firm():
        Analysis.objects.filter(story__publication__slug=SEED.split("/")[2], lane="full").update(raw_reply="{}")
    assert open_newsroom() == 12
    assert client.get(SEED)["ETag"] != before
    with every_firm():
        newest = Story.objects.get(publication__slug=SEED.split("/")[2]).current_analysis
        assert newest is not None
        assert newest.version == 3


@pytest.mark.slow
def test_it_alerts_nobody_and_is_no_sample_desk(opened: None) -> None:
    assert sample_firm() is None
    firm = newsroom()
    assert firm is not None
    assert firm.is_sample
    with every_firm():
        assert Story.objects.filter(firm=firm, is_backfill=True).count() == 12
        assert {announced.analysis.story.is_backfill for announced in Announcement.objects.all()} == {True}


def test_a_first_start_that_was_cut_short_is_made_up_for(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with every_firm():
        load_master()
    with monkeypatch.context() as cut:
        cut.setattr("config.newsroom._publish", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            open_newsroom()
    assert open_newsroom() == 12


def _cut_short(articles: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_commands_bring_and_remove_it() -> None:
    caches["pages"].clear()
    load_sample()
    call_command("load_sample", stdout=StringIO())
    assert Firm.objects.filter(is_sample=True).count() == 2
    assert len(published_stories()) == 12
    call_command("remove_sample", stdout=StringIO())
    assert rows_left() == {}
    assert not Publication.objects.exists()
    assert not Firm.objects.exists()
    assert set(remove_sample().values()) == {0}
    close_newsroom()
