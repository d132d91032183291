"""A story for which no model is asked goes on with its quick reading at once, says why, and is asked for when the gate opens."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now
from django.test import Client

from accounts.work import State
from alerts.matching import match_announced
from alerts.models import Alert, AlertRule, Candidate
from portfolios.models import Issuer
from research import approvals, gating, llm, spending
from research.analysis import analyse
from research.budget import Caps
from research.models import Announcement, FirmBudget, ModelApproval, Spend, Story
from research.reading import read_articles
from tests.cast import Cast
from tests.make import make_article, make_firm, make_holding, make_issuer, make_portfolio, make_rule, make_security, make_source
from tests.model_server import ModelServer

pytestmark = pytest.mark.django_db
TITLE = "Foxconn surges after record profit beats forecasts"
SPENT = Caps(day_tokens=0)


@pytest.fixture
def model(settings: LazySettings) -> Iterator[ModelServer]:
    llm.forget_dialects()
    with ModelServer() as server:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY, settings.MODEL_CONFIGURED = server.url, "sk-canary", True
        yield server


@pytest.fixture
def hon_hai(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai", slug="hon-hai", aliases=["Foxconn"], listing="2317 XTAI")


@pytest.fixture
def rule(cast: Cast, hon_hai: Issuer) -> AlertRule:
    portfolio = make_portfolio(cast.firm)
    make_holding(portfolio, make_security(hon_hai), price=10, weight=0.05)
    return make_rule(portfolio, [cast.alice], patience_seconds=600, min_impact=0.0, min_sentiment=0.0)


def arrived(title: str = TITLE, **fields: Any) -> Story:
    article = make_article(make_source(**fields), title=title, text=f"{title}. Nobody said more.")
    read = read_articles([article.pk])
    match_announced(read.announcements)
    article.refresh_from_db()
    assert article.story is not None
    return article.story


def due_announcements() -> list[int]:
    return list(Announcement.objects.due().values_list("pk", flat=True))


def test_its_rules_decide_at_once_and_the_reason_is_shown(
    rule: AlertRule, model: ModelServer, settings: LazySettings, alice_client: Client
) -> None:
    settings.MODEL_CAPS = SPENT
    story = arrived()
    assert Candidate.objects.get().state == State.WAITING
    assert analyse(story.pk) is None
    assert model.requests == []
    match_announced(due_announcements())
    alert = Alert.objects.get()
    assert alert.status == Alert.Status.PROVISIONAL
    assert Candidate.objects.get().state == State.DONE
    story.refresh_from_db()
    assert (story.is_gated, story.error) == (True, "The model’s budget for today is spent: read by word rules.")
    page = alice_client.get(story.get_absolute_url()).content.decode()
    assert "no model has read this story. The model’s budget for today is spent: read by word rules." in " ".join(page.split())
    today = " ".join(alice_client.get("/today/").content.decode().split())
    assert "Budget spent: quick score" in today
    assert "The model’s budget for today (UTC) is spent: new stories are read by word rules." in today
    assert "No model was asked: quick score" in today


def test_when_the_limit_is_raised_it_is_read_and_the_alert_is_confirmed(
    rule: AlertRule, model: ModelServer, settings: LazySettings
) -> None:
    settings.MODEL_CAPS = SPENT
    story = arrived()
    analyse(story.pk)
    match_announced(due_announcements())
    assert gating.ask_again() == []
    settings.MODEL_CAPS = Caps(day_tokens=10**6)
    assert gating.ask_again() == [story.pk]
    assert gating.ask_again() == []
    announcement = analyse(story.pk)
    assert announcement
    match_announced([announcement])
    story.refresh_from_db()
    assert (story.state, story.gated_by, story.error) == (State.DONE, "", "")
    assert Alert.objects.get().status in {Alert.Status.CONFIRMED, Alert.Status.CORRECTED}


def test_a_new_day_asks_again_for_a_few_of_the_last_hours_by_weight_and_keeps_most_of_its_budget(
    hon_hai: Issuer, model: ModelServer, settings: LazySettings
) -> None:
    settings.MODEL_CAPS = SPENT
    heavy, light, old = (
        arrived(),
        arrived("Dock workers at Hon Hai strike in Rotterdam over night shifts"),
        arrived("A court in Lima hears why Foxconn patents lapsed"),
    )
    for story in (heavy, light, old):
        analyse(story.pk)
    assert Story.objects.live().count() == 3
    main = {story.pk: story.current_analysis.primary_reading for story in Story.objects.all() if story.current_analysis}
    for story, impact in ((heavy, 0.9), (light, 0.1)):
        reading = main[story.pk]
        assert reading is not None
        type(reading).objects.filter(pk=reading.pk).update(market_impact_score=impact)
    Story.objects.filter(pk=old.pk).update(received_at=Now() - timedelta(hours=13))
    settings.MODEL_CAPS = Caps(day_tokens=1000)
    Spend.objects.update_or_create(firm=None, day=spending.today(), defaults={"tokens": 250})
    assert gating.ask_again() == []  # a quarter is gone
    Spend.objects.update(tokens=249)
    assert gating.ask_again() == [heavy.pk, light.pk]


def test_a_firm_whose_gate_is_shut_does_not_keep_the_others_waiting(
    cast: Cast, hon_hai: Issuer, model: ModelServer, settings: LazySettings
) -> None:
    FirmBudget.objects.create(firm=cast.firm, daily_cost=Decimal(0))
    own, everybodys = arrived(firm=cast.firm), arrived("Dock workers at Hon Hai strike in Rotterdam over night shifts")
    analyse(own.pk)
    own.refresh_from_db()
    assert own.error == "Your firm’s budget for the model for today is spent: read by word rules."
    assert analyse(everybodys.pk)
    settings.MODEL_CAPS = SPENT
    other = arrived("A court in Lima hears why Foxconn patents lapsed", firm=make_firm())
    analyse(other.pk)
    settings.MODEL_CAPS = Caps()
    assert gating.ask_again() == [other.pk]


def test_the_first_pair_approves_itself_and_another_waits_for_somebody(
    cast: Cast, hon_hai: Issuer, model: ModelServer, settings: LazySettings
) -> None:
    assert approvals.is_approved()
    assert analyse(arrived().pk)
    first = ModelApproval.objects.get()
    assert (first.model, first.prompt_version, first.endpoint) == ("gpt-4o-mini", llm.prompt_version(), "127.0.0.1")
    assert (first.note, first.approved_by) == ("first start", None)
    settings.OPENAI_MODEL = "another"
    story = arrived("Dock workers at Hon Hai strike in Rotterdam over night shifts")
    assert analyse(story.pk) is None
    story.refresh_from_db()
    assert story.gated_by == "approval"
    assert story.error == f"another with prompt {llm.prompt_version()} is not approved yet: read by word rules until it is."
    assert gating.ask_again() == []
    assert list(gating.what_is_shut(cast.firm)) == [
        "The model or its prompt has changed and is not approved yet: new stories are read by word rules."
    ]
    approvals.approve(cast.bob, "Compared on 200 stories.")
    assert list(gating.what_is_shut(cast.firm)) == []
    assert gating.ask_again() == [story.pk]
    assert analyse(story.pk)
    settings.OPENAI_MODEL = "gpt-4o-mini"
    assert approvals.is_approved()  # what was approved once may be gone back to
