"""The public pages: one query once drawn, the same for everybody, corrected at once, and safe whatever stands in a story."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.scope import every_firm
from research import feeds
from research.mentions import document
from research.models import Analysis, Evidence, Story
from research.news_views import PAGE_SIZE
from research.published import publish
from tests.html import faults
from tests.make import make_analysis, make_article, make_issuer, make_source, make_story
from tests.shared_data import shared_lines

pytestmark = pytest.mark.django_db

AT = datetime(2025, 11, 20, 14, 28, tzinfo=UTC)
SECTIONS = {
    "new": "A partnership.",
    "thesis": "More design.",
    "risk": "No order yet.",
    "unspecified": "Prices.",
    "supports": "A design role\nCapacity",
    "against": "No commitment",
    "watch": "A first order",
}
STORY, CARD = "/news/openai-and-foxconn/", "/news/openai-and-foxconn/card.png"
EVERY_ADDRESS = ("/news/", STORY, CARD, "/news/feed.xml", "/sitemap.xml")


def make_seed(
    title: str = "OpenAI and Foxconn", text: str = "They said: co-design in parallel. Nothing else.", **fields: Any
) -> Analysis:
    """A published story of everybody on Hon Hai, with one quote for its summary."""
    hon_hai = make_issuer("Hon Hai", listing="2317 XTAI", currency="TWD")
    openai = make_issuer("OpenAI", is_private=True)
    story = make_story(title, published_at=AT, received_at=AT)
    article = story.articles.get()
    article.text = text
    article.save()
    analysis = make_analysis(story, {hon_hai: (0.45, 0.35), openai: (0.3, None)}, sections=SECTIONS, **fields)
    add_quote(analysis, "co-design in parallel")
    publish(story, None)
    return analysis


def add_quote(analysis: Analysis, words: str, claim: str = "summary") -> Evidence:
    article = analysis.story.articles.get()
    start = document(article.title, article.text).index(words)
    number = analysis.evidence.count() + 1
    place = {"number": number, "claim": claim, "quote": words, "start": start, "end": start + len(words)}
    return Evidence.objects.create(analysis=analysis, firm=analysis.firm, article=article, **place)


@pytest.fixture
def seed() -> Analysis:
    caches["pages"].clear()
    with every_firm():
        return make_seed()


@contextmanager
def rows_asked() -> Iterator[list[str]]:
    """The queries for rows: without those that open and close transactions and name their scope."""
    asked: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield asked
    asked += [query["sql"] for query in captured if not re.match(r"(RELEASE )?SAVEPOINT|SELECT set_config", query["sql"])]


# --- What is on the page.


def test_the_page_has_all_its_parts(seed: Analysis, client: Client) -> None:
    page = client.get(STORY).content.decode()
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
    for expected in (
        "14:28 UTC, 22:28 Taipei",
        "20 Nov 2025",
        "Overall sentiment moderately positive",
        "Sentiment score +0.45",
        "Market impact score 0.35 modest",
        "What is new",
        "Why it matters",
        "Execution risk",
        "Not disclosed",
        "What to weigh",
        "Supports the position",
        "Argues against adding",
        "What to watch",
        "Evidence, quoted from the sources",
        "1 quote matched word for word",
        "How this was scored",
    ):
        assert expected in text, expected
    assert page.count('href="/demo/?story=openai-and-foxconn"') == 2
    assert "holding" not in text.split("Stories like this")[0].lower()


def test_claims_and_quotes_lead_to_each_other(seed: Analysis, client: Client) -> None:
    page = client.get(STORY).content.decode()
    assert page.count('href="#e-1"') == 1
    assert 'id="e-1"' in page
    assert 'href="#c-summary"' in page
    assert 'id="c-summary"' in page
    # Six sections of this story have no quote, and each says so.
    assert page.count("No quote bears this out") == len(SECTIONS)


@pytest.mark.parametrize("is_sample", [True, False])
def test_the_whole_text_is_shown_only_where_it_is_ours(client: Client, is_sample: bool) -> None:
    with every_firm():
        analysis = make_seed(text="They said: co-design in parallel. The rest is theirs.")
        source = analysis.story.articles.get().source
        source.is_sample = is_sample
        source.save()
    page = client.get(STORY).content.decode()
    assert ("The rest is theirs." in page.split("<details")[-1]) is is_sample
    assert ("Sample data" in page) is is_sample
    assert ('href="https://news.example/' in page) is not is_sample
    assert ('href="#s-1"' in page) is is_sample
    assert ('id="s-1"' in page) is is_sample


def test_markup_is_whole(seed: Analysis, client: Client) -> None:
    for url in ("/news/", STORY):
        assert faults(client.get(url).content.decode()) == []


def test_what_previews_and_search_engines_are_told(seed: Analysis, client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://bellwether.example"
    page = client.get(STORY, HTTP_HOST="localhost").content.decode()
    told = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page))
    url = f"https://bellwether.example{STORY}"
    assert f'<link rel="canonical" href="{url}">' in page
    assert (told["og:url"], told["og:type"], told["og:title"]) == (url, "article", "OpenAI and Foxconn")
    assert told["og:image"].startswith(f"{url}card.png?v=")
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:image:alt"] == "Sentiment +0.45, moderately positive; market impact 0.35, modest."
    assert told["description"] == "What happened in OpenAI and Foxconn."
    data = structured(page)
    assert (data["@type"], data["headline"], data["url"]) == ("AnalysisNewsArticle", "OpenAI and Foxconn", url)
    assert data["datePublished"] == AT.isoformat()
    assert {about["name"]: about.get("tickerSymbol") for about in data["about"]} == {"Hon Hai": "XTAI 2317", "OpenAI": None}


def structured(page: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    data: dict[str, Any] = json.loads(block)
    return data


def test_a_list_in_pages(client: Client) -> None:
    caches["pages"].clear()
    assert b"No story has been published yet" in client.get("/news/").content
    with every_firm():
        for number in range(PAGE_SIZE + 1):
            publish(make_analysis(make_story(f"Number {number:02}", received_at=AT + timedelta(days=number))).story, None)
    first, second = (client.get(url).content.decode() for url in ("/news/", "/news/?page=2"))
    assert re.findall(r"Number \d\d</a>", first) == [f"Number {number:02}</a>" for number in range(PAGE_SIZE, 0, -1)]
    assert 'href="/news/?page=2"' in first
    assert re.findall(r"Number \d\d</a>", second) == ["Number 00</a>"]
    newer = re.search(r'<a[^>]*rel="prev"[^>]*>', second)
    assert newer
    assert 'href="/news/"' in newer[0]
    for page in ("3", "0", "-1", "x", "1.5", "²", "9" * 30):
        assert client.get("/news/", {"page": page}).status_code == 404


def test_feed_is_one_that_our_own_reader_reads(seed: Analysis, client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://bellwether.example"
    response = client.get("/news/feed.xml", HTTP_HOST="localhost")
    feed = feeds.parse(response.content, response["Content-Type"], "https://bellwether.example/news/feed.xml")
    assert feed.problems == []
    (item,) = feed.items
    assert (item.title, item.url, item.published_at) == ("OpenAI and Foxconn", f"https://bellwether.example{STORY}", AT)
    assert "Sentiment +0.45, moderately positive" in (item.text or item.html)


def test_sitemap_names_our_own_address_alone(seed: Analysis, client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://bellwether.example"
    root = ET.fromstring(client.get("/sitemap.xml", HTTP_HOST="localhost").content)
    found = [each.text or "" for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"https://bellwether.example{STORY}" in found
    assert all(url.startswith("https://bellwether.example/") for url in found)
    for url in found:
        assert client.get(url.removeprefix("https://bellwether.example")).status_code == 200, url


def test_robots_are_told_where_the_sitemap_is(client: Client) -> None:
    assert "Sitemap: http://localhost:8000/sitemap.xml" in client.get("/robots.txt").content.decode().splitlines()


# --- Fast, and the same for everybody.


@pytest.mark.parametrize("url", EVERY_ADDRESS)
def test_few_queries_at_first_and_one_from_then_on(seed: Analysis, client: Client, url: str) -> None:
    with rows_asked() as cold:
        first = client.get(url)
    with rows_asked() as warm:
        second = client.get(url)
    with rows_asked() as known:
        third = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert len(cold) <= 6
    assert len(warm) == len(known) == 1
    assert first.content == second.content != b""
    assert (third.status_code, third.content, third["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == third["Cache-Control"] == "public, max-age=60"


def test_no_more_queries_for_more_stories(seed: Analysis, client: Client) -> None:
    with every_firm():
        for number in range(5):
            publish(make_analysis(make_story(f"Story {number}")).story, None)
    for url in ("/news/", "/news/feed.xml", "/sitemap.xml"):
        with rows_asked() as asked:
            client.get(url)
        assert len(asked) <= 6


@pytest.mark.parametrize("url", EVERY_ADDRESS)
def test_the_same_for_everybody_and_no_cookie(seed: Analysis, client: Client, alice_client: Client, url: str) -> None:
    visitor, member = client.get(url), alice_client.get(url)
    assert visitor.content == member.content
    for response in (visitor, member):
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies


@pytest.mark.parametrize("url", EVERY_ADDRESS)
def test_only_read(seed: Analysis, client: Client, url: str) -> None:
    head = client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(url).status_code == 405


# --- Corrections.


def editions(client: Client) -> dict[str, str]:
    return {url: client.get(url)["ETag"] for url in EVERY_ADDRESS}


def test_a_correction_is_another_edition_of_everything(seed: Analysis, client: Client) -> None:
    before = editions(client)
    with every_firm():
        make_analysis(seed.story, {seed.primary_issuer: (-0.7, 0.8)}, summary="It was called off.")  # type: ignore[dict-item]
    after = editions(client)
    assert not set(before.values()) & set(after.values())
    page = client.get(STORY, headers={"If-None-Match": before[STORY]})
    assert page.status_code == 200
    assert "It was called off." in page.content.decode()
    assert "strongly negative" in page.content.decode()


def test_while_a_changed_text_waits_for_its_full_reading_the_page_says_so(seed: Analysis, client: Client) -> None:
    with every_firm():
        issuer = seed.primary_issuer
        assert issuer is not None
        make_analysis(seed.story, {issuer: (0.1, None)}, lane=Analysis.Lane.FLASH, engine=Analysis.Engine.RULES, summary="")
    page = client.get(STORY).content.decode()
    assert "A source has changed its text." in page
    assert "More design." not in page
    assert "not measured" in page


def test_a_story_that_reads_nobody_any_more_measures_nothing(seed: Analysis, client: Client) -> None:
    with every_firm():
        make_analysis(seed.story, {}, lane=Analysis.Lane.FLASH, engine=Analysis.Engine.RULES, summary="")
    for url in EVERY_ADDRESS:
        assert client.get(url).status_code == 200
    assert "not measured" in client.get(STORY).content.decode()


# --- Hostile text.


def hostile_page(client: Client, payload: str) -> str:
    with every_firm():
        slug = publish_hostile(payload)
    for url in ("/news/feed.xml", "/sitemap.xml"):
        ET.fromstring(client.get(url).content)
    return client.get(f"/news/{slug}/").content.decode()


def publish_hostile(payload: str) -> str:
    source = make_source(name=payload[:120])
    story = Story.objects.create(title=payload[:500], received_at=AT)
    make_article(source, story, title=payload[:500], text=f"{payload} and words", url=payload[:2000])
    sections = dict.fromkeys(SECTIONS, payload)
    analysis = make_analysis(story, {make_issuer(payload[:160]): (0.2, 0.2)}, summary=payload, sections=sections)
    add_quote(analysis, payload)
    return publish(story, None).slug


ESCAPES = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ settings.SECRET_KEY }}{% load static %}",
    "\u2028\u2029 ]]> &lt;script&gt;",
    "<c-button>x</c-button>",
]


def test_hostile_words_are_words(client: Client) -> None:
    for payloads in (ESCAPES, ESCAPES[::-1]):
        text = " ".join(payloads)
        assert_harmless(hostile_page(client, text), text)


def assert_harmless(page: str, payload: str) -> None:
    found = [fault for fault in faults(page) if not fault.startswith("template syntax") and ": meta has" not in fault]
    assert found == []
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/ld+json">', QUOTES_JS]
    assert structured(page)["headline"] == payload[:110] or len(payload) > 110
    assert not re.search(r'href="(?!https?://|/|#)', page)


QUOTES_JS = '<script type="module" src="/static/js/quotes.js">'


@pytest.mark.slow
def test_the_collection_of_hostile_words(client: Client) -> None:
    """All of them on few pages: each is a line of the summary."""
    payloads = [case["payload"].replace("\x00", "") for case in shared_lines("hostile/xss-html/cases.jsonl")]
    for start in range(0, len(payloads), 200):
        text = "\n".join(payloads[start : start + 200])
        assert_harmless(hostile_page(client, text), text)
