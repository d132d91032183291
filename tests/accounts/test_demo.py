"""A visitor asks for a demo: the request is stored whatever happens to the mail, and a wrong one keeps what was typed."""

from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client

from accounts.forms import LONGEST_SECONDS, SALT
from accounts.models import DemoRequest

pytestmark = pytest.mark.django_db


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
        "opened": opened(30),
    }
    return {name: value for name, value in {**given, **changed}.items() if value is not None}


def test_it_is_stored_and_leads_to_the_thanks(client: Client) -> None:
    response = client.post("/demo/", fields())
    assert (response.status_code, response["Location"]) == (302, "/demo/thanks/")
    stored = DemoRequest.objects.get()
    assert (stored.name, stored.firm_name, stored.email) == ("Ada Ito", "Ito & Partners", "ada@ito.example")
    assert stored.note.splitlines() == ["Two lines,", "if you like."]
    assert stored.status == DemoRequest.Status.NEW
    assert stored.consented_at
    assert "Your request is stored" in client.get(response["Location"]).content.decode()


def test_staff_alone_are_told(
    client: Client, settings: Any, mailoutbox: list[mail.EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    settings.STAFF_EMAIL = "desk@bellwether.example"
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/demo/", fields(firm_name="Ito\u2028Bcc: all@example.com"))
    (message,) = mailoutbox
    assert message.recipients() == ["desk@bellwether.example"]
    assert message.subject == f"Demo request {DemoRequest.objects.get().pk}: Ito Bcc: all@example.com"
    assert "\nEmail: ada@ito.example\n" in message.body


def test_nobody_is_told_where_staff_have_no_address(
    client: Client, settings: Any, mailoutbox: list[mail.EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    settings.STAFF_EMAIL = ""
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/demo/", fields())
    assert DemoRequest.objects.count() == 1
    assert mailoutbox == []


def test_a_mail_server_that_is_down_loses_nothing(
    client: Client, settings: Any, free_port: int, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STAFF_EMAIL = "desk@bellwether.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/demo/", fields())
    assert response.status_code == 302
    assert DemoRequest.objects.count() == 1
    assert "Staff could not be told of demo request" in caplog.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "This field is required."),
        ({"email": "ada"}, "Enter a valid email address."),
        ({"consent": None}, "This field is required."),
        ({"firm_name": "x" * 121}, "at most 120 characters"),
        ({"note": "a\x00b"}, "Null characters are not allowed."),
        ({"reference": "https://spam.example"}, "Leave this empty"),
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


def test_a_reload_of_the_refused_form_leads_back_to_it(client: Client) -> None:
    response = client.get("/demo/")
    assert (response.status_code, response["Location"]) == (302, "/#demo")
