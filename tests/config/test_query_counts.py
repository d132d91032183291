"""Lists ask the database as often for many rows as for few, whatever they say about each."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Invitation, Membership
from accounts.scope import every_firm
from alerts.models import AlertRule
from portfolios.models import Issuer, Portfolio, Upload
from research.models import Evidence, Mention, ReadRequest, Story
from research.published import publish
from tests.browser.scene import alert_on
from tests.cast import Cast, just_signed_in
from tests.make import (
    make_analysis,
    make_article,
    make_holding,
    make_issuer,
    make_member,
    make_portfolio,
    make_reading,
    make_rule,
    make_security,
    make_story,
    make_user,
)

pytestmark = pytest.mark.slow
FEW, MANY = 2, 4
OPEN_PAGES = ("/", "/news/", "/news/feed.xml", "/sitemap.xml")
PAGES = (
    "/today/",
    "/today/alerts/",
    "/today/new/",
    "/alerts/",
    "/rules/",
    "/rules/new/",
    "/portfolios/",
    "/portfolios/growing/",
    "/read/",
    "/team/",
)


def add_to(book: Portfolio, story: Story, cast: Cast, number: int) -> None:
    """One more of everything that a list could show: in the portfolio, on the story, of the firm, and of everybody."""
    issuer = make_issuer(f"Holding {number}", listing=f"H{number} XNAS")
    holding = make_holding(book, make_security(issuer), price=10, weight=0.05)
    other = make_portfolio(cast.firm, name=f"Book {number}", slug=f"book-{number}", cash={"USD": 100, "EUR": 100})
    rule = make_rule(other, [make_member(cast.firm, name=f"Member {number}").user, cast.bob])
    holding_of_other = make_holding(other, holding.security, weight=0.1)
    for held, by in ((holding, AlertRule.objects.get(portfolio=book)), (holding_of_other, rule)):
        news = make_analysis(make_story(f"News {number} for {held.portfolio.name}", state="done"), {issuer: (0.5, 0.6)})
        alert_on(news, held, by, 0.5, 0.6)
        publish(news.story, cast.bob)
    _add_to_story(story, issuer, number)
    ReadRequest.objects.create(firm=cast.firm, made_by=cast.bob, url="https://news.example/", article=news.story.articles.get())
    Upload.objects.create(firm=cast.firm, portfolio=book, name=f"{number}.csv", data=b"ticker,mic,quantity\nH0,XNAS,5\n")
    Invitation.objects.create(
        firm=cast.firm,
        email=f"{number}@example.com",
        role=Membership.Role.ANALYST,
        invited_by=cast.bob,
        expires_at=datetime.now(UTC),
    )


def _add_to_story(story: Story, issuer: Issuer, number: int) -> None:
    article = make_article(story=story, text=f"Words {number}.")
    Mention.objects.create(
        article=article,
        issuer=issuer,
        relevance=90,
        tier="primary",
        in_headline=True,
        words="x",
        resolved_by="name",
        confidence=1,
    )
    analysis = story.current_analysis
    assert analysis
    make_reading(analysis, issuer, 0.5, 0.4)
    Evidence.objects.create(analysis=analysis, article=article, number=number, claim="summary", quote="Words", start=0, end=5)


def queries(client: Client, url: str) -> int:
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200, url
    return len(captured)


@pytest.fixture
def book(cast: Cast) -> Portfolio:
    with every_firm():
        book = make_portfolio(cast.firm, slug="growing")
        make_rule(book, [cast.bob])
        return book


def counts_while_growing(cast: Cast, book: Portfolio, story: Story, pages: dict[str, Client]) -> list[dict[str, int]]:
    """How many queries each page makes with few rows of each kind, and with many."""
    counts = []
    for numbers in (range(1, FEW + 1), range(FEW + 1, MANY + 1)):
        with every_firm():
            for number in numbers:
                add_to(book, story, cast, number)
        counts.append({url: queries(client, url) for url, client in pages.items()})
    return counts


def test_lists_of_members_and_visitors(cast: Cast, book: Portfolio) -> None:
    with every_firm():
        story = make_analysis(make_story("Growing", state="done"), {}).story
        Membership.objects.filter(user=cast.bob).update(role=Membership.Role.ADMINISTRATOR)  # who sees the team as well
    member, visitor = just_signed_in(cast.bob), Client()
    pages = dict.fromkeys(OPEN_PAGES, visitor) | dict.fromkeys(
        (*PAGES, story.get_absolute_url(), f"{story.get_absolute_url()}versions/1/"), member
    )
    few, many = counts_while_growing(cast, book, story, pages)
    assert many == few


def test_lists_of_the_administration(cast: Cast, book: Portfolio) -> None:
    with every_firm():
        story = make_analysis(make_story("Growing", firm=cast.firm, state="done"), {}).story
    staff = just_signed_in(make_user(is_staff=True, is_superuser=True))
    lists = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]
    few, many = counts_while_growing(cast, book, story, {reverse(name): staff for name in lists})
    assert many == few
