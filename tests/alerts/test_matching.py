"""From a reading to alerts, decisions and deliveries: real rows, as the app role."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.scope import every_firm
from accounts.work import State
from alerts.matching import decide_candidates, match_announced
from alerts.models import Alert, AlertRule, Candidate, Decision, Delivery, Step, StreamEvent
from portfolios.models import Issuer
from research.models import Analysis, Announcement, Story
from tests.cast import Cast
from tests.make import make_analysis, make_holding, make_issuer, make_portfolio, make_rule, make_security, make_story

pytestmark = pytest.mark.django_db
FLASH: dict[str, Any] = {"lane": Analysis.Lane.FLASH, "engine": Analysis.Engine.RULES}


@pytest.fixture
def hon_hai(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai", listing="2317 XTAI")


@pytest.fixture
def rule(cast: Cast, hon_hai: Issuer) -> AlertRule:
    portfolio = make_portfolio(cast.firm)
    make_holding(portfolio, make_security(hon_hai), weight=0.041)
    return make_rule(portfolio, [cast.alice, cast.bob], patience_seconds=60, high_impact=0.5)


def announce(analysis: Analysis) -> None:
    match_announced([Announcement.objects.create(firm=analysis.firm, analysis=analysis).pk])


def waiting_story(**fields: Any) -> Story:
    """A story whose full reading is still to come."""
    return make_story("OpenAI and Hon Hai", state=State.WAITING, **fields)


def done_story(**fields: Any) -> Story:
    return make_story("OpenAI and Hon Hai", state=State.DONE, **fields)


def let_patience_end() -> None:
    Candidate.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    decide_candidates(Candidate.objects.values_list("pk", flat=True))


def test_a_full_reading_above_the_rule_alerts_once(rule: AlertRule, hon_hai: Issuer, cast: Cast) -> None:
    analysis = make_analysis(done_story(), {hon_hai: (0.45, 0.35)})
    announce(analysis)
    match_announced([analysis.announcement.pk])
    alert = Alert.objects.get()
    assert (alert.rule, alert.step, alert.status, alert.issuer) == (rule, Step.NOTICE, Alert.Status.CONFIRMED, hon_hai)
    assert (alert.sentiment_score, alert.market_impact_score, alert.weight) == (0.45, 0.35, 0.041)
    sent = set(Delivery.objects.values_list("user", "channel", "step"))
    assert sent == {(user.pk, channel, 1) for user in (cast.alice, cast.bob) for channel in ("screen", "email")}
    assert analysis.announcement.__class__.objects.get().state == State.DONE


@pytest.mark.parametrize(
    ("scores", "gate"),
    [((0.45, 0.29), "impact"), ((0.2, 0.35), "sentiment"), ((0.45, None), "impact"), ((None, 0.35), "sentiment")],
)
def test_below_the_rule_there_is_a_decision_and_no_alert(rule: AlertRule, hon_hai: Issuer, scores: Any, gate: str) -> None:
    announce(make_analysis(done_story(), {hon_hai: scores}))
    assert not Alert.objects.exists()
    assert Decision.objects.order_by("pk").last().gate == gate  # type: ignore[union-attr]
    assert list(Decision.objects.filter(passed=False).values_list("gate", flat=True)) == [gate]


def test_the_reading_is_that_of_the_holding_not_of_the_primary_issuer(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(done_story(), {make_issuer("OpenAI"): (0.9, 0.9), hon_hai: (0.05, 0.1)}))
    assert not Alert.objects.exists()


def test_a_company_that_shares_a_name_alerts_nobody(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(done_story(), {make_issuer("Foxconn Industrial Internet"): (0.9, 0.9)}))
    assert not Alert.objects.exists()
    assert not Decision.objects.exists()


def test_the_flash_reading_waits_for_the_full_one(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(waiting_story(), {hon_hai: (0.5, 0.4)}, **FLASH))
    assert not Alert.objects.exists()
    candidate = Candidate.objects.get()
    assert candidate.next_at - timezone.now() > timedelta(seconds=50)
    decide_candidates([candidate.pk])
    assert not Alert.objects.exists()


def test_a_flash_reading_below_the_rule_is_a_candidate_too(rule: AlertRule, hon_hai: Issuer) -> None:
    story = waiting_story()
    announce(make_analysis(story, {hon_hai: (0.0, None)}, **FLASH))
    assert Candidate.objects.get().state == State.WAITING
    story.finish()
    announce(make_analysis(story, {hon_hai: (0.45, 0.35)}))
    assert Alert.objects.get().status == Alert.Status.CONFIRMED
    assert Candidate.objects.get().state == State.DONE


def test_after_its_patience_the_flash_reading_decides_and_says_so(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(waiting_story(), {hon_hai: (0.5, 0.4)}, **FLASH))
    let_patience_end()
    assert Alert.objects.get().status == Alert.Status.PROVISIONAL


def provisional(hon_hai: Issuer) -> Story:
    story = waiting_story()
    announce(make_analysis(story, {hon_hai: (0.5, 0.4)}, **FLASH))
    let_patience_end()
    story.finish()
    return story


def test_the_full_reading_confirms_in_place(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(provisional(hon_hai), {hon_hai: (0.45, 0.35)}))
    alert = Alert.objects.get()
    assert (alert.status, alert.sentiment_score, alert.analysis.lane) == (Alert.Status.CONFIRMED, 0.45, Analysis.Lane.FULL)
    assert not Delivery.objects.filter(step=Step.CORRECTION).exists()
    assert StreamEvent.objects.filter(kind="alert", object_id=alert.pk, key__contains="settled").count() == 2


@pytest.mark.parametrize(("scores", "words"), [((0.45, 0.1), "no longer holds"), ((-0.6, 0.4), "turned the sign")])
def test_the_full_reading_corrects_once(rule: AlertRule, hon_hai: Issuer, scores: Any, words: str) -> None:
    story = provisional(hon_hai)
    announce(make_analysis(story, {hon_hai: scores}))
    announce(make_analysis(story, {hon_hai: scores}))
    alert = Alert.objects.get()
    assert alert.status == Alert.Status.CORRECTED
    assert words in alert.correction
    assert Delivery.objects.filter(step=Step.CORRECTION, channel="email").count() == 2


def test_a_full_reading_without_the_company_corrects(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(provisional(hon_hai), {make_issuer("OpenAI"): (0.6, 0.5)}))
    alert = Alert.objects.get()
    assert alert.status == Alert.Status.CORRECTED
    assert "no longer finds the company" in alert.correction
    assert Delivery.objects.filter(step=Step.CORRECTION).count() == 4


def test_a_position_sold_since_is_no_correction(rule: AlertRule, hon_hai: Issuer) -> None:
    story = provisional(hon_hai)
    rule.portfolio.holdings.all().delete()
    announce(make_analysis(story, {hon_hai: (0.45, 0.35)}))
    assert not Delivery.objects.filter(step=Step.CORRECTION).exists()


def test_a_changed_story_waits_anew_and_its_quick_reading_corrects_nothing(rule: AlertRule, hon_hai: Issuer) -> None:
    story = done_story()
    announce(make_analysis(story, {hon_hai: (0.1, 0.1)}, **FLASH))
    announce(make_analysis(story, {hon_hai: (0.45, 0.35)}))
    story.state = State.WAITING
    story.save()
    changed = make_analysis(story, {hon_hai: (0.0, 0.1)}, **FLASH)
    announce(changed)
    let_patience_end()
    assert Alert.objects.get().status == Alert.Status.CONFIRMED
    announce(make_analysis(story, {hon_hai: (0.5, 0.6)}, **FLASH))
    let_patience_end()
    assert list(Alert.objects.order_by("step").values_list("step", "status")) == [(1, "confirmed"), (2, "provisional")]


@pytest.mark.parametrize("change", [{"is_active": False}, {"max_age_hours": 0}])
def test_what_a_candidate_waited_for_may_be_over_when_it_is_decided(
    rule: AlertRule, hon_hai: Issuer, change: dict[str, Any]
) -> None:
    announce(make_analysis(waiting_story(), {hon_hai: (0.5, 0.4)}, **FLASH))
    AlertRule.objects.update(**change)
    let_patience_end()
    assert not Alert.objects.exists()
    assert Candidate.objects.get().state == State.DONE


def test_an_alert_is_corrected_however_old_its_story_has_become(rule: AlertRule, hon_hai: Issuer) -> None:
    story = provisional(hon_hai)
    AlertRule.objects.update(max_age_hours=0)
    announce(make_analysis(story, {hon_hai: (0.45, 0.1)}))
    assert Alert.objects.get().status == Alert.Status.CORRECTED


def test_a_later_reading_that_reaches_a_higher_step_alerts_again(rule: AlertRule, hon_hai: Issuer) -> None:
    story = done_story()
    announce(make_analysis(story, {hon_hai: (0.45, 0.35)}))
    announce(make_analysis(story, {hon_hai: (0.45, 0.55)}))
    announce(make_analysis(story, {hon_hai: (0.45, 0.36)}))
    assert list(Alert.objects.order_by("step").values_list("step", flat=True)) == [Step.NOTICE, Step.HIGH]


def test_a_person_with_several_portfolios_gets_one_mail(rule: AlertRule, hon_hai: Issuer, cast: Cast) -> None:
    second = make_portfolio(cast.firm)
    make_holding(second, rule.portfolio.holdings.get().security, weight=0.02)
    make_rule(second, [cast.bob])
    announce(make_analysis(done_story(), {hon_hai: (0.45, 0.35)}))
    assert Alert.objects.count() == 2
    assert Delivery.objects.filter(user=cast.bob, channel="email").count() == 1


def test_a_further_alert_on_what_was_sent_shows_on_open_pages(rule: AlertRule, hon_hai: Issuer, cast: Cast) -> None:
    make_rule(rule.portfolio, [cast.bob], patience_seconds=600)
    announce(make_analysis(waiting_story(), {hon_hai: (0.5, 0.4)}, **FLASH))
    decided_first = Candidate.objects.get(rule=rule)
    Candidate.objects.filter(pk=decided_first.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    decide_candidates([decided_first.pk])
    Delivery.objects.update(state=State.DONE, sent_at=timezone.now())
    let_patience_end()
    assert Delivery.objects.filter(user=cast.bob).count() == 2
    assert StreamEvent.objects.filter(kind="alert", user=cast.bob).get().object_id == Alert.objects.order_by("pk").last().pk  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "make", [lambda: done_story(is_backfill=True), lambda: done_story(published_at=timezone.now() - timedelta(hours=25))]
)
def test_old_news_never_alerts(rule: AlertRule, hon_hai: Issuer, make: Callable[[], Story]) -> None:
    announce(make_analysis(make(), {hon_hai: (0.9, 0.9)}))
    assert not Alert.objects.exists()
    assert not Delivery.objects.exists()


def test_news_dated_in_the_future_is_not_old(rule: AlertRule, hon_hai: Issuer) -> None:
    announce(make_analysis(done_story(published_at=timezone.now() + timedelta(days=400)), {hon_hai: (0.9, 0.4)}))
    assert Alert.objects.count() == 1


def test_a_private_story_alerts_its_firm_alone(rule: AlertRule, hon_hai: Issuer, cast: Cast) -> None:
    theirs = make_portfolio(cast.other_firm)
    make_holding(theirs, rule.portfolio.holdings.get().security, weight=0.2)
    make_rule(theirs, [cast.charlie])
    announce(make_analysis(done_story(firm=cast.other_firm), {hon_hai: (0.45, 0.35)}))
    assert set(Alert.objects.values_list("firm", flat=True)) == {cast.other_firm.pk}
    assert set(StreamEvent.objects.values_list("firm", flat=True)) == {cast.other_firm.pk}


def test_the_cost_depends_on_the_holders_not_on_the_other_rules(
    rule: AlertRule, hon_hai: Issuer, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    stranger = make_security(make_issuer("Stranger"))
    for _ in range(20):
        portfolio = make_portfolio(cast.other_firm)
        make_holding(portfolio, stranger, weight=0.1)
        make_rule(portfolio, [cast.charlie])
    analysis = make_analysis(done_story(), {hon_hai: (0.45, 0.35)})
    with django_assert_max_num_queries(45):
        announce(analysis)
    assert Alert.objects.count() == 1


def test_a_rule_that_cannot_be_matched_is_put_aside_and_silences_nobody_else(
    rule: AlertRule, hon_hai: Issuer, cast: Cast
) -> None:
    theirs = make_portfolio(cast.other_firm)
    make_holding(theirs, rule.portfolio.holdings.get().security, weight=1e300)  # in percent longer than a decision's words
    broken = make_rule(theirs, [cast.charlie])
    announce(make_analysis(done_story(), {hon_hai: (0.45, 0.35)}))
    assert set(Alert.objects.values_list("rule", flat=True)) == {rule.pk}
    assert Announcement.objects.get().state == State.DONE
    for _ in range(3):
        let_patience_end()
    candidate = Candidate.objects.get()
    assert (candidate.rule, candidate.state) == (broken, State.QUARANTINED)
    assert "DataError" in candidate.error


def test_a_switched_off_rule_and_a_person_who_left_hear_nothing(rule: AlertRule, hon_hai: Issuer, cast: Cast) -> None:
    with every_firm():
        cast.bob.is_active = False
        cast.bob.save()
    announce(make_analysis(done_story(), {hon_hai: (0.45, 0.35)}))
    assert set(Delivery.objects.values_list("user", flat=True)) == {cast.alice.pk}
    AlertRule.objects.update(is_active=False)
    announce(make_analysis(done_story(), {hon_hai: (0.45, 0.35)}))
    assert Alert.objects.count() == 1
