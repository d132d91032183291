"""From a confirmed request to a trial firm whose administrator is alerted; and what happens when the trial is over."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.invitations import Refused, accept_as_new, path_of
from accounts.models import DemoRequest, Firm, Invitation, Membership, OutgoingMail, User
from accounts.scope import every_firm, firm_scope
from alerts import matching
from alerts.models import Alert, AlertRule, Delivery
from config.provisioning import provision, remove_ended_trials, unwelcomed, welcome
from config.sample import load_sample, point_source, remove_sample
from portfolios.models import FxRate, Holding, Issuer, Portfolio, Price
from research import analysis, feeds, ingest, reading
from research.models import Source, Story
from tests.cast import Cast, signed_in
from tests.make import PASSWORD, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
VISITOR = "dana@asia-fund.example"


@pytest.fixture
def staff(db: None) -> User:
    return make_user("ops@bellwether.example", name="Olu Okafor", is_staff=True, is_superuser=True)


def make_request(**fields: Any) -> DemoRequest:
    return DemoRequest.objects.create(
        **{
            "name": "Dana Diaz",
            "firm_name": "Asia Fund",
            "email": VISITOR,
            "email_key": VISITOR,
            "consented_at": timezone.now(),
            "confirmed_at": timezone.now(),
            "status": DemoRequest.Status.NEW,
            **fields,
        }
    )


@pytest.fixture
def trial(staff: User) -> Firm:
    return provision(make_request(), staff)


def joined(firm: Firm) -> User:
    """The invited person, once they have accepted and the step after it was taken."""
    with every_firm():
        invitation = Invitation.objects.get(firm=firm)
    user = accept_as_new(path_of(invitation).split("/")[2], "Dana Diaz", PASSWORD)
    with every_firm():
        waiting = unwelcomed()
    welcome(waiting)
    return user


def test_a_trial_has_a_book_a_rule_a_source_and_an_invitation(trial: Firm) -> None:
    request = DemoRequest.objects.get()
    assert (request.status, request.trial) == ("provisioned", trial)
    assert trial.name == "Asia Fund"
    assert trial.trial_ends_at is not None
    assert timedelta(days=29) < trial.trial_ends_at - timezone.now() < timedelta(days=31)
    assert not trial.is_sample
    with firm_scope(trial):
        [portfolio] = Portfolio.objects.of(trial)
        assert portfolio.slug == "asia-hardware-ai"
        assert portfolio.nav is not None
        assert AlertRule.objects.get().portfolio == portfolio
        assert Source.objects.get().is_sample
        invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role) == (VISITOR, Membership.Role.ADMINISTRATOR)
    assert OutgoingMail.objects.get().to == VISITOR


def test_provisioning_twice_gives_the_same_firm_and_one_mail(trial: Firm, staff: User) -> None:
    assert provision(DemoRequest.objects.get(), staff) == trial
    assert Firm.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


def test_an_unconfirmed_request_gets_nothing(staff: User) -> None:
    request = make_request(confirmed_at=None, status=DemoRequest.Status.UNCONFIRMED)
    with pytest.raises(Refused):
        provision(request, staff)
    assert not Firm.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_somebody_who_works_in_a_firm_here_gets_no_second_one(cast: Cast, staff: User) -> None:
    request = make_request(email=cast.alice.email)
    with pytest.raises(Refused, match="No trial was made"):
        provision(request, staff)
    assert Firm.objects.count() == 2
    request.refresh_from_db()
    assert request.status == DemoRequest.Status.NEW


def test_staff_provision_from_the_queue(staff: User) -> None:
    confirmed, unconfirmed = make_request(), make_request(email="x@y.example", confirmed_at=None)
    client = signed_in(staff)
    chosen = {"action": "provision_trials", "_selected_action": [confirmed.pk, unconfirmed.pk]}
    for _ in range(2):
        response = client.post(reverse("admin:accounts_demorequest_changelist"), chosen)
        said = " ".join(str(message) for message in get_messages(response.wsgi_request))
        assert "was not confirmed" in said
        assert ("was sent the invitation" in said) or ("had a trial already" in said)
    assert Firm.objects.get().demo_request == confirmed
    assert OutgoingMail.objects.get().to == VISITOR


def test_whoever_accepts_starts_the_news_and_hears_of_it(trial: Firm) -> None:
    user = joined(trial)
    assert trial.sample_started_at is None
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.get("/today/").status_code == 200
    started_at = Firm.objects.get().sample_started_at
    assert started_at is not None
    Firm.objects.update(sample_started_at=started_at - timedelta(seconds=10))
    release(trial)
    with firm_scope(trial):
        assert Alert.objects.filter(issuer__slug="hon-hai").exists()
        assert set(Delivery.objects.values_list("user__email", flat=True)) == {VISITOR}


def release(firm: Firm) -> None:
    """What the firm's own feed shows now, through the steps of the pipeline."""
    with every_firm():
        source = Source.objects.of(firm).get()
    address = urlsplit(source.url)
    content = Client().get(f"{address.path}?{address.query}").content
    read = reading.read_articles(ingest.store(source, feeds.parse(content, None, source.url).items).new)
    full = [analysis.analyse(story) for story in read.stories]
    matching.match_announced([*read.announcements, *(announced for announced in full if announced)])


