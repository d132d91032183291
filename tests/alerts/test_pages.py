"""Today, alerts and rules through the client, as the people who use them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.scope import every_firm
from alerts.matching import decide_candidates, match_announced
from alerts.models import Alert, AlertReceipt, AlertRule, Candidate, StreamEvent
from portfolios.models import Issuer, Portfolio
from research.affected import effect
from research.models import Announcement
from tests.cast import Cast
from tests.make import make_analysis, make_holding, make_issuer, make_portfolio, make_rule, make_security, make_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(cast: Cast) -> tuple[Portfolio, Issuer]:
    with every_firm():
        issuer = make_issuer("Hon Hai", listing="2317 XTAI")
        portfolio = make_portfolio(cast.firm, name="Asia Hardware")
        make_holding(portfolio, make_security(issuer), weight=0.041)
        make_rule(portfolio, [cast.alice], name="Material news")
    return portfolio, issuer


def tell_of(issuer: Issuer, title: str, sentiment: float = 0.45, impact: float = 0.35) -> None:
    with every_firm():
        analysis = make_analysis(make_story(title, state="done"), {issuer: (sentiment, impact)})
        match_announced([Announcement.objects.create(analysis=analysis).pk])


def test_today_shows_the_stories_of_the_book_and_its_alerts(alice_client: Client, book: tuple[Portfolio, Issuer]) -> None:
    tell_of(book[1], "Hon Hai and OpenAI design racks")
    with every_firm():
        make_analysis(make_story("A stranger's news"), {make_issuer("Stranger"): (0.9, 0.9)})
    page = alice_client.get(reverse("alerts:today"))
    html = page.content.decode()
    assert page.status_code == 200
    assert "Hon Hai and OpenAI design racks" in html
    assert "A stranger's news" not in html
    assert "One story touches your book in the last 24 hours." in html
    assert "4.1%" in html
    assert "+0.45" in html
    assert "Acknowledge" in html


def test_today_costs_the_same_for_three_stories_and_for_thirty(
    alice_client: Client, book: tuple[Portfolio, Issuer], django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in range(30):
        tell_of(book[1], f"Story {number}")
        if number in (2, 29):
            with django_assert_max_num_queries(60) as captured:
                alice_client.get(reverse("alerts:today"))
            counts.append(len(captured))
    assert counts[0] == counts[1] <= 35


@pytest.mark.parametrize(
    "name", ["alerts:today", "alerts:today_alerts", "alerts:today_new", "alerts:alerts", "alerts:rules", "alerts:rule_new"]
)
def test_pages_need_a_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["alerts:today", "alerts:alerts", "alerts:rules"])
def test_a_firm_with_nothing_sees_a_page_that_says_so(charlie_client: Client, book: tuple[Portfolio, Issuer], name: str) -> None:
    tell_of(book[1], "Hon Hai and OpenAI design racks")
    page = charlie_client.get(reverse(name))
    assert page.status_code == 200
    assert "Hon Hai" not in page.content.decode()


def test_acknowledging_is_for_the_firm_and_changes_nothing_twice(
    alice_client: Client, bob_client: Client, charlie_client: Client, book: tuple[Portfolio, Issuer], cast: Cast
) -> None:
    tell_of(book[1], "Hon Hai and OpenAI design racks")
    with every_firm():
        alert = Alert.objects.get()
    url = reverse("alerts:acknowledge", args=[alert.pk])
    assert charlie_client.post(url).status_code == 404
    assert alice_client.post(url, headers={"HX-Request": "true"}).status_code == 200
    with every_firm():
        first = AlertReceipt.objects.get()
    alice_client.post(url)
    with every_firm():
        assert AlertReceipt.objects.get().acknowledged_at == first.acknowledged_at
    assert first.user == cast.alice
    page = bob_client.get(reverse("alerts:alerts")).content.decode()
    assert "Alice Ahn" in page
    with every_firm():
        assert StreamEvent.objects.filter(key__contains="acknowledged").count() == 1, "others hear of it once"


def test_a_rule_is_made_and_reads_as_a_sentence(bob_client: Client, book: tuple[Portfolio, Issuer], cast: Cast) -> None:
    fields = {
        "name": "Large moves",
        "portfolio": book[0].pk,
        "min_impact": "0.4",
        "high_impact": "0.6",
        "critical_impact": "",
        "min_sentiment": "0.5",
        "min_relevance": "60",
        "weight_percent": "2.5",
        "patience_seconds": "30",
        "max_age_hours": "24",
        "recipients": [cast.bob.pk],
        "is_active": "on",
    }
    assert bob_client.post(reverse("alerts:rule_new"), fields).status_code == 302
    with every_firm():
        rule = AlertRule.objects.get(name="Large moves")
        assert (rule.min_weight, list(rule.recipients.all())) == (0.025, [cast.bob])
    page = bob_client.get(reverse("alerts:rules")).content.decode()
    assert "impact ≥ 0.40, sentiment ≥ 0.50 either way, relevance ≥ 60, weight ≥ 2.5%, high from 0.60" in page
    again = bob_client.post(reverse("alerts:rule", args=[rule.pk]), fields | {"high_impact": "0.3"})
    assert again.status_code == 422
    assert "Each step must be above the one before it" in again.content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"min_impact": "5"}, "less than or equal to 1"),
        ({"min_sentiment": "-1"}, "greater than or equal to 0"),
        ({"min_relevance": "101"}, "less than or equal to 100"),
        ({"max_age_hours": "2147483647"}, "less than or equal to 8760"),
        ({"critical_impact": "0.3"}, "above the impact"),
        ({"name": "Material news"}, "a rule of this name"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(
    bob_client: Client, book: tuple[Portfolio, Issuer], cast: Cast, change: dict[str, str], said: str
) -> None:
    fields: dict[str, Any] = {"name": "New", "portfolio": book[0].pk, "min_impact": "0.4", "min_sentiment": "0.5"}
    fields |= {"min_relevance": "60", "weight_percent": "1", "patience_seconds": "30", "max_age_hours": "24"}
    page = bob_client.post(reverse("alerts:rule_new"), fields | {"recipients": [cast.bob.pk]} | change)
    assert page.status_code == 422
    assert said in page.content.decode()


def test_a_rule_takes_no_portfolio_and_no_person_of_another_firm(
    charlie_client: Client, book: tuple[Portfolio, Issuer], cast: Cast
) -> None:
    with every_firm():
        own = make_portfolio(cast.other_firm)
    fields = {"name": "Theirs", "portfolio": own.pk, "min_impact": "0.4", "min_sentiment": "0.5", "min_relevance": "60"}
    fields |= {"weight_percent": "1", "patience_seconds": "30", "max_age_hours": "24", "recipients": [cast.charlie.pk]}
    assert charlie_client.post(reverse("alerts:rule_new"), fields | {"portfolio": book[0].pk}).status_code == 422
    assert charlie_client.post(reverse("alerts:rule_new"), fields | {"recipients": [cast.alice.pk]}).status_code == 422
    assert charlie_client.post(reverse("alerts:rule_new"), fields).status_code == 302


def test_a_story_that_could_not_be_analysed_says_so_wherever_it_shows(
    alice_client: Client, book: tuple[Portfolio, Issuer], cast: Cast
) -> None:
    with every_firm():
        story = make_story("Hon Hai and OpenAI design racks", state="quarantined", error="The model's reply was refused twice.")
        analysis = make_analysis(story, {book[1]: (0.45, 0.35)}, lane="flash", engine="rules", summary="")
        candidate = Candidate.objects.create(firm=cast.firm, rule=AlertRule.objects.get(), story=story)
        decide_candidates([candidate.pk])
        assert Alert.objects.get().analysis == analysis
    today = alice_client.get(reverse("alerts:today")).content.decode()
    assert "Could not be analysed: quick score" in today
    assert ">Provisional<" not in today
    page = alice_client.get(story.get_absolute_url()).content.decode()
    assert "could not be analysed in full. The model&#x27;s reply was refused twice." in " ".join(page.split())


@pytest.mark.parametrize(
    ("sentiment", "is_short", "expected"),
    [
        (0.45, False, "up"),
        (0.45, True, "down"),
        (-0.6, True, "up"),
        (0.149, True, "flat"),
        (-0.15, False, "down"),
        (None, True, "unmeasured"),
    ],
)
def test_what_a_story_does_to_a_position(sentiment: float | None, is_short: bool, expected: str) -> None:
    assert effect(sentiment, is_short=is_short) == expected


def test_a_short_without_a_price_is_still_a_short(cast: Cast, alice_client: Client) -> None:
    with every_firm():
        issuer = make_issuer("Super Micro", listing="SMCI XNAS")
        make_holding(make_portfolio(cast.firm), make_security(issuer), -100, weight=None)
        make_analysis(make_story("Super Micro misses", state="done"), {issuer: (-0.6, 0.5)})
    page = alice_client.get(reverse("alerts:today")).content.decode()
    assert "You are short Super Micro." in page
    assert "works for the position" in page
