"""Articles into stories, on a real database: who joins whom, what that sends, and the wall between firms."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Firm
from accounts.scope import every_firm, firm_scope
from accounts.work import State
from alerts.matching import match_announced
from alerts.models import Alert, AlertRule, Delivery
from portfolios.models import Issuer
from research import merging, novelty
from research.attaching import KEYS_KEPT, NEAR, NEAR_PRIVATE, prune
from research.models import Analysis, Article, ArticleKey, Source, Story, StoryMerge
from research.reading import Read, read_articles
from research.stories import LIVE_HOURS
from tests.cast import Cast
from tests.make import make_article, make_holding, make_issuer, make_portfolio, make_rule, make_security, make_source, make_user

pytestmark = pytest.mark.django_db

DEAL = (
    (
        "Hon Hai to buy Zephyr Robotics in $6.1 billion deal",
        "Hon Hai said it will acquire Zephyr Robotics for $6.1 billion in cash.",
    ),
    ("Hon Hai confirms purchase of Zephyr Robotics for $6.1B", "Hon Hai agreed to acquire the maker of warehouse robots."),
    ("Hon Hai buying Zephyr Robotics for $6.1 billion", "The acquisition of Zephyr Robotics would be the largest by Hon Hai."),
)


@pytest.fixture
def hon_hai(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai", aliases=["Foxconn"], listing="2317 XTAI")


def told(title: str, text: str, source: Source | None = None, hours_ago: float = 1, **fields: Any) -> Article:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    return make_article(source or make_source(), title=title, text=text, published_at=at, **fields)


def read(*articles: Article) -> Read:
    found = read_articles([article.pk for article in articles])
    for article in articles:
        article.refresh_from_db()
    return found


@pytest.fixture
def rule(hon_hai: Issuer, cast: Cast) -> AlertRule:
    portfolio = make_portfolio(cast.firm)
    make_holding(portfolio, make_security(hon_hai), weight=0.04)
    return make_rule(portfolio, recipients=[cast.alice], min_impact=0.0, min_sentiment=0.0, min_relevance=0)


def test_reports_of_one_event_are_one_story_whether_read_together_or_apart(hon_hai: Issuer) -> None:
    first, second, third = (told(*each, hours_ago=3 - n) for n, each in enumerate(DEAL))
    read(first, second)
    read(third)
    assert first.story == second.story == third.story
    story = Story.objects.get()
    assert (story.title, story.published_at) == (DEAL[0][0], first.published_at)


def test_another_event_of_the_company_is_another_story(hon_hai: Issuer) -> None:
    deal, chairman = told(*DEAL[0]), told("Foxconn names a new chairman", "The board chose its head of electric vehicles.")
    read(deal, chairman)
    assert deal.story != chairman.story


def test_a_copy_says_so_and_tells_nobody(hon_hai: Issuer, rule: AlertRule) -> None:
    first, copy = told(*DEAL[0]), told(*DEAL[0])
    assert len(read(first).announcements) == 1
    assert read(copy) == Read([], [])
    assert (copy.copy_of, copy.story) == (first, first.story)
    assert Analysis.objects.count() == 1


def test_a_number_that_none_had_is_a_new_reading_of_all(hon_hai: Issuer) -> None:
    first, more = told(*DEAL[0]), told(DEAL[1][0], f"{DEAL[1][1]} It will cut 1,200 jobs.")
    read(first)
    assert len(read(more).announcements) == 1
    newest = Analysis.objects.latest("version")
    assert (newest.version, newest.story, more.copy_of) == (2, first.story, None)
    scores = [mention.p_positive for mention in (first.mentions.get(), more.mentions.get())]
    measured = newest.readings.get().p_positive
    assert measured is not None
    assert min(filter(None, scores)) <= measured <= max(filter(None, scores))


def test_what_a_model_has_read_is_read_again_after_a_while_and_keeps_its_summary_until_then(
    hon_hai: Issuer, settings: LazySettings
) -> None:
    settings.MODEL_CONFIGURED = True
    first, more = told(*DEAL[0]), told(DEAL[1][0], f"{DEAL[1][1]} It will cut 1,200 jobs.")
    assert read(first).stories == [first.story_id]
    story = Story.objects.get()
    full = Analysis.objects.create(
        story=story, version=2, lane="full", engine="model", prompt_version="x", input_hash="y", received_at=story.received_at
    )
    story.finish(current_analysis=full)
    assert read(more) == Read([], [])
    story.refresh_from_db()
    assert (story.state, story.current_analysis) == (State.WAITING, full)
    assert story.next_at > datetime.now(UTC) + timedelta(seconds=60)


def test_one_event_alerts_once_and_a_second_on_the_same_day_alerts_again(hon_hai: Issuer, rule: AlertRule) -> None:
    for n, each in enumerate(DEAL):
        match_announced(read(told(*each, hours_ago=3 - n)).announcements)
    assert Alert.objects.count() == 1
    match_announced(
        read(told("Foxconn plant in Chennai halts output after fire", "A fire stopped work at the Foxconn plant.")).announcements
    )
    assert [alert.story.title for alert in Alert.objects.order_by("pk")] == [
        DEAL[0][0],
        "Foxconn plant in Chennai halts output after fire",
    ]


# --- between firms ---------------------------------------------------------------------------------------


def test_a_private_article_is_its_firms_own_story_that_points_at_the_public_one(hon_hai: Issuer, cast: Cast) -> None:
    public = told(*DEAL[0])
    read(public)
    own, second = told(*DEAL[1], make_source(cast.firm)), told(*DEAL[2], make_source(cast.firm))
    others = told(*DEAL[1], make_source(cast.other_firm))
    read(own, second, others)
    assert own.story is not None
    assert own.story == second.story
    assert (own.story.firm, own.story.public_story) == (cast.firm, public.story)
    assert others.story not in (own.story, public.story)
    with firm_scope(cast.other_firm):
        assert not Story.objects.filter(pk=own.story.pk).exists()
        assert not ArticleKey.objects.filter(article=own).exists()


def test_a_private_story_points_at_the_public_one_that_comes_after_it(hon_hai: Issuer, cast: Cast) -> None:
    own, theirs = told(*DEAL[0], make_source(cast.firm)), told(*DEAL[1], make_source(cast.other_firm))
    other_event = told("Foxconn names a new chairman", "The board chose its head of vehicles.", make_source(cast.firm))
    read(own, theirs, other_event)
    assert not Story.objects.filter(public_story__isnull=False).exists()
    public = told(*DEAL[2])
    read(public)
    assert public.story is not None
    pointing = Story.objects.filter(public_story=public.story)
    assert set(pointing) == {own.story, theirs.story}
    assert (public.story.firm, public.story.public_story, public.story.articles.count()) == (None, None, 1)
    later = told("Hon Hai to acquire Zephyr Robotics for $6.1 billion", "Hon Hai buys it.", make_source(cast.firm))
    read(later)
    assert later.story == own.story


def test_it_points_there_too_when_both_are_read_together(hon_hai: Issuer, cast: Cast) -> None:
    own, public = told(*DEAL[0], make_source(cast.firm), hours_ago=2), told(*DEAL[1])
    read(own, public)
    assert own.story is not None
    assert own.story.public_story == public.story


def test_nobody_but_the_firm_sees_that_its_story_points_there(hon_hai: Issuer, cast: Cast, alice_client: Client) -> None:
    own, public = told(*DEAL[0], make_source(cast.firm)), told(*DEAL[1])
    read(own)
    before = Story.objects.filter(firm=None)
    read(public)
    assert own.story is not None
    assert public.story is not None
    link = f'href="{public.story.get_absolute_url()}">The public story of this event'
    assert link in alice_client.get(own.story.get_absolute_url()).content.decode()
    page = alice_client.get(public.story.get_absolute_url()).content.decode()
    assert "The public story" not in page
    assert DEAL[0][0] not in page
    assert before.get() == public.story
    with firm_scope(cast.other_firm):
        assert not Story.objects.filter(public_story=public.story).exists()


def test_a_public_article_never_joins_a_private_story(hon_hai: Issuer, cast: Cast) -> None:
    own, public = told(*DEAL[0], make_source(cast.firm)), told(*DEAL[1])
    read(own)
    read(public)
    assert public.story is not None
    assert (public.story.firm, public.copy_of) == (None, None)
    assert public.story != own.story


# --- two that are one ------------------------------------------------------------------------------------


@pytest.fixture
def two(hon_hai: Issuer, rule: AlertRule) -> tuple[Article, Article]:
    """Two stories that alerted, of one event: as when nothing yet showed that they are one."""
    one, other = told(*DEAL[0], hours_ago=5), told(*DEAL[1], hours_ago=4)
    match_announced(read(one).announcements)
    apart = Story.objects.create(
        title=other.title, published_at=other.published_at, received_at=other.received_at, state=State.DONE
    )
    Article.objects.filter(pk=other.pk).update(story=apart)
    match_announced(read(other).announcements)
    return one, other


def test_a_third_report_unites_two_stories_and_sends_nothing(two: tuple[Article, Article]) -> None:
    one, other = two
    gone, sent = other.story, Delivery.objects.count()
    assert Alert.objects.count() == 2
    match_announced(read(told(*DEAL[2])).announcements)
    other.refresh_from_db()
    assert other.story == one.story
    made = StoryMerge.objects.get()
    assert (made.story, made.other, made.articles, made.made_by) == (one.story, gone, [other.pk], None)
    assert (Alert.objects.count(), Delivery.objects.count()) == (2, sent)
    assert set(Alert.objects.values_list("story__merged_into", flat=True)) == {None, one.story_id}


def test_after_a_merge_the_alerts_of_both_are_those_of_the_one(two: tuple[Article, Article], rule: AlertRule) -> None:
    one, other = two
    assert one.story is not None
    assert other.story is not None
    Alert.objects.filter(story=one.story).delete()
    merging.merge(one.story, other.story, "test")
    match_announced(read(told(DEAL[2][0], f"{DEAL[2][1]} It will cut 1,200 jobs.")).announcements)
    assert list(Alert.objects.values_list("story", flat=True)) == [other.story.pk], "it was told by the one that went"


def test_what_a_person_took_apart_stays_apart(two: tuple[Article, Article]) -> None:
    one, other = two
    read(told(*DEAL[2]))
    made = StoryMerge.objects.get()
    merging.undo(made, make_user("staff@bellwether.example"))
    other.refresh_from_db()
    assert (other.story, made.other.merged_into) == (made.other, None)
    read(told("Hon Hai to acquire Zephyr Robotics for $6.1 billion", "Hon Hai buys Zephyr Robotics."))
    other.refresh_from_db()
    assert other.story != one.story


# --- old news, many at once, many in store ---------------------------------------------------------------


def test_live_news_makes_a_story_of_old_news_live(hon_hai: Issuer) -> None:
    old, live = told(*DEAL[0], hours_ago=20, is_backfill=True), told(*DEAL[1])
    assert read(old).announcements == []
    read(live)
    story = Story.objects.get()
    assert (story.is_backfill, story.title) == (False, DEAL[0][0])


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_read_two_reports_at_once_make_one_story() -> None:
    with every_firm():
        make_issuer("Hon Hai", listing="2317 XTAI")
        articles = [told(*each) for each in DEAL * 2]

    def work(article: Article) -> None:
        try:
            read_articles([article.pk])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(articles)) as workers:
        list(workers.map(work, articles))
    with every_firm():
        assert Story.objects.live().count() == 1
        assert not Article.objects.exclude(state=State.DONE).exists()


def test_as_many_queries_however_many_articles_come_and_however_long_the_story(hon_hai: Issuer) -> None:
    def queries(number: int) -> int:
        articles = [told(f"{DEAL[0][0]} update {n}", DEAL[0][1]) for n in range(number)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            read_articles([article.pk for article in articles])
        return len(seen)

    queries(1)
    few = queries(2)
    assert queries(12) == few


def test_the_archive_is_not_read(hon_hai: Issuer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + NEAR, [[1], [1], [2], [datetime.now(UTC)], 168, 168, None, 200, 2])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "articles_by_key" in plan
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + NEAR_PRIVATE, [[1], [1], [2], [datetime.now(UTC)], 168, 168, 200, 2])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "private_articles_by_key" in plan


def aged(article: Article, days: float) -> None:
    """As if it had come that long ago."""
    Article.objects.filter(pk=article.pk).update(next_at=datetime.now(UTC) - timedelta(days=days))


def test_old_keys_are_forgotten_and_live_stories_are_still_joined(hon_hai: Issuer, cast: Cast) -> None:
    gone, private = told(*DEAL[0], hours_ago=24 * 20), told(*DEAL[0], make_source(cast.firm), hours_ago=24 * 20)
    live, loaded = told(*DEAL[0], hours_ago=24 * 2), told("Foxconn had a good year", "", hours_ago=24 * 400, is_backfill=True)
    read(gone, private, live, loaded)
    aged(gone, 20)
    aged(private, 20)
    aged(live, 2)
    keys = ArticleKey.objects.filter(article__in=[gone, private]).count()
    assert prune(batch=3) == keys > 9
    assert prune() == 0
    assert set(ArticleKey.objects.values_list("article", flat=True)) == {live.pk, loaded.pk}
    joins, late = told(*DEAL[1]), told("Foxconn had a good year", "", hours_ago=24 * 400 - 2, is_backfill=True)
    read(joins, late)
    assert (joins.story, late.story) == (live.story, loaded.story)


def test_keys_are_kept_for_as_long_as_anything_asks_for_them() -> None:
    assert timedelta(hours=LIVE_HOURS) < KEYS_KEPT >= max(novelty.WINDOWS)


def test_a_firm_that_goes_takes_its_fingerprints_along(hon_hai: Issuer, cast: Cast) -> None:
    read(told(*DEAL[0], make_source(cast.firm)))
    assert ArticleKey.objects.filter(firm=cast.firm).exists()
    Article.objects.filter(firm=cast.firm).delete()
    assert not ArticleKey.objects.filter(firm=cast.firm).exists()
    assert Firm.objects.filter(pk=cast.firm.pk).exists()
