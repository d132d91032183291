"""Feeds of every kind: thousands of well- and ill-formed ones, all the encodings, the SEC's filings, and bombs."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from research.charsets import decode
from research.feed_process import FeedTooHeavy, ParserProcess, parse_isolated
from research.feeds import MAX_ITEMS, FeedItem, Party, merge_parties, parse
from tests.shared_data import packed, shared

URL = "https://news.example/feeds/all.xml"


def rss(items: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def only(body: bytes, content_type: str | None = None) -> FeedItem:
    [item] = parse(body, content_type, URL).items
    return item


@pytest.mark.parametrize(
    "archive", ["hostile/feeds-feedparser.tar.gz", "hostile/feeds-feedvalidator.tar.gz", "feeds/miniflux_testdata.tar.gz"]
)
@pytest.mark.slow
def test_no_feed_of_the_collections_raises(archive: str) -> None:
    files = items = 0
    for name, body in packed(archive):
        feed = parse(body, None, URL)
        files, items = files + 1, items + len(feed.items)
        for item in feed.items:
            assert item.guid, name
            assert item.url == "" or item.url.startswith(("http://", "https://", "HTTP")), name
            assert all(time is None or time.tzinfo is dt.UTC for time in (item.published_at, item.updated_at)), name
    assert (files, items) >= {
        "hostile/feeds-feedparser.tar.gz": (1404, 780),
        "hostile/feeds-feedvalidator.tar.gz": (1328, 830),
    }.get(archive, (29, 253))


def test_every_encoding_gives_the_right_title_or_says_that_it_cannot_be_read() -> None:
    files = {Path(name).stem: body for name, body in packed("hostile/feed-encodings.tar.gz")}
    cases = [json.loads(line) for line in files["manifest"].splitlines()]
    readable = 0
    for case in cases:
        feed = parse(files[case["id"]], case["http_content_type"], URL)
        title, _, leave = case["expect_title"].partition("  (")
        if "mojibake:" in title or "U+FFFD" in title:
            assert len(feed.items) == 1
            assert feed.items[0].title.count("\ufffd") <= 1
        elif feed.items:
            assert feed.items[0].title == title, case["id"]
            readable += 1
        else:
            assert "typed encoding error" in leave, case["id"]
            assert "cannot be read" in feed.problems[0]
    assert (len(cases), readable) == (70, 49)


@pytest.mark.slow
def test_the_burst_of_filings_is_one_item_for_each_accession() -> None:
    entries = 0
    filings: dict[str, FeedItem] = {}
    for _, body in sorted(packed("edgar/getcurrent_pages_00_25.tar.gz")):
        feed = parse(body, "application/atom+xml", "https://www.sec.gov/cgi-bin/browse-edgar")
        assert feed.problems == []
        entries += len(feed.items) + feed.repeat_count
        for filing in feed.items:
            known = filings.setdefault(filing.guid, filing)
            assert (known.form_type, known.text) == (filing.form_type, filing.text)
            assert filing.parties
            assert filing.published_at is not None
    assert (entries, len(filings)) == (2600, 1675)
    first = filings["0002063236-25-000004"]
    assert first.title == "Form 4: Hinge Health, Inc."
    assert first.parties == (
        Party("Perez Daniel Antonio", "0002063236", "Reporting"),
        Party("Hinge Health, Inc.", "0001673743", "Issuer"),
    )
    assert first.published_at == dt.datetime(2025, 12, 12, 23, 2, 43, tzinfo=dt.UTC)
    assert "/1673743/" in first.url


def test_parties_of_two_pages_are_joined_once_each() -> None:
    a, b, c = (Party(name, "1", "Filer") for name in "abc")
    assert merge_parties([a, b], [b, c, c]) == [a, b, c]
    assert merge_parties([{"name": "a"}], [{"name": "a"}]) == [{"name": "a"}]


def test_real_files_of_three_kinds() -> None:
    for name, count in (("feed.json", 3), ("feed1.atom", 1), ("feed2.rss", 1)):
        feed = parse(shared(f"feeds/jsonfeed/{name}").read_bytes(), None, URL)
        assert len(feed.items) >= count, name
        assert all(item.title or item.text for item in feed.items)


ITEM = "<item><title>A</title><link>/a</link><description>Some text</description>{}</item>"


@pytest.mark.parametrize(
    ("extra", "field", "value"),
    [
        ("<guid>g1</guid>", "guid", "g1"),
        ("<guid>  </guid>", "guid", "https://news.example/a"),
        ("", "url", "https://news.example/a"),
        ("<pubDate>Mon, 17 Nov 2025 09:00:00 +0800</pubDate>", "published_at", dt.datetime(2025, 11, 17, 1, tzinfo=dt.UTC)),
        ("<pubDate>Mon, 17 Nov 2025 09:00:00</pubDate>", "published_at", dt.datetime(2025, 11, 17, 9, tzinfo=dt.UTC)),
        ("<pubDate>2025-11-17</pubDate>", "published_at", dt.datetime(2025, 11, 17, tzinfo=dt.UTC)),
        ("<pubDate>17 Nov 2025 09:00 EST</pubDate>", "published_at", dt.datetime(2025, 11, 17, 14, tzinfo=dt.UTC)),
        ("<pubDate>2025年11月17日 09:00</pubDate>", "published_at", None),
        ("<pubDate>yesterday</pubDate>", "published_at", None),
        ("<pubDate>Mon, 17 Nov 99999 09:00:00 GMT</pubDate>", "published_at", None),
        ('<source url="http://o.example/">Origin Daily</source>', "outlet", "Origin Daily"),
        ('<x:creator xmlns:x="http://purl.org/dc/elements/1.1/">Ann &amp; Bo</x:creator>', "authors", ("Ann & Bo",)),
        (
            '<a:content xmlns:a="http://www.w3.org/2005/Atom" type="html">&lt;p&gt;Far more text</a:content>',
            "text",
            "Far more text",
        ),
    ],
)
def test_the_fields_of_an_item(extra: str, field: str, value: Any) -> None:
    assert getattr(only(rss(ITEM.format(extra))), field) == value


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("AT&amp;T rises", "AT&T rises"),
        ("AT&amp;amp;T rises", "AT&T rises"),
        ("&lt;b&gt;Hon Hai&lt;/b&gt; rises", "Hon Hai rises"),
        ("<![CDATA[Hon <i>Hai</i>]]>", "Hon Hai"),
        ("Up 5% &lt; 6%", "Up 5% < 6%"),
        ("Hon\u200b Hai\n  \u202erises", "Hon Hai rises"),
        ("Caf&eacute; &mdash; dear", "Café — dear"),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_titles_are_plain_text(title: str, plain: str) -> None:
    assert only(rss(f"<item><title>{title}</title><guid>1</guid></item>")).title == plain


def test_an_item_without_id_or_link_is_known_by_what_it_says() -> None:
    one, two = (only(rss(f"<item><title>A</title><description>{text}</description></item>")) for text in ("one", "two"))
    assert one.guid.startswith("sha256:")
    assert one.guid != two.guid
    assert one.guid == only(rss("<item><title>A</title><description>one</description></item>")).guid


def test_markup_stays_as_published_and_text_is_what_shows() -> None:
    item = only(rss(ITEM.format("").replace("Some text", "&lt;p hidden&gt;no&lt;/p&gt;&lt;p&gt;yes")))
    assert item.text == "yes"
    assert "hidden" in item.html


def test_of_one_guid_twice_the_latest_is_kept() -> None:
    old, new = (ITEM.format(f"<guid>g</guid><pubDate>{day} Nov 2025 09:00:00 GMT</pubDate>") for day in (17, 18))
    feed = parse(rss(old + new), None, URL)
    assert [item.published_at for item in feed.items] == [dt.datetime(2025, 11, 18, 9, tzinfo=dt.UTC)]
    assert feed.repeat_count == 1


def test_a_flood_of_items_loses_its_oldest_loudly() -> None:
    day = dt.datetime(2025, 11, 17, tzinfo=dt.UTC)
    entries = [
        {"id": str(n), "title": "t", "date_published": (day + dt.timedelta(seconds=n)).isoformat()} for n in range(MAX_ITEMS + 5)
    ]
    feed = parse(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": entries}).encode(), None, URL)
    assert [item.guid for item in feed.items] == [str(n) for n in range(5, MAX_ITEMS + 5)]
    assert "oldest 5" in feed.problems[0]


def test_json_feed() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "language": "en",
        "items": [
            {
                "id": 7,
                "url": "/a",
                "title": "A &amp; B",
                "content_html": "<p>x<p>y",
                "date_published": "2025-11-17T09:00:00+08:00",
            },
            {"content_text": "plain <b>", "authors": [{"name": "Ann"}, 3], "date_modified": "2025-11-17T09:00:00"},
            "no item",
        ],
    }
    feed = parse(json.dumps(document).encode(), "application/feed+json", URL)
    first, second = feed.items
    assert (first.guid, first.url, first.title) == ("7", "https://news.example/a", "A &amp; B")
    assert (first.text, first.published_at) == ("x\n\ny", dt.datetime(2025, 11, 17, 1, tzinfo=dt.UTC))
    assert (second.text, second.html, second.authors) == ("plain <b>", "", ("Ann",))
    assert second.published_at == second.updated_at == dt.datetime(2025, 11, 17, 9, tzinfo=dt.UTC)
    assert feed.problems == ["1 items are not objects"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!doctype html><html><body>Sign in</body></html>", "not a feed"),
        (b"https://169.254.169.254/", "not a feed"),
        (b"/etc/hostname", "not a feed"),
        (b'{"error": "no"}', "not a feed"),
        (b'{"items": {}}', "not a feed"),
        (b"[1, 2]", "not a feed"),
        (b"{", "JSON cannot be read"),
        (b'{"items": ' + b"[" * 100_000, "JSON cannot be read"),
        (b"\x1f\x8b\x08\x00" + bytes(range(128, 256)), "cannot be read"),
    ],
)
def test_what_is_no_feed_gives_no_items_and_says_why(body: bytes, problem: str) -> None:
    feed = parse(body, None, URL)
    assert feed.items == []
    assert problem in feed.problems[0]


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("鴻海".encode("utf-16"), None, "鴻海"),
        ("<é".encode("utf-16-le"), None, "<é"),
        ("鴻海".encode(), "text/xml; charset=big5", "鴻海"),
        ("鴻海".encode("big5"), "text/xml; charset=big5", "鴻海"),
        ("鴻海".encode("iso2022_jp"), "text/xml; charset=ISO-2022-JP", "鴻海"),
        (b"5 \x80", "text/xml; charset=iso-8859-1", "5 €"),
        (b"+ADw-script+AD4-", "text/xml; charset=utf-7", "+ADw-script+AD4-"),
        ("鴻海精密".encode("big5"), "text/xml; charset=rot13", None),
        ("鴻海精密".encode("big5"), None, None),
        (b"a caf\xe9 in the old town", None, "a café in the old town"),
    ],
)
def test_which_characters_bytes_are(body: bytes, content_type: str | None, text: str | None) -> None:
    assert decode(body, content_type).text == text


@pytest.mark.slow
def test_bombs_stay_in_the_child() -> None:
    before = psutil.Process().memory_info().rss
    bombs = sorted(path for path in shared("hostile/xml-bombs").rglob("*") if path.is_file() and "deep" not in path.name)
    assert len(bombs) > 30
    for path in bombs:
        feed = parse_isolated(path.read_bytes(), "application/rss+xml", URL)
        assert all(len(item.title) + len(item.text) < 2000 for item in feed.items), path.name
        assert not any("root:" in item.text or "root:" in item.title for item in feed.items)
    assert psutil.Process().memory_info().rss - before < 50 << 20


@pytest.mark.parametrize(
    ("parser", "body", "reason"),
    [
        (ParserProcess(seconds=1), rss("<item><description>" + "<b>" * 50_000 + "</item>"), "time"),
        (
            ParserProcess(seconds=20, memory_bytes=40 << 20),
            rss("<item><description>" + "text " * 1_600_000 + "</description></item>"),
            "memory",
        ),
    ],
)
@pytest.mark.slow
def test_a_feed_too_heavy_ends_its_child_and_the_next_gets_another(parser: ParserProcess, body: bytes, reason: str) -> None:
    good = rss(ITEM.format("<guid>g</guid>"))
    assert parser.parse(good, None, URL) == parse(good, None, URL)
    with pytest.raises(FeedTooHeavy) as raised:
        parser.parse(body, None, URL)
    assert raised.value.reason == reason
    assert parser.parse(good, None, URL) == parse(good, None, URL)
    parser.stop()


def test_a_child_killed_between_two_feeds_is_replaced() -> None:
    parser = ParserProcess()
    good = rss(ITEM.format(""))
    parser.parse(good, None, URL)
    before = set(psutil.Process().children())
    for child in before:
        if "research.parser_child" in child.cmdline():
            child.send_signal(signal.SIGKILL)
    assert len(parser.parse(good, None, URL).items) == 1
    parser.stop()


def test_threads_take_turns() -> None:
    feeds = [rss(ITEM.format(f"<guid>{n}</guid>")) for n in range(40)]
    found: list[str] = []

    def work(part: list[bytes]) -> None:
        found.extend(parse_isolated(body, None, URL).items[0].guid for body in part)

    threads = [threading.Thread(target=work, args=(feeds[at::4],)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found, key=int) == [str(n) for n in range(40)]


FORKED = """
import os, psutil
from research.feed_process import parse_isolated
body = b'<rss version="2.0"><channel><item><guid>g</guid></item></channel></rss>'
assert len(parse_isolated(body, None, "http://a.example/").items) == 1
[first] = psutil.Process().children()
child = os.fork()
if child == 0:
    assert len(parse_isolated(body, None, "http://a.example/").items) == 1
    assert [process.pid for process in psutil.Process().children()] != [first.pid]
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert len(parse_isolated(body, None, "http://a.example/").items) == 1
print(first.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.slow
def test_a_fork_has_its_own_child_and_a_child_ends_with_its_parent() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    pid = int(ran.stdout)
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the child outlived its parent")


def test_items_come_through_the_child_unchanged() -> None:
    _, body = min(packed("edgar/getcurrent_pages_00_25.tar.gz"))
    assert parse_isolated(body, None, URL) == parse(body, None, URL)
