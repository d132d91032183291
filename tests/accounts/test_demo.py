"""A visitor asks for a demo, confirms it from their mailbox, and staff are told. Whatever goes wrong, what was typed is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import demo
from accounts.forms import LONGEST_SECONDS, SALT
from accounts.limits import allow
from accounts.mailbox import firm_domain, is_disposable, mailbox_key
from accounts.models import DemoRequest, Limit, OutgoingMail
from config.pipeline import prune_events

pytestmark = pytest.mark.django_db
Status = DemoRequest.Status
STAFF = "desk@bellwether.example"


def opened(seconds_ago: float) -> str:
    """The form's mark, as it was made that long ago."""

    class Earlier(signing.TimestampSigner):
        def timestamp(self) -> str:
            return signing.b62_encode(signing.b62_decode(super().timestamp()) - int(seconds_ago))

    return Earlier(salt=SALT).sign("shown")


def fields(**changed: Any) -> dict[str, Any]:
    given = {
        "name": "Ada Ito",
        "firm_name": "Ito & Partners",
        "email": "ada@ito.example",
        "role": "Analyst",
        "holds": "Asian hardware",
        "note": "Two lines,\nif you like.",
        "consent": "on",
        "reference": "",
        "about": "",
        "opened": opened(30),
    }
    return {name: value for name, value in {**given, **changed}.items() if value is not None}


def ask(client: Client, **changed: Any) -> DemoRequest:
    assert client.post("/demo/", fields(**changed))["Location"] == "/demo/sent/"
    return DemoRequest.objects.latest("pk")


def link_to(request: DemoRequest) -> str:
    return reverse("accounts:demo_confirm", args=[demo.confirm_token(request)])


def mails(kind: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind=kind).order_by("pk"))


def test_from_the_form_to_the_queue(client: Client, settings: Any) -> None:
    settings.STAFF_EMAIL = STAFF
    stored = ask(client, about="a-quarter-of-records")
    assert (stored.name, stored.firm_name, stored.email, stored.about) == (
        "Ada Ito",
        "Ito & Partners",
        "ada@ito.example",
        "a-quarter-of-records",
    )
    assert stored.note.splitlines() == ["Two lines,", "if you like."]
    assert stored.status == Status.UNCONFIRMED
    assert "ada@ito.example" in client.get("/demo/sent/").content.decode()

    (letter,) = mails("demo_confirm")
    assert letter.to == "ada@ito.example"
    assert settings.BASE_URL + link_to(stored).split("confirm/")[0] in letter.text
    assert mails("demo_notice") == []

    page = client.get(link_to(stored)).content.decode()
    assert "Confirm the request" in page
    stored.refresh_from_db()
    assert stored.confirmed_at is None, "a program that opens every link has confirmed it"

    client.post(link_to(stored))
    client.post(link_to(stored))
    stored.refresh_from_db()
    assert (stored.status, bool(stored.confirmed_at), stored.is_duplicate, stored.is_disposable) == (
        Status.NEW,
        True,
        False,
        False,
    )
    (notice,) = mails("demo_notice")
    assert (notice.to, notice.reply_to, notice.subject) == (STAFF, "ada@ito.example", f"Demo request {stored.pk} was confirmed")
    assert "Ito & Partners" in notice.text
    assert f"/admin/accounts/demorequest/{stored.pk}/change/" in notice.text
    assert "Your request is confirmed" in client.get(link_to(stored)).content.decode()


def test_nothing_that_was_typed_is_in_mail_to_the_address(client: Client) -> None:
    ask(client, name="Buy Gold", firm_name="https://spam.example", note="Click https://spam.example", holds="spam.example")
    (letter,) = mails("demo_confirm")
    for part in (letter.subject, letter.text, letter.html):
        assert "spam" not in part
        assert "Gold" not in part


def test_where_staff_have_no_address_the_queue_is_enough(client: Client, settings: Any) -> None:
    settings.STAFF_EMAIL = ""
    client.post(link_to(ask(client)))
    assert DemoRequest.objects.get().status == Status.NEW
    assert mails("demo_notice") == []


def test_the_public_story_is_remembered(client: Client) -> None:
    page = client.get("/demo/?story=a-quarter-of-records").content.decode()
    assert 'name="about" value="a-quarter-of-records"' in page
    assert ask(client, about="<script>").about == ""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "This field is required."),
        ({"email": "ada"}, "Enter a valid email address."),
        ({"email": "ada@[127.0.0.1]"}, "Enter an address that others can write to"),
        ({"consent": None}, "Without this we may not store your request."),
        ({"firm_name": "x" * 121}, "at most 120 characters"),
        ({"note": "a\x00b"}, "Null characters are not allowed."),
        ({"opened": "shown:forged:mark"}, "send it again"),
        ({"opened": None}, "send it again"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client: Client, changed: dict[str, Any], said: str) -> None:
    response = client.post("/demo/", fields(**changed))
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert 'value="Asian hardware"' in page
    assert not DemoRequest.objects.exists()


