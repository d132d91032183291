"""What is added to a story that was read is never silent, whatever keeps the model from it; a pasted text always is."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import Membership
from alerts.matching import match_announced
from alerts.models import Alert, AlertRule, Candidate
from portfolios.models import Issuer
from research import llm, read_this
from research.analysis import analyse
from research.budget import Caps
from research.endpoint import _digest
from research.models import Analysis, Announcement, Article, ModelEndpoint, Source, Story
from research.quick_readings import MOST_A_DAY
from research.reading import read_articles
from tests.cast import Cast
from tests.make import (
    make_analysis,
    make_article,
    make_holding,
    make_issuer,
    make_portfolio,
    make_rule,
    make_security,
    make_source,
)
from tests.model_server import Answer, ModelServer, Reply

pytestmark = pytest.mark.django_db
TITLE = "Hon Hai to build a plant for electric buses in Ohio"
TEXT = "Hon Hai said on Monday that it will build a plant in Ohio. It expects to open it in the autumn."
GRAVE = (
    f"{TITLE}, but files for bankruptcy protection",
    "Hon Hai said on Monday that it will build a plant in Ohio. Hon Hai filed for bankruptcy protection and its shares plunge "
    "62 percent as it defaults on 4.7 billion dollars of debt.",
)


@pytest.fixture
def model(settings: LazySettings) -> Iterator[ModelServer]:
    llm.forget_dialects()
    with ModelServer() as server:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY, settings.MODEL_CONFIGURED = server.url, "sk-canary", True
        yield server


@pytest.fixture
def issuer(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai", slug="hon-hai", listing="2317 XTAI")


@pytest.fixture
def rule(cast: Cast, issuer: Issuer) -> AlertRule:
    holding = make_holding(make_portfolio(cast.firm), make_security(issuer), price=10, weight=0.05)
    return make_rule(holding.portfolio, [cast.alice], patience_seconds=600, min_impact=0.3, min_sentiment=0.0)


def modest(reply: Reply) -> str:
    for reading in reply["issuers"]:
        reading["market_impact"] = 0.05
    return json.dumps(reply)


def arrive(title: str, text: str, source: Source, minutes_ago: int = 0) -> Article:
    article = make_article(source, title=title, text=text, received_at=timezone.now() - timedelta(minutes=minutes_ago))
    match_announced(read_articles([article.pk]).announcements)
    article.refresh_from_db()
    return article


def read_in_full(source: Source, model: ModelServer) -> Story:
    """A story that a model has read, and that no rule fired on."""
    model.script([Answer(mutate=modest)])
    story = arrive(TITLE, TEXT, source, minutes_ago=5).story
    assert story is not None
    match_announced([pk for pk in [analyse(story.pk)] if pk])
    assert not Alert.objects.exists()
    story.refresh_from_db()
    return story


@pytest.mark.parametrize("why", ["rights", "budget", "often", "circuit"])
def test_grave_news_of_a_story_that_was_read_reaches_the_rules(
    why: str, issuer: Issuer, rule: AlertRule, model: ModelServer, settings: LazySettings
) -> None:
    story = read_in_full(make_source(), model)
    if why == "budget":
        settings.MODEL_CAPS = Caps(day_tokens=0)
    if why == "circuit":
        later = timezone.now() + timedelta(hours=9)
        ModelEndpoint.objects.update(opened_at=timezone.now(), probe_at=later, kind="quota", reason="spent", key_digest=_digest())
    for _ in range(MOST_A_DAY if why == "often" else 0):
        make_analysis(story, {issuer: (0.1, 0.05)})
    rights = Source.Rights.SHOW if why == "rights" else Source.Rights.READ
    assert arrive(*GRAVE, make_source(rights=rights)).story == story
    if why in {"budget", "circuit"}:
        assert not Candidate.objects.filter(state="waiting").exists()  # the full reading may still come
        Story.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        assert analyse(story.pk) is None
    match_announced(list(Announcement.objects.due().values_list("pk", flat=True)))
    assert Alert.objects.exists() or Candidate.objects.filter(state="waiting").exists()
    story.refresh_from_db()
    assert story.current_analysis is not None
    assert story.current_analysis.lane == Analysis.Lane.FLASH


def test_what_is_told_meanwhile_is_told_once(issuer: Issuer, rule: AlertRule, model: ModelServer, settings: LazySettings) -> None:
    story = read_in_full(make_source(), model)
    arrive(*GRAVE, make_source())
    model.script([Answer(status=500)] * 9)
    for _ in range(3):
        Story.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        assert analyse(story.pk) is None
    assert list(story.analyses.order_by("version").values_list("lane", flat=True)) == ["flash", "full", "flash"]


@pytest.mark.parametrize("is_read", [True, False])
def test_a_pasted_text_joins_nothing_and_alerts_nobody(
    is_read: bool, cast: Cast, rule: AlertRule, model: ModelServer, settings: LazySettings
) -> None:
    settings.MODEL_CONFIGURED = is_read
    own = make_source(cast.firm)
    story = read_in_full(own, model) if is_read else arrive(TITLE, "It was said on Monday.", own, minutes_ago=5).story
    Alert.objects.all().delete()
    request = read_this.ask_for_text(Membership.objects.get(user=cast.alice), *GRAVE)
    assert request.article is not None
    match_announced(read_articles([request.article.pk]).announcements)
    pasted = Article.objects.get(pk=request.article.pk).story
    assert pasted is not None
    assert pasted != story
    if is_read:
        match_announced([pk for pk in [analyse(pasted.pk)] if pk])
    assert not Alert.objects.exists()
    assert arrive(*GRAVE, own).story == story  # and nothing joins it
