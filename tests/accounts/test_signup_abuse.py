"""What people and programs do to forms that anybody may send: each scenario of the collection, and some that it lacks."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail, signing
from django.test import Client

from accounts import demo
from accounts.forms import LONGEST_SECONDS
from accounts.invitations import path_of
from accounts.models import DemoRequest, Invitation, Membership, OutgoingMail, User
from accounts.scope import every_firm
from tests.accounts.test_demo import fields, link_to, opened
from tests.cast import Cast
from tests.make import make_user
from tests.shared_data import shared_lines

pytestmark = pytest.mark.django_db
RESET, LOGIN = "/accounts/password/reset/", "/accounts/login/"
SCENARIOS: dict[str, Callable[..., None]] = {}


def scenario(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def keep(test: Callable[..., None]) -> Callable[..., None]:
        SCENARIOS[name] = test
        return test

    return keep


def test_no_scenario_of_the_collection_is_left_out() -> None:
    assert {each["id"] for each in shared_lines("hostile/signup-abuse/scenarios.jsonl")} <= set(SCENARIOS)


def mails_to(*addresses: str) -> int:
    return OutgoingMail.objects.filter(to__in=addresses).count()


@scenario("sign-01")
@pytest.mark.slow
def test_five_hundred_requests_for_one_mailbox_are_one_mail(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From as many addresses as a botnet has: the limit in all is lifted, so that only the mailbox's own is left."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    monkeypatch.setattr(demo, "MOST_IN_ALL", 10_000)
    for number in range(500):
        sent = fields(email="victim@firm.example", name=f"Name {number}")
        client.post("/demo/", sent, headers={"X-Forwarded-For": f"10.{number % 250}.{number // 250}.7"})
    assert mails_to("victim@firm.example") == 1
    assert DemoRequest.objects.count() <= demo.MOST_PER_MAILBOX


@scenario("sign-02")
def test_other_ways_to_write_an_address_are_the_same_mailbox(client: Client) -> None:
    ways = ["victim@gmail.com", "VICTIM@gmail.com", "vi.ctim@gmail.com", "victim+1@gmail.com", "v.i.c.t.i.m+x@googlemail.com"]
    for address in ways:
        client.post("/demo/", fields(email=address))
    assert OutgoingMail.objects.count() == 1


@scenario("sign-03")
def test_a_program_that_fills_in_everything_is_told_what_people_are_told(client: Client) -> None:
    person = client.post("/demo/", fields(email="a@firm.example"), follow=True)
    OutgoingMail.objects.all().delete()
    DemoRequest.objects.all().delete()
    program = Client().post("/demo/", fields(email="a@firm.example", reference="https://spam.example"), follow=True)
    assert (program.status_code, program.redirect_chain) == (person.status_code, person.redirect_chain)
    # The signed address differs by its time.
    assert len(program.content) == pytest.approx(len(person.content), abs=4)
    assert not DemoRequest.objects.exists()
    assert not OutgoingMail.objects.exists()


@scenario("sign-04")
@pytest.mark.parametrize("age", [0.3, LONGEST_SECONDS + 3600])
def test_a_form_sent_at_once_or_a_day_later_is_asked_for_again(client: Client, age: float) -> None:
    response = client.post("/demo/", fields(opened=opened(age)))
    assert response.status_code == 422
    assert "send it again" in response.content.decode()
    assert not DemoRequest.objects.exists()


@scenario("sign-05")
@pytest.mark.slow
def test_a_reset_of_the_password_tells_nobody_who_is_known(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": None}
    people = [make_user(f"known{number}@firm.example").email for number in range(30)]
    strangers = [f"other{number}@firm.example" for number in range(30)]
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set()
    for known, unknown in zip(people, strangers, strict=True):
        for kind, address in (("known", known), ("unknown", unknown)):
            fresh = Client()
            began = time.perf_counter()
            response = fresh.post(RESET, {"email": address})
            seconds[kind].append(time.perf_counter() - began)
            answers.add((response.status_code, response.content, tuple(sorted(response.headers.items()))))
    assert len(answers) == 1
    assert mail.outbox == [], "mail was sent within the request"
    assert mails_to(*people) == 30
    assert abs(median(seconds["known"]) - median(seconds["unknown"])) < 0.010


def forged(token: str) -> str:
    """One bit of it turned."""
    at = len(token) // 2
    return token[:at] + chr(ord(token[at]) ^ 1) + token[at + 1 :]


@scenario("sign-08")
def test_a_link_confirms_its_own_address_once_in_time_and_for_its_own_purpose(client: Client, cast: Cast) -> None:
    client.post("/demo/", fields(email="a@firm.example"))
    asked = DemoRequest.objects.get()
    good = demo.confirm_token(asked)
    other_purpose = [signing.dumps([asked.pk, "x"], salt=demo.AGAIN), demo.again_token(asked.email)]
    for token in (forged(good), *other_purpose):
        assert client.post(f"/demo/confirm/{token}/").status_code == 404
    DemoRequest.objects.update(email="b@firm.example")
    assert client.post(f"/demo/confirm/{good}/").status_code == 404
    assert DemoRequest.objects.get().confirmed_at is None
    # A link to confirm an address is none to set a password, nor the other way round.
    address = EmailAddress.objects.get(user=cast.alice)
    key = EmailConfirmationHMAC(address).key
    assert EmailConfirmationHMAC.from_key(forged(key)) is None
    assert EmailConfirmationHMAC.from_key(good) is None
    assert client.get(f"/accounts/password/reset/key/{key}/").status_code == 404


@scenario("sign-08b")
def test_an_invitation_that_was_used_or_forged_makes_nobody(client: Client, cast: Cast) -> None:
    with every_firm():
        invitation = Invitation.objects.create(
            firm=cast.firm, email="new@firm.example", role=Membership.Role.ANALYST, expires_at="2999-01-01T00:00Z"
        )
    path = path_of(invitation)
    people = User.objects.count()
    assert client.post(forged(path), {"name": "N", "password1": "granite-heron-77"}).status_code in (404, 410)
    with every_firm():
        Invitation.objects.update(expires_at="2020-01-01T00:00Z")
    assert client.post(path, {"name": "N", "password1": "granite-heron-77"}).status_code == 410
    assert User.objects.count() == people


@scenario("sign-09")
@pytest.mark.slow
def test_a_made_up_chain_of_proxies_does_not_lift_the_limit_on_signing_in(client: Client) -> None:
    make_user("known@firm.example")
    refused = 0
    for number in range(200):
        response = client.post(
            LOGIN,
            {"login": f"known{number}@firm.example", "password": "wrong"},
            headers={"X-Forwarded-For": f"1.2.3.{number}"},
        )
        refused += response.status_code == 429 or "Too many" in response.content.decode()
    assert refused >= 200 - 30


@scenario("sign-12")
def test_fields_that_the_form_does_not_have_are_ignored(client: Client) -> None:
    extra = {
        "is_staff": "1",
        "org": "2",
        "role_in_firm": "owner",
        "status": "provisioned",
        "confirmed_at": "2020-01-01",
        "trial": "1",
    }
    client.post("/demo/", {**fields(), **extra, "owner": "1", "notes": "mine", "is_disposable": "1"})
    stored = DemoRequest.objects.get()
    assert (stored.status, stored.confirmed_at, stored.trial, stored.owner, stored.notes) == ("unconfirmed", None, None, None, "")
    assert not stored.is_disposable


@pytest.mark.parametrize("name", ["name", "firm_name", "role", "holds"])
def test_no_line_of_a_mail_is_written_by_a_visitor(client: Client, settings: Any, name: str) -> None:
    settings.STAFF_EMAIL = "desk@bellwether.example"
    client.post("/demo/", fields(**{name: "Ada\r\nBcc: all@firm.example"}))
    client.post(link_to(DemoRequest.objects.get()))
    notice = OutgoingMail.objects.get(kind="demo_notice")
    assert "\n" not in notice.subject
    assert "\nBcc:" not in notice.text


def test_known_and_unknown_visitors_are_told_the_same(client: Client) -> None:
    first = client.post("/demo/", fields(email="a@firm.example"), follow=True)
    again = Client().post("/demo/", fields(email="a@firm.example", note="again"), follow=True)
    assert first.redirect_chain == again.redirect_chain
    assert len(first.content) == pytest.approx(len(again.content), abs=4)
