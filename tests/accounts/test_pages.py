"""The first page, the privacy page, and the choice of colours."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from accounts.scope import every_firm
from portfolios.models import Issuer
from research.published import Published, access_published, publish
from tests.cast import Cast
from tests.make import (
    make_analysis,
    make_firm,
    make_holding,
    make_issuer,
    make_member,
    make_portfolio,
    make_security,
    make_story,
)


@pytest.fixture
def published(db: None) -> Published:
    with every_firm():
        issuer = make_issuer("Hon Hai", listing="2317 XTAI")
        analysis = make_analysis(make_story("A quarter of records"), {issuer: (0.45, 0.35)})
        return access_published(publish(analysis.story, None).slug)


@pytest.mark.django_db
def test_a_visitor_sees_the_newest_published_story_and_the_demo_form(client: Client, published: Published) -> None:
    page = client.get("/").content.decode()
    assert page.count("A quarter of records</a>") == 2
    assert published.get_absolute_url() in page
    assert "+0.45" in page
    assert "Moderately positive" in page
    assert 'action="/demo/"' in page
    assert "Sample data" not in page


@pytest.mark.django_db
def test_a_story_that_is_about_nobody_any_more_gives_way_to_the_next(client: Client, published: Published) -> None:
    with every_firm():
        newer = make_analysis(make_story("About nobody")).story
        publish(newer, None)
        make_analysis(newer, {}, lane="flash")
    page = client.get("/").content.decode()
    assert "About nobody" not in page
    assert "A quarter of records</a>" in page


@pytest.mark.django_db
def test_the_sample_portfolio_is_what_a_visitor_may_look_at(client: Client, published: Published) -> None:
    with every_firm():
        issuer = Issuer.objects.get(name="Hon Hai")
        desk, other = make_firm(is_sample=True), make_firm()
        make_member(desk, Membership.Role.VISITOR)
        make_holding(make_portfolio(desk), make_security(issuer), weight=0.0412)
        make_holding(make_portfolio(other), make_security(issuer), weight=0.0777)
    page = client.get("/").content.decode()
    assert "4.12%" in page
    assert "7.77%" not in page


@pytest.mark.django_db
def test_the_first_page_costs_the_same_however_much_is_published(client: Client, published: Published) -> None:
    client.get("/")
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    with every_firm():
        for _ in range(4):
            publish(make_analysis(make_story()).story, None)
    with CaptureQueriesContext(connection) as several:
        client.get("/")
    assert len(several) == len(one) <= 20


@pytest.mark.django_db
def test_without_a_published_story_there_is_no_preview(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "c-preview" not in page
    assert "An article comes in" in page


def test_whoever_is_signed_in_goes_on_to_today(alice_client: Client) -> None:
    assert alice_client.get("/")["Location"] == "/today/"


def test_a_trial_says_when_it_ends(alice_client: Client, cast: Cast) -> None:
    assert "Trial" not in alice_client.get("/portfolios/").content.decode()
    cast.firm.trial_ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    cast.firm.save()
    page = alice_client.get("/portfolios/").content.decode()
    assert ", ends <time" in page
    assert f'datetime="{cast.firm.trial_ends_at:%Y-%m-%dT%H:%M:%SZ}"' in page


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/rules/?page=2", "/rules/?page=2"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_chosen_theme_is_stored_and_leads_back_to_our_own_page(
    alice_client: Client, cast: Cast, back: str, leads_to: str
) -> None:
    response = alice_client.post("/theme/", {"theme": "dark", "next": back})
    assert (response.status_code, response["Location"]) == (302, leads_to)
    cast.alice.refresh_from_db()
    assert cast.alice.theme == User.Theme.DARK


def test_a_theme_there_is_not_changes_nothing(alice_client: Client, cast: Cast) -> None:
    alice_client.post("/theme/", {"theme": "sepia"})
    cast.alice.refresh_from_db()
    assert cast.alice.theme == User.Theme.SYSTEM


@pytest.mark.django_db
def test_a_visitor_has_no_theme_to_store(client: Client) -> None:
    assert client.post("/theme/", {"theme": "dark"})["Location"].startswith("/accounts/login/")
