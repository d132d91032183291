"""From items to articles: what is new, known, revised or refused; and a source polled over real HTTP."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts.scope import every_firm
from accounts.work import State
from research.feeds import FeedItem, Party
from research.ingest import Stored, _revise, poll, store
from research.models import Article, ArticleRevision, Source
from tests.at_once import at_once
from tests.make import make_firm, make_source, make_story
from tests.shared_data import shared
from tests.web_server import WebServer

pytestmark = pytest.mark.django_db


def item(
    guid: str = "1",
    url: str = "https://news.example/a",
    title: str = "Hon Hai wins an order",
    text: str = "A text.",
    **fields: Any,
) -> FeedItem:
    return FeedItem(guid=guid, url=url, title=title, text=text, **fields)


@pytest.fixture
def source(across_firms: None) -> Source:
    return make_source()


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (item(), (0, 1, 0)),
        (item(guid="2"), (0, 1, 0)),
        (item(guid="2", url="https://news.example/a?utm_source=mail"), (0, 1, 0)),
        (item(guid="2", url="https://news.example/b"), (1, 0, 0)),
        (item(guid="2", url=""), (1, 0, 0)),
        (item(text="Another text."), (0, 0, 1)),
        (item(title="Hon Hai loses an order"), (0, 0, 1)),
        (item(title="Hon  Hai wins an order "), (0, 1, 0)),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_what_a_second_item_is(source: Source, second: FeedItem, expected: tuple[int, int, int], together: bool) -> None:
    if together:
        # The same guid twice in one batch is one item; the other version is seen, and kept as a revision, at the next poll.
        expected = (0, 1, 0) if expected[2] else expected
        stored = store(source, [item(), second])
        new = len(stored.new) - 1
    else:
        store(source, [item()])
        stored = store(source, [second])
        new = len(stored.new)
    assert (new, stored.known, len(stored.revised)) == expected


def test_a_revision_keeps_what_was_said_and_is_read_again(source: Source) -> None:
    store(source, [item()])
    Article.objects.update(state=State.DONE)
    assert store(source, [item(text="Corrected.")]).revised == [Article.objects.get().pk]
    article = Article.objects.get()
    assert (article.text, article.revision, article.state) == ("Corrected.", 2, State.WAITING)
    assert ArticleRevision.objects.get().text == "A text."


def test_the_other_source_of_the_same_address_finds_the_same_article(source: Source) -> None:
    store(source, [item()])
    assert store(make_source(), [item(guid="other")]).known == 1


def test_a_firm_may_hold_what_is_public_too(source: Source) -> None:
    store(source, [item()])
    assert len(store(make_source(make_firm()), [item()]).new) == 1


def test_a_filing_is_one_article_with_all_its_parties(source: Source) -> None:
    filer, owner = Party("Saga", "0000886136", "Issuer"), Party("Bobinski", "0001189341", "Reporting")
    filing = {"guid": "0001193125-25-317768", "text": "Filed: 2025-12-12"}
    store(source, [item(**filing, url="https://sec.example/1", title="4 - Bobinski", parties=(owner,))])
    again = store(source, [item(**filing, url="https://sec.example/2", title="4 - Saga", parties=(filer, owner))])
    assert (again.known, again.revised) == (1, [])
    assert [party["role"] for party in Article.objects.get().parties] == ["Reporting", "Issuer"]


def test_dates_from_the_future_are_flagged_and_never_decide_when_it_was_received(source: Source) -> None:
    store(source, [item(published_at=timezone.now() + timedelta(days=400))])
    article = Article.objects.get()
    assert "dated in the future" in article.flags
    assert abs(article.received_at - timezone.now()) < timedelta(minutes=1)


def test_backfill_is_received_when_published(source: Source) -> None:
    published = datetime(2022, 3, 14, 16, 38, tzinfo=UTC)
    store(source, [item(published_at=published)], backfill=True)
    article = Article.objects.get()
    assert (article.received_at, article.is_backfill) == (published, True)


def test_an_item_of_nothing_is_refused_with_the_reason(source: Source) -> None:
    assert store(source, [item(title="", text="\u200b")]).refused == {"no title and no text": 1}


@pytest.mark.parametrize("mark", ["\x00", "\ud800"])
def test_what_the_database_refuses_stops_no_feed(source: Source, mark: str) -> None:
    odd = item(guid=f"2{mark}", url=f"https://news.example/{mark}", language=f"e{mark}", outlet=f"A{mark}", title=f"B{mark}")
    assert len(store(source, [item(), odd]).new) == 2
    assert Article.objects.get(title="B").guid.strip("\ufffd") == "2"


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_that_not_every_time_zone_has_is_none(source: Source, year: int) -> None:
    store(source, [item(published_at=datetime(year, 12, 31, 23, 59, tzinfo=UTC))])
    assert Article.objects.get().published_at is None


def test_a_revision_leaves_alone_what_a_worker_wrote_since(source: Source) -> None:
    store(source, [item()])
    looked = Article.objects.get()
    story = make_story()
    Article.objects.filter(pk=looked.pk).update(story=story, state=State.DONE)
    _revise(looked, Article(title="New", text="Another text.", content_hash="f" * 64))
    looked.refresh_from_db()
    assert (looked.story, looked.state, looked.title, looked.revision) == (story, State.WAITING, "New", 2)


def test_very_long_names_are_kept_apart(source: Source) -> None:
    long = "x" * 3000
    stored = store(
        source,
        [item(guid=long + "1", url=f"https://news.example/{long}1"), item(guid=long + "2", url=f"https://news.example/{long}2")],
    )
    assert len(stored.new) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_items_store_each_once() -> None:
    with every_firm():
        source = make_source()
    items = [item(guid=str(number), url=f"https://news.example/{number}") for number in range(150)]
    results: list[Stored] = []
    at_once(4, lambda _: results.append(store(source, items)))
    assert sorted(len(stored.new) + stored.known for stored in results) == [150] * 4
    assert sum(len(stored.new) for stored in results) == 150


RSS = b"<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>Hon Hai wins</title></item></channel></rss>"


def test_a_poll_stores_remembers_and_asks_only_for_what_changed(across_firms: None) -> None:
    server = WebServer()
    source = make_source(url=f"http://{server.address}/feed", interval_seconds=60)
    with override_settings(OUTBOUND_ALLOW=frozenset([server.address])):
        server.answer = (200, {"ETag": '"é"', "Content-Type": "application/rss+xml"}, RSS)
        assert len(poll(source).new) == 1
        source.refresh_from_db()
        assert (source.etag, source.failures, source.error) == ('"é"', 0, "")
        assert source.next_at > timezone.now() + timedelta(seconds=50)
        server.answer = (304, {}, b"")
        assert poll(source).new == []
        assert server.asked[-1]["if-none-match"] == '"é"'
        server.answer = (503, {"Retry-After": "600"}, b"")
        poll(source)
    source.refresh_from_db()
    assert source.failures == 1
    assert "503" in source.error
    assert source.next_at > timezone.now() + timedelta(seconds=590)
    server.http.shutdown()


@pytest.mark.django_db(transaction=True)
def test_items_that_cannot_be_stored_are_a_failure_of_the_source_and_shown() -> None:
    server = WebServer()
    server.answer = (200, {"Content-Type": "application/rss+xml"}, RSS)
    with every_firm():
        source = make_source(url=f"http://{server.address}/feed")
    source.firm_id = 0  # the firm is gone since the source was read
    with override_settings(OUTBOUND_ALLOW=frozenset([server.address])):
        assert poll(source).new == []
    server.http.shutdown()
    with every_firm():
        source.refresh_from_db()
    assert (source.failures, source.polled_at) == (1, None)
    assert "IntegrityError" in source.error


def test_an_address_inside_is_refused_and_said_so(across_firms: None) -> None:
    source = make_source(url="http://127.0.0.1:1/feed")
    assert poll(source).new == []
    source.refresh_from_db()
    assert source.failures == 1
    assert source.error


def ingest(*arguments: Any, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("ingest", *arguments, stdout=out, **options)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_the_command_counts_every_item_once(across_firms: None, tmp_path: Path) -> None:
    lines = [
        {
            "url": "https://n.example/1",
            "title": "Hon Hai wins",
            "description": "d",
            "source": "wire",
            "published_at": "2022-01-02T00:00:00Z",
        },
        {"url": "https://n.example/1?utm_source=x", "title": "Hon Hai wins", "description": "d"},
        {"url": "https://n.example/2", "title": ""},
        {"title": "no address"},
        {"url": "https://n.example/3", "title": "t", "published_at": "yesterday"},
    ]
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\nnot json\n")
    result = ingest(path, backfill=True)
    assert (result["files"], result["items"], result["stored"], result["known"]) == (1, 6, 1, 1)
    assert result["refused"] == {"no title and no text": 1}
    assert [error["item"] for error in result["errors"]] == [4, 5, 6]
    parts = result["stored"] + result["known"] + result["revised"] + sum(result["refused"].values()) + len(result["errors"])
    assert parts == result["items"]
    assert Article.objects.get().outlet == "wire"


def test_a_missing_file_is_refused_before_anything_is_stored(across_firms: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Nothing was stored") as error:
        ingest(tmp_path / "no.xml")
    assert error.value.returncode == 2


@pytest.mark.slow
def test_the_edgar_pages_are_one_article_per_accession(across_firms: None) -> None:
    pages = shared("edgar/getcurrent_pages_00_25.tar.gz")
    first, second = ingest(pages, no_read=True), ingest(pages, no_read=True)
    assert (first["items"], first["stored"], first["known"], first["revised"], first["errors"]) == (2600, 1675, 925, 0, [])
    assert (second["stored"], second["known"], second["revised"]) == (0, 2600, 0)
