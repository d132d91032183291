"""POST /api/articles: who may, what is refused with which words, and that sending twice stores once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiToken
from accounts.scope import every_firm
from research.api import MOST_BYTES
from research.models import Article, ArticleRevision, Source
from tests.cast import Cast

ARTICLE = {
    "title": "Hon Hai opens a plant in Ohio",
    "text": "The company said so.",
    "url": "https://desk.northlake.example/hon-hai?utm_source=mail",
    "source": "Morning note",
    "published_at": "2025-11-20T16:30:00+08:00",
    "language": "en",
}


@pytest.fixture
def key(cast: Cast) -> str:
    with every_firm():
        return ApiToken.issue(cast.firm, "desk feed", cast.alice)[1]


def send(key: str, body: Any, **headers: str) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}", **headers}
    # With the check that a browser's form must pass: programs have no cookie to steal.
    client = Client(enforce_csrf_checks=True)
    sent: Any = {"content_type": "application/json", **headers}
    return cast("HttpResponse", client.generic("POST", "/api/articles", raw, **sent))


def rows(model: type[Any]) -> list[Any]:
    with every_firm():
        return list(model.objects.order_by("pk"))


def test_an_article_is_stored_as_the_firms_own(cast: Cast, key: str) -> None:
    response = send(key, ARTICLE)
    (article,) = rows(Article)
    assert response.status_code == 201
    assert json.loads(response.content) == {"id": article.pk, "state": "stored"}
    assert article.firm_id == cast.firm.pk
    assert (article.title, article.text, article.source_name) == (ARTICLE["title"], ARTICLE["text"], "Morning note")
    assert article.published_at == datetime(2025, 11, 20, 8, 30, tzinfo=UTC)
    assert article.state == "waiting"
    (source,) = rows(Source)
    assert (source.firm_id, source.kind) == (cast.firm.pk, Source.Kind.PUSH)


@pytest.mark.parametrize(
    "again",
    [
        ARTICLE,
        {**ARTICLE, "url": "http://desk.northlake.example/hon-hai"},
        {**ARTICLE, "guid": "of-its-own", "title": "The same by another name"},
    ],
)
def test_sending_it_again_stores_it_once(key: str, again: dict[str, str]) -> None:
    first = json.loads(send(key, ARTICLE).content)
    response = send(key, again)
    assert (response.status_code, json.loads(response.content)) == (200, {"id": first["id"], "state": "known"})
    assert len(rows(Article)) == 1


def test_an_article_without_guid_and_address_is_known_by_what_it_says(key: str) -> None:
    said = {"title": "A note", "body": "Words."}
    first = json.loads(send(key, said).content)
    assert json.loads(send(key, said).content) == {"id": first["id"], "state": "known"}
    assert send(key, {**said, "body": "Other words."}).status_code == 201


def test_a_changed_article_is_a_revision_of_it(key: str) -> None:
    first = json.loads(send(key, {**ARTICLE, "guid": "1"}).content)
    response = send(key, {**ARTICLE, "guid": "1", "text": "The company denied it."})
    assert (response.status_code, json.loads(response.content)) == (200, {"id": first["id"], "state": "revised"})
    assert len(rows(ArticleRevision)) == 1


def test_two_firms_may_send_the_same_article(cast: Cast, key: str) -> None:
    with every_firm():
        theirs = ApiToken.issue(cast.other_firm, "theirs")[1]
    assert send(key, ARTICLE).status_code == send(theirs, ARTICLE).status_code == 201
    assert {article.firm_id for article in rows(Article)} == {cast.firm.pk, cast.other_firm.pk}


def test_markup_is_read_as_a_reader_would(key: str) -> None:
    send(key, {"title": "A note", "html": "<p>Seen.</p><p style='display:none'>Buy now</p><script>alert(1)</script>"})
    assert rows(Article)[0].text == "Seen."


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": None}, "title"),
        ({"title": " "}, "title"),
        ({"title": "\u200b"}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"title": "one\ntwo"}, "title"),
        ({"titel": "A note"}, "titel"),
        ({"url": "ftp://desk.example/a"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": 7}, "url"),
        ({"published_at": "yesterday"}, "published_at"),
        ({"published_at": "2025-11-20T16:30:00"}, "published_at"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "published_at"),
        ({"language": "English, mostly"}, "language"),
        ({"guid": "a\x00b"}, "guid"),
        ({"source": "y" * 121}, "source"),
    ],
)
def test_what_is_wrong_is_named(key: str, changed: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in {"title": "A note", **changed}.items() if value is not None}
    response = send(key, body)
    answer = json.loads(response.content)
    assert response.status_code == 422
    assert [problem["field"] for problem in answer["fields"]] == [field]
    assert answer["fields"][0]["reason"]
    assert rows(Article) == []


@pytest.mark.parametrize("body", [b"", b"{", b"title=x", b'{"title": "\\ud800"}', b"\xff\xfe", b"[" * 5000])
def test_what_is_no_json_is_said_to_be(key: str, body: bytes) -> None:
    response = send(key, body)
    assert response.status_code == 400
    assert "no JSON" in json.loads(response.content)["error"]


def test_a_list_is_no_article(key: str) -> None:
    assert json.loads(send(key, [ARTICLE]).content)["fields"][0]["field"] == "body"


def test_a_large_article_is_taken_and_a_larger_one_refused(key: str) -> None:
    room = MOST_BYTES - len(json.dumps({"title": "A note", "text": ""}))
    assert send(key, {"title": "A note", "text": "a" * room}).status_code == 201
    response = send(key, {"title": "Another", "text": "a" * room})
    assert response.status_code == 413
    assert str(MOST_BYTES) in json.loads(response.content)["error"]


def test_characters_that_the_database_refuses_are_no_error(key: str) -> None:
    assert send(key, {"title": "A\u00a0note", "text": "one\x00two\ufffe"}).status_code == 201
    assert rows(Article)[0].text == "onetwo"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer bw_wrong", "Basic YTpi", "bw_wrong"])
def test_a_wrong_key_is_refused(key: str, header: str) -> None:
    response = send(key, ARTICLE, HTTP_AUTHORIZATION=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert rows(Article) == []


@pytest.mark.parametrize(
    "changed", [{"revoked_at": datetime(2025, 1, 1, tzinfo=UTC)}, {"expires_at": datetime(2025, 1, 1, tzinfo=UTC)}]
)
def test_a_key_that_has_ended_is_refused(key: str, changed: dict[str, Any]) -> None:
    with every_firm():
        ApiToken.objects.update(**changed)
    assert send(key, ARTICLE).status_code == 401


def test_only_a_key_opens_it_and_only_post(alice_client: Client) -> None:
    assert alice_client.post("/api/articles", ARTICLE, content_type="application/json").status_code == 401
    assert alice_client.get("/api/articles").status_code == 405


def test_a_browser_of_another_firm_changes_nothing_about_whose_key_it_is(charlie_client: Client, cast: Cast, key: str) -> None:
    response = charlie_client.post(
        "/api/articles", ARTICLE, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    assert response.status_code == 201
    assert rows(Article)[0].firm_id == cast.firm.pk


def test_the_last_use_is_noted_once_a_minute(key: str) -> None:
    send(key, ARTICLE)
    first = rows(ApiToken)[0].last_used_at
    assert first is not None
    send(key, ARTICLE)
    assert rows(ApiToken)[0].last_used_at == first
    with every_firm():
        ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    send(key, ARTICLE)
    assert rows(ApiToken)[0].last_used_at >= first


def test_the_key_itself_is_kept_nowhere(key: str) -> None:
    (token,) = rows(ApiToken)
    assert key not in [str(value) for value in vars(token).values()]
    assert token.digest == ApiToken.digest_of(key)
