"""The first reading of articles: what a change does to a story, and that one article's trouble is its own."""

from datetime import date

import pytest
from django.test import Client

from accounts.work import State
from portfolios.models import Alias
from research.ingest import store
from research.models import Analysis, Article, SecondOrderEffect, Source, Story, UnknownName
from research.reading import _read, read_articles
from tests.make import make_article, make_issuer, make_source
from tests.research.test_ingest import item

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(across_firms: None) -> Source:
    make_issuer("Hon Hai", listing="2317 XTAI")
    return make_source()


def test_an_article_becomes_a_story_with_a_quick_reading_once(source: Source) -> None:
    article = make_article(source, title="Hon Hai wins an order")
    read = read_articles([article.pk])
    assert read_articles([article.pk]).announcements == []
    analysis = Analysis.objects.get()
    assert (analysis.version, analysis.lane, read.announcements) == (1, "flash", [analysis.announcement.pk])
    assert Story.objects.get().current_analysis == analysis


def test_a_current_report_names_its_event_by_its_items(source: Source, alice_client: Client) -> None:
    filing = make_article(
        source, title="Form 8-K: Hon Hai", text="Item 5.02: Departure of Officers\nItem 2.02: Results of Operations"
    )
    read_articles([filing.pk])
    analysis = Analysis.objects.get()
    assert analysis.event == {"group": "earnings", "type": "earnings.results", "fact_level": "fact"}
    SecondOrderEffect.objects.create(
        analysis=analysis, issuer=make_issuer("Quanta"), role="competitor", reason="It bids as well."
    )
    page = alice_client.get(Story.objects.get().get_absolute_url()).content.decode()
    assert "Earnings: results" in page
    assert "Quanta</a>, competitor:" in page


def test_a_change_keeps_the_story_and_makes_the_next_version(source: Source) -> None:
    read_articles(store(source, [item()]).new)
    read_articles(store(source, [item(text="Hon Hai lost it again.")]).revised)
    assert list(Analysis.objects.order_by("version").values_list("story", "version")) == [
        (Story.objects.get().pk, version) for version in (1, 2)
    ]


def test_a_change_that_leaves_no_company_is_a_reading_of_nobody(source: Source, alice_client: Client) -> None:
    read_articles(store(source, [item()]).new)
    read = read_articles(store(source, [item(title="Corrected", text="It was another company.")]).revised)
    newest = Story.objects.get().current_analysis
    assert newest is not None
    assert (newest.version, newest.readings.count(), newest.primary_issuer) == (2, 0, None)
    assert len(read.announcements) == 1
    page = alice_client.get(Story.objects.get().get_absolute_url())
    assert page.status_code == 200
    assert "Overall sentiment" not in page.content.decode(), "what was not measured is not shown"


def test_what_changed_while_it_was_read_waits_to_be_read_again(source: Source) -> None:
    article = make_article(source, title="Hon Hai wins an order")
    Article.objects.update(revision=2)
    assert _read([article]).announcements == []
    article.refresh_from_db()
    assert (article.state, article.story) == (State.WAITING, None)


def test_a_worker_whose_lease_ran_out_makes_no_second_story(source: Source) -> None:
    article = make_article(source, title="Hon Hai wins an order")
    late = Article.objects.select_related("source", "story").get()
    read_articles([article.pk])
    _read([late])
    assert Story.objects.count() == 1


def test_one_article_that_cannot_be_kept_leaves_the_others_alone(source: Source) -> None:
    good = make_article(source, title="Hon Hai wins an order for electric buses", text="A carmaker in Ohio buys them.")
    bad = make_article(source, title="Hon Hai names a chairman", text="Shareholders voted in Taipei.")
    read_articles([bad.pk])
    # Its story has a version that its newest reading does not know of, as after two workers at once.
    story = Article.objects.get(pk=bad.pk).story
    Article.objects.filter(pk=bad.pk).update(state=State.WAITING)
    Analysis.objects.filter(story=story).update(version=2_147_483_647)
    assert len(read_articles([bad.pk, good.pk]).announcements) == 1
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state, bad.attempts, bad.lease_until) == (State.DONE, State.WAITING, 2, None)
    assert "DataError" in bad.error


def test_a_name_that_is_mended_is_known_at_once(across_firms: None) -> None:
    issuer = make_issuer("Hon Hai")
    alias = issuer.aliases.get()

    def found(title: str) -> bool:
        article = make_article(make_source(), title=title, text="")
        read_articles([article.pk])
        return article.mentions.exists()

    assert found("Hon Hai opens a plant")
    assert not found("Foxconn opens a plant")
    Alias.objects.filter(pk=alias.pk).update(text="Foxconn")
    assert found("Foxconn opens a plant")
    Alias.objects.filter(pk=alias.pk).update(valid_to=date(2020, 1, 1))
    assert not found("Foxconn opens another plant")


def test_companies_that_nobody_added_are_kept_beside_those_we_know(source: Source) -> None:
    make_issuer("Beta Optics")
    text = "Hon Hai orders lasers from Quillara Photonics Inc. and from Beta Optics Ltd. Quillara Photonics is private."
    read_articles([make_article(source, title="Hon Hai orders", text=text).pk])
    read_articles([make_article(source, title="Orders", text="Zenovia Metals Corp. orders from Quillara Photonics Inc.").pk])
    row = UnknownName.objects.get()  # not the company we have, and none of the article that names no company we have
    assert (row.key, row.text, row.count, row.reason) == ("quillara photonics", "Quillara Photonics Inc.", 2, "legal form")
    Article.objects.filter(pk=row.article_id).update(text="Hon Hai orders lasers.", state=State.WAITING)
    read_articles([row.article_id])
    assert UnknownName.objects.count() == 0