@pytest.mark.parametrize(("age", "said"), [(0, "too quick"), (LONGEST_SECONDS + 60, "open for very long")])
def test_a_form_refused_for_its_age_can_be_sent_again(client: Client, age: float, said: str) -> None:
    response = client.post("/demo/", fields(opened=opened(age)))
    assert response.status_code == 422
    assert said in response.content.decode()
    fresh = response.context["form"]["opened"].value()
    assert signing.TimestampSigner(salt=SALT).unsign(fresh, max_age=5) == "shown"


def test_a_double_click_asks_once(client: Client) -> None:
    form = fields()
    for _ in range(2):
        client.post("/demo/", form)
    assert DemoRequest.objects.count() == len(mails("demo_confirm")) == 1


@pytest.mark.parametrize(
    ("first", "second", "is_duplicate"),
    [
        ({}, {"firm_name": "Other", "email": "ADA+demo@ito.example"}, True),
        ({}, {"firm_name": "Other", "email": "ben@ito.example"}, True),
        ({}, {"firm_name": "ito & partners", "email": "ben@other.example"}, True),
        ({}, {"firm_name": "Other", "email": "ben@other.example"}, False),
        ({"email": "a@gmail.com"}, {"firm_name": "Other", "email": "b@gmail.com"}, False),
    ],
)
def test_who_asked_before_is_flagged_for_staff(
    client: Client, first: dict[str, str], second: dict[str, str], is_duplicate: bool
) -> None:
    demo.confirm(ask(client, **first))
    again = ask(client, **second)
    demo.confirm(again)
    again.refresh_from_db()
    assert again.is_duplicate == is_duplicate


def test_a_link_too_old_offers_a_new_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = ask(client)
    link = link_to(stored)
    monkeypatch.setattr(demo, "LINK_LASTS", timedelta(seconds=-1))
    old = client.get(link)
    assert old.status_code == 410
    assert client.post(link).status_code == 410
    assert DemoRequest.objects.get().confirmed_at is None
    again = client.post("/demo/again/", {"token": old.context["token"]})
    assert again["Location"] == "/demo/sent/?again"
    # The mailbox had one today.
    assert len(mails("demo_confirm")) == 1


def test_a_mail_that_could_not_be_delivered_may_be_sent_again(client: Client) -> None:
    stored = ask(client)
    OutgoingMail.objects.update(state="quarantined")
    for _ in range(3):
        client.post("/demo/again/", {"token": demo.again_token(stored.email)})
    assert len(mails("demo_confirm")) == 2


@pytest.mark.parametrize("token", ["", "nonsense", "ImFkYSI:1vNp:forged"])
def test_a_text_that_is_not_ours_sends_nothing(client: Client, token: str) -> None:
    ask(client)
    assert client.post("/demo/again/", {"token": token}).status_code == 404
    assert len(mails("demo_confirm")) == 1


def test_the_sent_page_alone_says_nothing_of_anybody(client: Client) -> None:
    page = client.get("/demo/sent/").content.decode()
    assert "the address you gave" in page
    assert "Send the link again" not in page


def test_what_nobody_confirms_is_forgotten_after_a_fortnight(client: Client) -> None:
    old, young, confirmed = ask(client, email="a@a.example"), ask(client, email="b@b.example"), ask(client, email="c@c.example")
    demo.confirm(confirmed)
    DemoRequest.objects.exclude(pk=young.pk).update(created_at=timezone.now() - demo.UNCONFIRMED_KEPT)
    allow("demo", "long ago", 1, timedelta(seconds=-1))
    prune_events()
    assert not Limit.objects.filter(key="demo:long ago").exists()
    assert set(DemoRequest.objects.values_list("pk", flat=True)) == {young.pk, confirmed.pk}
    assert client.get(link_to(old)).status_code == 404


def test_more_than_the_limit_within_the_hour_is_refused_and_kept_on_the_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "MOST_PER_CLIENT", 2)
    for number in range(2):
        ask(client, email=f"p{number}@ito.example")
    response = client.post("/demo/", fields(email="p3@ito.example"))
    assert (response.status_code, response["Retry-After"]) == (429, "3600")
    assert 'value="Asian hardware"' in response.content.decode()
    assert DemoRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Ada@Ito.example", "ada@ito.example"),
        ("ada+news@ito.example", "ada@ito.example"),
        ("a.da@ito.example", "a.da@ito.example"),
        ("A.d.a+x@GoogleMail.com", "ada@gmail.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("\uff41da@ito.example", "ada@ito.example"),
        ("+x@ito.example", "+x@ito.example"),
    ],
)
def test_one_mailbox_has_one_key(address: str, key: str) -> None:
    assert mailbox_key(address) == key


@pytest.mark.parametrize(
    ("address", "is_one"), [("a@mailinator.com", True), ("a@x.mailinator.com", True), ("a@ito.example", False)]
)
def test_throw_away_addresses_are_known(address: str, is_one: bool) -> None:
    assert is_disposable(address) == is_one
    assert (firm_domain(address) == "") == is_one


def test_a_throw_away_address_is_flagged_and_not_refused(client: Client) -> None:
    stored = ask(client, email="ada@mailinator.com")
    assert stored.is_disposable
    demo.confirm(stored)
    assert DemoRequest.objects.filter(status=Status.NEW, confirmed_at__lte=Now()).exists()