@pytest.mark.slow
def test_a_trial_has_its_own_clock(trial: Firm) -> None:
    load_sample()
    with every_firm():
        source = Source.objects.of(trial).get()
    address = urlsplit(source.url)
    own = f"{address.path}?{address.query}"
    Firm.objects.filter(is_sample=True).update(sample_started_at=timezone.now() - timedelta(hours=1))
    assert Client().get("/sample/feed.xml").content.count(b"<item>") > 1
    assert b"<item>" not in Client().get(own).content
    Firm.objects.filter(pk=trial.pk).update(sample_started_at=timezone.now() - timedelta(seconds=10))
    assert Client().get(own).content.count(b"<item>") == 1
    for forged in (own[:-1] + ("A" if own[-1] != "A" else "B"), f"{address.path}?firm={trial.pk}", f"{address.path}?firm="):
        assert Client().get(forged).status_code == 404


@pytest.mark.slow
def test_a_trial_source_follows_our_address(trial: Firm, settings: Any) -> None:
    settings.BASE_URL = "http://localhost:8123"
    load_sample()
    with every_firm():
        assert {source.url.split("/sample/")[0] for source in Source.objects.all()} == {"http://localhost:8123"}
        point_source(trial)
        assert Source.objects.of(trial).count() == 1


def test_a_rule_that_tells_nobody_on_purpose_of_another_firm_stays_so(cast: Cast) -> None:
    with every_firm():
        rule = AlertRule.objects.create(
            firm=cast.firm, name="Quiet", portfolio=Portfolio.objects.create(firm=cast.firm, slug="p", name="P")
        )
        make_member(cast.firm, Membership.Role.ADMINISTRATOR)
        welcome(list(Membership.objects.values_list("pk", flat=True)))
        assert not rule.recipients.exists()


@pytest.mark.slow
def test_removing_the_sample_leaves_trials_whole(trial: Firm) -> None:
    joined(trial)
    Firm.objects.update(sample_started_at=timezone.now() - timedelta(hours=1))
    release(trial)
    load_sample()
    with firm_scope(trial):
        before = {model: model._default_manager.of(trial).count() for model in (Holding, Story, Alert, AlertRule, Source)}
        held = set(Holding.objects.values_list("security", flat=True))
    assert before[Story] == 12
    assert before[Alert] > 0
    remove_sample()
    with firm_scope(trial):
        assert {model: model._default_manager.of(trial).count() for model in before} == before
        assert Issuer.objects.filter(slug="hon-hai").exists()
        assert set(Price.objects.values_list("listing__security", flat=True)) == held
    assert FxRate.objects.exists()
    assert Firm.objects.get() == trial


def test_after_its_end_a_trial_is_closed_then_removed(trial: Firm) -> None:
    user = joined(trial)
    client = signed_in(user)
    assert client.get("/today/").status_code == 200
    Firm.objects.update(trial_ends_at=timezone.now() - timedelta(minutes=1))
    page = client.get("/portfolios/")
    assert page.status_code == 403
    assert "The trial of Asia Fund is over" in page.content.decode()
    assert client.post(reverse("account_logout")).status_code == 302
    assert remove_ended_trials() == 0
    Firm.objects.update(trial_ends_at=timezone.now() - timedelta(days=30, minutes=1))
    assert remove_ended_trials() == 1
    assert not Firm.objects.exists()
    assert not User.objects.filter(email=VISITOR).exists()
    with every_firm():
        assert not Holding.objects.exists()
    assert DemoRequest.objects.get().trial is None


def test_a_firm_that_went_on_is_never_removed(trial: Firm) -> None:
    Firm.objects.update(trial_ends_at=None, created_at=timezone.now() - timedelta(days=900))
    assert remove_ended_trials() == 0
    assert Firm.objects.count() == 1
