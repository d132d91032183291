"""The first page, the privacy page, and the choice of colours."""

import pytest
from django.test import Client

from accounts.models import User
from tests.cast import Cast


@pytest.mark.django_db
def test_a_visitor_sees_a_scored_story_and_the_demo_form(client: Client) -> None:
    response = client.get("/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "OpenAI and Foxconn to co-design" in page
    assert "Sample data" in page
    assert "+0.45" in page
    assert "Moderately positive" in page
    assert 'action="/demo/#demo"' in page


def test_whoever_is_signed_in_goes_on_to_today(alice_client: Client) -> None:
    assert alice_client.get("/")["Location"] == "/today/"


@pytest.mark.django_db
def test_privacy_is_said_to_everybody(client: Client) -> None:
    assert "Your firm’s holdings" in client.get("/privacy/").content.decode()


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
