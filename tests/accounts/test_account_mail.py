"""Mails about somebody's account: allauth decides on them, the outbox sends them, in our words."""

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import outbox
from accounts.account_letters import LETTERS
from accounts.models import OutgoingMail
from tests.cast import Cast, signed_in
from tests.make import PASSWORD

GIVEN = {
    "email": "ada@ito.example",
    "from_email": "ada@old.example",
    "to_email": "ada@new.example",
    "deleted_email": "ada@gone.example",
    "password_reset_url": "https://desk.example/reset/",
    "activate_url": "https://desk.example/confirm/",
}


def known_to_allauth() -> set[str]:
    templates = Path(allauth.__file__).parent / "templates"
    found = [*templates.glob("account/email/*_subject.txt"), *templates.glob("mfa/email/*_subject.txt")]
    return {str(file.relative_to(templates)).removesuffix("_subject.txt") for file in found}


def test_there_is_a_letter_for_each_that_allauth_may_send() -> None:
    assert set(LETTERS) == known_to_allauth()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_each_is_written(name: str) -> None:
    stored = outbox.post("account", "ada@ito.example", LETTERS[name].context({**GIVEN, "code": "83-KX"}))
    assert stored.subject
    assert "{" not in stored.text
    assert "83-KX" in stored.text
    assert ("https://desk.example/" in stored.html) == bool(LETTERS[name].action)
    assert "!" not in stored.text


def ask_for_a_new_password(client: Client, email: str) -> OutgoingMail:
    response = client.post(reverse("account_reset_password"), {"email": email})
    assert (response.status_code, response["Location"]) == (302, reverse("account_reset_password_done"))
    return OutgoingMail.objects.get(to=email)


@pytest.mark.django_db
def test_a_new_password_by_mail(client: Client, cast: Cast) -> None:
    stored = ask_for_a_new_password(client, cast.alice.email)
    assert mail.outbox == []  # nothing goes out within the request
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", stored.text)
    assert link
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another-good-password", "password2": "another-good-password"})
    cast.alice.refresh_from_db()
    assert cast.alice.check_password("another-good-password")
    assert OutgoingMail.objects.filter(to=cast.alice.email, subject="Your password was changed").count() == 1


@pytest.mark.django_db
def test_an_address_without_an_account_looks_the_same_on_the_page(client: Client, cast: Cast) -> None:
    stored = ask_for_a_new_password(client, "nobody@northlake.example")
    assert stored.subject == "There is no account for this address"
    assert "http://testserver" not in stored.text


@pytest.mark.django_db
def test_who_changes_a_password_is_told_from_where(cast: Cast) -> None:
    client = signed_in(cast.alice)
    fields: dict[str, Any] = {"oldpassword": PASSWORD, "password1": "another-good-password", "password2": "another-good-password"}
    client.post(reverse("account_change_password"), fields, headers={"User-Agent": "Firefox <b>"})
    stored = OutgoingMail.objects.get()
    assert "Address:  127.0.0.1" in stored.text
    assert "Browser:  Firefox <b>" in stored.text
    assert "Firefox &lt;b&gt;" in stored.html
