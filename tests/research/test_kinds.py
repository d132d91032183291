"""What a reader is told of a story that reports no event, wherever it is listed, at no further query."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.scope import every_firm
from portfolios.models import Issuer
from research.published import publish
from tests.cast import Cast
from tests.make import (
    make_analysis,
    make_article,
    make_holding,
    make_issuer,
    make_portfolio,
    make_security,
    make_story,
    make_user,
)

pytestmark = pytest.mark.django_db
NOTICE = "Hon Hai reports transactions under its share buyback programme"
TAG = '<span class="c-tag" >Routine notice</span>'


@pytest.fixture
def hon_hai(cast: Cast, across_firms: None) -> Issuer:
    """Held by Alice's firm."""
    issuer = make_issuer("Hon Hai", slug="hon-hai")
    make_holding(make_portfolio(cast.firm), make_security(issuer), weight=0.04)
    return issuer


@pytest.fixture
def tell(hon_hai: Issuer) -> Callable[[str], str]:
    """Publishes a story of that title about Hon Hai, and gives its address."""

    def told(title: str) -> str:
        with every_firm():
            story = make_story(title, state="done")
            make_analysis(story, {hon_hai: (0.1, 0.1)})
            publish(story, make_user())
            return story.get_absolute_url()

    return told


def pages_of(story: str) -> list[str]:
    return [story, "/today/", "/companies/hon-hai/", "/news/"]


def test_it_is_marked_on_its_page_and_wherever_it_is_listed(tell: Callable[[str], str], alice_client: Client) -> None:
    report = tell("Hon Hai opens a plant")
    assert not [page for page in pages_of(report) if TAG in alice_client.get(page).content.decode()]
    notice = tell(NOTICE)
    assert [page for page in pages_of(notice) if alice_client.get(page).content.decode().count(TAG) == 1] == pages_of(notice)


def test_the_public_page_marks_it_too(hon_hai: Issuer, client: Client) -> None:
    story = make_story(NOTICE, state="done")
    make_analysis(story, {hon_hai: (0.1, 0.1)})
    assert TAG in client.get(publish(story, make_user()).get_absolute_url()).content.decode()


def test_a_report_that_joins_takes_the_mark_away_but_not_from_the_notice(hon_hai: Issuer, alice_client: Client) -> None:
    story = make_story(NOTICE, state="done")
    make_analysis(story, {hon_hai: (0.1, 0.1)})
    make_article(story=story, title="Hon Hai cancels its buyback")
    page = alice_client.get(story.get_absolute_url()).content.decode()
    assert TAG not in page
    assert page.count("<span>routine notice</span>") == 1


@pytest.mark.parametrize("page", ["/today/", "/companies/hon-hai/"])
def test_lists_take_no_more_queries(page: str, tell: Callable[[str], str], alice_client: Client) -> None:
    def queries(number: int) -> int:
        for n in range(number):
            tell(f"{NOTICE} {n}")
        with CaptureQueriesContext(connection) as seen:
            alice_client.get(page)
        return len(seen)

    queries(1)
    few = queries(1)
    assert queries(4) == few
