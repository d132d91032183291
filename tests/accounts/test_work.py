"""The row is the queue. Articles stand for all work rows."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.scope import every_firm
from accounts.work import DIED, LONGEST_WAIT_SECONDS, MOST_ATTEMPTS, State, attempt
from research.models import Article
from tests.at_once import at_once
from tests.make import make_article, make_source

SECONDS = 60


@pytest.fixture
def article(across_firms: None) -> Article:
    return make_article()


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def claim(article: Article) -> bool:
    """Whether the row could be taken. The object then knows what the row says."""
    taken = Article.objects.claim([article.pk], SECONDS)
    article.refresh_from_db()
    return taken == [article.pk]


def let_the_lease_run_out(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_an_attempt_is_counted_when_the_lease_is_taken(article: Article) -> None:
    assert claim(article)
    assert (article.state, article.attempts) == (State.WAITING, 1)
    assert article.lease_until is not None
    assert article.lease_until > database_now() + timedelta(seconds=SECONDS - 10)
    assert not claim(article)
    assert article.attempts == 1


def test_leases_and_waits_are_measured_by_the_database(article: Article) -> None:
    before = database_now()
    claim(article)
    article.defer("The server is down.", seconds=30)
    article.refresh_from_db()
    assert before + timedelta(seconds=30) <= article.next_at <= database_now() + timedelta(seconds=30)


def test_a_row_that_kills_its_worker_three_times_goes_to_quarantine(article: Article) -> None:
    for times in range(1, MOST_ATTEMPTS + 1):
        assert claim(article)
        assert article.attempts == times
        let_the_lease_run_out(article)
    assert not claim(article)
    assert (article.state, article.attempts, article.error, article.lease_until) == (State.QUARANTINED, MOST_ATTEMPTS, DIED, None)


def test_quarantine_keeps_the_reason_there_was(article: Article) -> None:
    Article.objects.update(attempts=MOST_ATTEMPTS, error="The text has no end.")
    assert not claim(article)
    assert (article.state, article.error) == (State.QUARANTINED, "The text has no end.")


def test_others_are_taken_while_one_goes_to_quarantine(article: Article) -> None:
    others = [make_article(article.source) for _ in range(3)]
    Article.objects.filter(pk=article.pk).update(attempts=MOST_ATTEMPTS)
    ids = [article.pk, *(other.pk for other in others)]
    assert Article.objects.claim(ids, SECONDS) == [other.pk for other in others]


def test_three_failures_are_enough(article: Article) -> None:
    for times in range(1, MOST_ATTEMPTS + 1):
        Article.objects.update(next_at=Now())
        assert claim(article)
        article.fail(f"failure {times}")
        article.refresh_from_db()
        assert article.state == (State.QUARANTINED if times == MOST_ATTEMPTS else State.WAITING)
    assert (article.error, article.lease_until) == (f"failure {MOST_ATTEMPTS}", None)


def test_a_failure_waits_before_the_next_attempt(article: Article) -> None:
    claim(article)
    article.fail("a failure")
    article.refresh_from_db()
    assert article.next_at > database_now() + timedelta(seconds=1)
    assert not claim(article)


def test_a_wait_for_somebody_else_is_no_attempt(article: Article) -> None:
    waits = []
    for times in range(1, 30):
        Article.objects.update(next_at=Now())
        assert claim(article)
        article.defer("The mail server is down.")
        article.refresh_from_db()
        assert (article.state, article.attempts, article.deferrals, article.lease_until) == (State.WAITING, 0, times, None)
        waits.append((article.next_at - database_now()).total_seconds())
    assert waits[0] <= 2
    assert all(LONGEST_WAIT_SECONDS / 2 - 1 <= wait <= LONGEST_WAIT_SECONDS for wait in waits[-10:])


def test_a_reason_that_will_not_change_goes_to_quarantine_at_once(article: Article) -> None:
    claim(article)
    article.give_up("The model refuses to read this.")
    article.refresh_from_db()
    assert (article.state, article.error, article.lease_until) == (State.QUARANTINED, "The model refuses to read this.", None)


def test_what_is_done_is_not_taken_again(article: Article) -> None:
    claim(article)
    article.finish(language="en")
    article.refresh_from_db()
    assert (article.state, article.error, article.lease_until, article.language) == (State.DONE, "", None, "en")
    assert not claim(article)


def test_retry_begins_anew(article: Article) -> None:
    Article.objects.update(state=State.QUARANTINED, attempts=3, deferrals=4, error="broken", next_at=Now() + timedelta(days=1))
    assert Article.objects.filter(pk=article.pk).retry() == 1
    assert claim(article)
    assert (article.attempts, article.deferrals, article.error) == (1, 0, "")


@pytest.mark.parametrize(
    ("fields", "is_due"),
    [
        ({}, True),
        ({"state": State.DONE}, False),
        ({"state": State.QUARANTINED}, False),
        ({"next_at": Now() + timedelta(seconds=5)}, False),
        ({"lease_until": Now() + timedelta(seconds=5)}, False),
        ({"lease_until": Now() - timedelta(seconds=5)}, True),
    ],
)
def test_what_is_due(article: Article, fields: dict[str, object], is_due: bool) -> None:
    Article.objects.update(**fields)
    assert Article.objects.due().exists() is is_due
    assert claim(article) is is_due


@pytest.mark.django_db(transaction=True)
def test_a_step_that_breaks_on_one_row_goes_on_with_the_others(caplog: pytest.LogCaptureFixture) -> None:
    with every_firm():
        source = make_source()
        articles = [make_article(source) for _ in range(3)]
        Article.objects.claim([article.pk for article in articles], SECONDS)
    for number, article in enumerate(articles):
        with attempt(article), every_firm():
            Article.objects.filter(pk=article.pk).update(language="xx")
            if number == 1:
                raise ValueError("no such thing")
            article.finish()
    with every_firm():
        rows = list(Article.objects.order_by("pk").values_list("state", "error", "language"))
    assert rows == [
        (State.DONE, "", "xx"),
        (State.WAITING, "ValueError: no such thing", ""),
        (State.DONE, "", "xx"),
    ]
    assert "Article" in caplog.text


@pytest.fixture
def committed(transactional_db: None) -> list[int]:
    with every_firm():
        source = make_source()
        return [make_article(source).pk for _ in range(60)]


def test_two_claimers_never_both_get_a_row(committed: list[int]) -> None:
    taken: list[int] = []

    def work(_: int) -> None:
        for _ in range(20):
            with every_firm():
                taken.extend(Article.objects.claim(committed[:30], SECONDS))
                taken.extend(Article.objects.claim(committed[20:], SECONDS))

    at_once(4, work)
    assert sorted(taken) == committed
    with every_firm():
        assert set(Article.objects.values_list("attempts", flat=True)) == {1}


def other_claim(ids: list[int]) -> Iterator[list[int]]:
    """Takes rows on a connection of its own, and holds its transaction open until asked again."""
    with every_firm():
        yield Article.objects.claim(ids, SECONDS)
        transaction.set_rollback(True)
    connection.close()
    yield []


def test_a_claimer_does_not_wait_for_another_that_is_not_done(committed: list[int]) -> None:
    opened, end = threading.Event(), threading.Event()

    def hold() -> None:
        holding = other_claim(committed[:10])
        next(holding)
        opened.set()
        end.wait(10)
        next(holding)

    thread = threading.Thread(target=hold)
    thread.start()
    opened.wait(10)
    try:
        with every_firm():
            assert Article.objects.claim(committed[:20], SECONDS) == committed[10:20]
    finally:
        end.set()
        thread.join()
    with every_firm():  # the other's transaction came to nothing: what it had taken is free
        assert Article.objects.claim(committed[:20], SECONDS) == committed[:10]


@pytest.mark.slow
def test_a_lease_is_renewed_while_the_work_goes_on_and_runs_out_after(committed: list[int]) -> None:
    def others_get() -> list[int]:
        with every_firm():
            return Article.objects.claim(committed[:3], 0.6)

    assert others_get() == committed[:3]
    with Article.objects.kept(committed[:3], 0.6):
        with every_firm():
            Article.objects.get(pk=committed[0]).finish()
        time.sleep(1.5)
        assert others_get() == []
    time.sleep(0.8)
    assert others_get() == committed[1:3], "what was not finished is free a lease after its worker stopped"
