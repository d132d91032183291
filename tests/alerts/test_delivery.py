"""Sending: send, then mark, under a lease; over a real SMTP server that is there, is not, or refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.work import State
from alerts.delivery import send_deliveries
from alerts.matching import match_announced
from alerts.models import Delivery, Step, StreamEvent
from config.servers import free_port
from portfolios.models import Issuer
from research.models import Announcement, Story
from tests.cast import Cast
from tests.make import make_analysis, make_holding, make_issuer, make_portfolio, make_rule, make_story
from tests.stack import Mailbox

pytestmark = pytest.mark.django_db
TITLE = "Hon Hai & OpenAI\r\nBcc: everybody@example.com — design “racks” 鴻海"


@pytest.fixture
def hon_hai(across_firms: None, cast: Cast) -> Issuer:
    issuer = make_issuer("Hon Hai", listing="2317 XTAI")
    for weight in (0.041, -0.02):
        portfolio = make_portfolio(cast.firm)
        security = issuer.securities.get()
        make_holding(portfolio, security, 100 if weight > 0 else -100, weight=weight)
        make_rule(portfolio, [cast.alice])
    return issuer


def tell(story: Story, issuer: Issuer, sentiment: float, impact: float) -> None:
    match_announced([Announcement.objects.create(analysis=make_analysis(story, {issuer: (sentiment, impact)})).pk])


def send() -> None:
    Delivery.objects.filter(state=State.WAITING).update(next_at=timezone.now() - timedelta(seconds=1))
    send_deliveries(Delivery.objects.values_list("pk", flat=True))


def mails() -> Any:
    return Delivery.objects.filter(channel="email")


def test_one_mail_for_both_portfolios_says_what_each_holds(mailbox: Mailbox, hon_hai: Issuer, cast: Cast) -> None:
    tell(make_story(TITLE, state=State.DONE), hon_hai, 0.45, 0.35)
    send()
    (mail,) = mailbox.messages
    assert mail["To"] == "Alice Ahn <alice@northlake.example>"
    assert mail["Message-ID"] == f"<{mails().get().key}@bellwether.example>"
    assert mail["Bcc"] is None
    assert mail["Subject"].strip().startswith("2317 TT +0.45: Hon Hai & OpenAI Bcc: everybody")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "4.1%" in text
    assert "short" in text
    assert "2.0%" in text
    assert "Hon Hai &amp; OpenAI" in html
    assert "&amp;" not in text
    assert "<script" not in html
    assert (mails().get().state, mails().get().sent_at is not None) == (State.DONE, True)
    assert StreamEvent.objects.filter(kind="alert", user=cast.alice).count() == 2


def test_what_was_sent_is_not_sent_again(mailbox: Mailbox, hon_hai: Issuer) -> None:
    tell(make_story("Story", state=State.DONE), hon_hai, 0.45, 0.35)
    send()
    send()
    assert len(mailbox.messages) == 1


def test_a_mail_server_that_is_away_is_waited_for_without_end_of_attempts(
    mailbox: Mailbox, hon_hai: Issuer, settings: LazySettings
) -> None:
    there = settings.EMAIL_PORT
    tell(make_story("Story", state=State.DONE), hon_hai, 0.45, 0.35)
    settings.EMAIL_PORT = free_port()
    for _ in range(6):
        send()
    waiting = mails().get()
    assert (waiting.state, waiting.attempts, waiting.deferrals) == (State.WAITING, 0, 6)
    assert "did not take it" in waiting.error
    assert waiting.next_at > timezone.now() + timedelta(seconds=30)
    settings.EMAIL_PORT = there
    send()
    assert [mail["Message-ID"] for mail in mailbox.messages] == [f"<{waiting.key}@bellwether.example>"]


def test_after_a_day_it_is_put_aside_and_says_why(mailbox: Mailbox, hon_hai: Issuer, settings: LazySettings) -> None:
    settings.EMAIL_PORT = free_port()
    tell(make_story("Story", state=State.DONE), hon_hai, 0.45, 0.35)
    Delivery.objects.update(created_at=timezone.now() - timedelta(hours=25))
    send()
    assert mails().get().state == State.QUARANTINED
    assert "whole day" in mails().get().error


def test_who_left_the_firm_in_between_gets_nothing(mailbox: Mailbox, hon_hai: Issuer, cast: Cast) -> None:
    tell(make_story("Story", state=State.DONE), hon_hai, 0.45, 0.35)
    cast.alice.memberships.all().delete()
    send()
    assert mailbox.messages == []
    assert (mails().get().state, mails().get().sent_at) == (State.DONE, None)
    assert "left the firm" in mails().get().error


def test_a_correction_is_one_mail_that_says_what_changed(mailbox: Mailbox, hon_hai: Issuer) -> None:
    story = make_story("Hon Hai and OpenAI", state=State.DONE)
    tell(story, hon_hai, 0.45, 0.35)
    tell(story, hon_hai, 0.45, 0.05)
    send()
    correction = next(mail for mail in mailbox.messages if "orrect" in mail["Subject"])
    assert "no longer holds" in correction.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(mailbox.messages) == 2
    assert mails().filter(step=Step.CORRECTION).count() == 1


def test_who_wants_no_mail_gets_the_screen_alone(mailbox: Mailbox, hon_hai: Issuer, cast: Cast) -> None:
    cast.alice.alert_email = False
    cast.alice.save()
    tell(make_story("Story", state=State.DONE), hon_hai, 0.45, 0.35)
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"screen"}
