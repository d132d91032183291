"""Every address answers: as a visitor, as somebody signed in, and as staff. And what the installation says of itself."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.scope import every_firm
from research import spending
from research.budget import Caps
from research.models import Article, ModelApproval, Source, Spend
from tests.cast import Cast
from tests.make import make_source, make_story

FOR_EVERYBODY = {"/": 200, "/demo/": 200, "/demo/sent/": 200, "/privacy/": 200, "/sample/feed.xml": 200, "/accounts/login/": 200}
FOR_MEMBERS = ["/today/", "/today/alerts/", "/today/new/", "/alerts/", "/rules/", "/rules/new/", "/portfolios/", "/companies/"]
FOR_MEMBERS += ["/corrections/", "/unknown-names/", "/read/"]


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "status"), FOR_EVERYBODY.items())
def test_a_visitor_sees_what_is_for_everybody(client: Client, url: str, status: int) -> None:
    assert client.get(url).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("url", [*FOR_MEMBERS, "/stories/1/", "/portfolios/any/", "/rules/1/"])
def test_a_visitor_is_asked_to_sign_in_for_the_rest(client: Client, url: str) -> None:
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={url}")


@pytest.mark.parametrize("url", FOR_MEMBERS)
def test_a_member_sees_the_pages_of_their_firm(alice_client: Client, url: str) -> None:
    assert alice_client.get(url).status_code == 200


@pytest.mark.django_db
def test_an_address_that_is_none_leads_on(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert 'href="/"' in response.content.decode()
    assert reverse("alerts:today") not in response.content.decode()


def test_an_address_that_is_none_leads_a_member_to_today(alice_client: Client) -> None:
    response = alice_client.get("/nowhere/")
    assert response.status_code == 404
    assert f'href="{reverse("alerts:today")}"' in response.content.decode()


@pytest.mark.parametrize("url", ["/how-scores-work/", "/privacy/", "/terms/", "/security/", "/.well-known/security.txt"])
def test_what_is_the_same_for_everybody_needs_no_database_and_no_cookie(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["Cache-Control"] == "public, max-age=3600"


def test_programs_find_where_to_report_a_weakness(client: Client, settings: Any) -> None:
    settings.SECURITY_EMAIL = "security@bellwether.example"
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()
    fields = dict(line.split(": ", 1) for line in reversed(lines))
    assert fields["Contact"] == "mailto:security@bellwether.example"
    assert datetime.fromisoformat(fields["Expires"]) > datetime.now(UTC) + timedelta(days=30)


@pytest.mark.django_db
def test_a_policy_goes_with_every_page(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"report-uri {reverse('csp_report')}" in policy


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert (
        client.post("/accounts/signup/", {"email": "a@b.example", "password1": "x" * 14, "password2": "x" * 14}).status_code
        == 200
    )
    assert "invitation" in client.get("/accounts/signup/").content.decode().lower()


@pytest.mark.django_db
def test_staff_sign_in_where_everybody_does(client: Client) -> None:
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/accounts/login/?next=")


# --- /status


def status(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/status")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, json.loads(response.content)


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    code, facts = status(client)
    assert code == 200
    assert facts["status"] == "ok"
    assert facts["database"] is facts["broker"] is True
    assert set(facts["oldest_due_seconds"].values()) == {None}
    assert facts["stale_sources"] == 0


@pytest.mark.django_db
def test_work_that_nobody_takes_up_is_red(client: Client) -> None:
    with every_firm():
        make_story()
        Article.objects.update(next_at=Now() - timedelta(minutes=5))
    code, facts = status(client)
    assert (code, facts["status"]) == (503, "red")
    assert facts["oldest_due_seconds"]["read_articles"] == pytest.approx(300, abs=10)
    assert facts["oldest_due_seconds"]["analyse_story"] < 60


@pytest.mark.django_db
def test_a_person_gets_the_status_in_words(client: Client) -> None:
    with every_firm():
        make_story()
        Article.objects.update(next_at=Now() - timedelta(minutes=5))
    response = client.get("/status", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 503
    page = " ".join(response.content.decode().split())
    assert "Something is wrong" in page
    assert re.search(r"Reading what comes in</th> <td>late: the oldest has waited 30\d s", page)
    assert not response.cookies


@pytest.mark.parametrize(
    ("fields", "is_red"),
    [
        ({"polled_at": Now() - timedelta(minutes=5)}, False),
        ({"polled_at": Now() - timedelta(minutes=20)}, True),
        ({"polled_at": Now() - timedelta(minutes=20), "interval_seconds": 3600}, False),
        ({"polled_at": Now() - timedelta(minutes=20), "is_active": False}, False),
        ({"polled_at": Now() - timedelta(minutes=20), "kind": Source.Kind.PUSH}, False),
        ({"polled_at": None, "failures": 1}, True),
        ({"polled_at": None, "next_at": Now() - timedelta(minutes=20)}, True),
        ({"polled_at": None}, False),
    ],
)
def test_a_source_of_everybody_that_went_quiet_is_red(client: Client, db: None, fields: dict[str, Any], is_red: bool) -> None:
    with every_firm():
        make_source(**fields)
    code, facts = status(client)
    assert (code, facts["stale_sources"]) == ((503, 1) if is_red else (200, 0))


def test_a_firms_own_source_is_its_own_matter(client: Client, cast: Cast) -> None:
    with every_firm():
        make_source(cast.firm, name="Northlake wire", failures=9)
    code, facts = status(client)
    assert code == 200
    assert "Northlake" not in json.dumps(facts)


@pytest.mark.django_db
def test_a_broker_that_is_down_is_red_and_its_address_is_not_told(client: Client, settings: Any, free_port: int) -> None:
    settings.REDIS_URL = f"redis://:hunter2@127.0.0.1:{free_port}/0"
    code, facts = status(client)
    assert (code, facts["broker"]) == (503, False)
    assert "hunter2" not in json.dumps(facts)


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (0, "reads"),
        (82, "reads, 82% of the model’s budget for today is spent"),
        (100, "the model’s budget for today is spent: word rules read"),
    ],
)
def test_a_budget_that_is_nearly_spent_is_told_and_not_red(
    client: Client, db: None, settings: Any, taken: int, words: str
) -> None:
    assert status(client)[1]["model"] == "none is connected"
    settings.MODEL_CONFIGURED, settings.MODEL_CAPS = True, Caps(day_tokens=100)
    with every_firm():
        Spend.objects.create(day=spending.today(), tokens=taken)
    code, facts = status(client)
    assert (code, facts["model"]) == (200, words)
    assert words in " ".join(client.get("/status", headers={"Accept": "text/html"}).content.decode().split())


@pytest.mark.django_db
def test_a_model_that_waits_for_approval_is_told(client: Client, settings: Any) -> None:
    settings.MODEL_CONFIGURED = True
    ModelApproval.objects.create(model="another", prompt_version="0", endpoint="api.example")
    assert status(client)[1]["model"] == "waits for approval: word rules read"


# --- /csp-report/

REPORT = {
    "csp-report": {
        "document-uri": "https://b.example/today/",
        "violated-directive": "img-src",
        "blocked-uri": "https://x.example/p",
    }
}


def report(client: Client, body: bytes) -> int:
    return client.post("/csp-report/", body, content_type="application/csp-report").status_code


@pytest.mark.django_db
def test_a_report_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="config.views"):
        assert report(Client(enforce_csrf_checks=True), json.dumps(REPORT).encode()) == 204
    assert "'violated-directive': 'img-src'" in caplog.text


@pytest.mark.django_db
def test_a_report_cannot_write_lines_of_its_own_into_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    forged = {
        "csp-report": {"blocked-uri": "x\n2026-01-01 ERROR forged", "script-sample": "s" * 5000, "document-uri": "d" * 5000}
    }
    with caplog.at_level(logging.WARNING, logger="config.views"):
        assert report(client, json.dumps(forged).encode()) == 204
    (record,) = [record for record in caplog.records if record.name == "config.views"]
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 1000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "code"), [(b"", 400), (b"[]", 400), (b'{"csp-report": 1}', 400), (b"{", 400), (b"x" * 20_000, 413)]
)
def test_what_is_no_report_is_refused(client: Client, body: bytes, code: int) -> None:
    assert report(client, body) == code
