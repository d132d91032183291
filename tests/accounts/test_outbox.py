"""Mail waits in its row, is sent by a worker and forgotten; over a real SMTP server that is there, is not, drips or refuses."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import outbox
from accounts.letters import LONGEST_SUBJECT, one_line, write
from accounts.models import OutgoingMail
from accounts.work import State
from tests.shared_data import shared_lines
from tests.stack import ROOT, Mailbox, eventually

TO = "ada@ito.example"
LETTER = {
    "subject_line": "A subject",
    "said": "What is said.",
    "then": "What to do.",
    "action_url": "https://desk.example/?a=1&b=2",
    "action_label": "Open it",
}
FIELDS = {"email": "to", "reply-to": "reply_to"}  # of the corpus; all else is tried as a subject
HOSTILE = [
    "<script>alert(1)</script>",
    "Smith & Sons \"quoted\" 'single' \\",
    "</mj-text><mj-raw><img src=x onerror=alert(1)></mj-raw>",
    "<mj-include path='/etc/passwd' />",
    "<!-- <mj-button> -->",
    "]]> <![CDATA[ &#60;b&#62; &lt;i&gt;",
    "{{ base_url }} {% now 'Y' %} {# no #}",
    "鴻海 \u202eevil\u202c 🏭",
]


def post(**changed: Any) -> OutgoingMail:
    return outbox.post("account", TO, {**LETTER, **changed})


def send() -> None:
    OutgoingMail.objects.filter(state=State.WAITING).update(next_at=timezone.now() - timedelta(seconds=1))
    outbox.send_mails(OutgoingMail.objects.values_list("pk", flat=True))


def parts(mail: EmailMessage) -> tuple[str, str]:
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain
    assert html
    return plain.get_content().replace("\r\n", "\n"), html.get_content()


@pytest.mark.django_db
def test_it_is_sent_once_to_one_address_and_then_forgotten(mailbox: Mailbox) -> None:
    stored = post()
    send()
    send()
    (mail,) = mailbox.messages
    assert mailbox.recipients == [[TO]]
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == (TO, "A subject", "auto-generated")
    assert mail["Message-ID"] == f"<{stored.key}@bellwether.example>"
    text, html = parts(mail)
    assert "Open it:\nhttps://desk.example/?a=1&b=2\n" in text
    assert 'href="https://desk.example/?a=1&amp;b=2"' in html
    stored.refresh_from_db()
    assert (stored.state, stored.text, stored.html, stored.error) == (State.DONE, "", "", "")
    assert stored.sent_at


@pytest.mark.django_db
def test_an_answer_goes_to_whom_it_names(mailbox: Mailbox) -> None:
    outbox.post("account", TO, LETTER, reply_to="desk@bellwether.example")
    send()
    assert mailbox.messages[0]["Reply-To"] == "desk@bellwether.example"


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_sent(mailbox: Mailbox) -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    send()
    assert mailbox.messages == []


@pytest.mark.django_db
def test_a_mail_server_that_is_down_is_waited_for(mailbox: Mailbox, settings: LazySettings, free_port: int) -> None:
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port
    stored = post()
    for _ in range(5):
        send()
    stored.refresh_from_db()
    assert (stored.state, stored.attempts, stored.deferrals) == (State.WAITING, 0, 5)
    assert "did not take it" in stored.error
    assert stored.next_at > timezone.now() + timedelta(seconds=15)
    settings.EMAIL_PORT = there
    send()
    assert [mail["Message-ID"] for mail in mailbox.messages] == [f"<{stored.key}@bellwether.example>"]


@pytest.mark.django_db
def test_after_a_day_it_is_put_aside_and_says_why(settings: LazySettings, mailbox: Mailbox, free_port: int) -> None:
    settings.EMAIL_PORT = free_port
    stored = post()
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    send()
    stored.refresh_from_db()
    assert stored.state == State.QUARANTINED
    assert "whole day" in stored.error
    assert "What is said." in stored.text  # whoever puts it back to work sends what it said


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "state"), [("550 No such mailbox", State.QUARANTINED), ("450 Later", State.WAITING)])
def test_a_refused_recipient_is_not_asked_again_unless_the_server_says_later(mailbox: Mailbox, answer: str, state: str) -> None:
    mailbox.refused[TO] = answer
    stored = post()
    send()
    stored.refresh_from_db()
    assert stored.state == state
    assert answer[:3] in stored.error
    assert mailbox.messages == []


@pytest.mark.django_db
def test_one_that_fails_keeps_none_of_the_others(mailbox: Mailbox) -> None:
    broken, fine = post(), post()
    OutgoingMail.objects.filter(pk=broken.pk).update(to="ada@ito.example, eve@evil.example")
    send()
    assert mailbox.recipients == [[TO]]
    states = dict(OutgoingMail.objects.values_list("pk", "attempts"))
    assert states == {broken.pk: 1, fine.pk: 1}
    assert OutgoingMail.objects.get(pk=fine.pk).sent_at


@pytest.mark.django_db
def test_one_that_was_sent_and_is_put_back_to_work_is_no_empty_mail(mailbox: Mailbox) -> None:
    stored = post()
    send()
    OutgoingMail.objects.filter(pk=stored.pk).retry()
    send()
    assert len(mailbox.messages) == 1
    stored.refresh_from_db()
    assert stored.state == State.DONE


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server that greets for ever, a byte at a time: no single wait for it is long."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        while not over.is_set():
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                while not over.wait(0.05):
                    try:
                        caller.sendall(b"2")
                    except OSError:
                        break

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    over.set()
    listener.close()


@pytest.mark.django_db
def test_a_server_that_drips_holds_nobody(mailbox: Mailbox, settings: LazySettings, dripping: int) -> None:
    settings.EMAIL_PORT, settings.EMAIL_DEADLINE_SECONDS = dripping, 0.4
    stored = post()
    started = time.monotonic()
    send()
    assert time.monotonic() - started < 5
    stored.refresh_from_db()
    assert (stored.state, stored.deferrals) == (State.WAITING, 1)
    assert "did not take it" in stored.error


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_after_the_server_took_it_a_second_copy_has_the_same_id(mailbox: Mailbox) -> None:
    stored = post()
    mailbox.hold.set()
    code = f"from accounts.outbox import send_mails; send_mails([{stored.pk}])"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "EMAIL_URL": mailbox.url}
    worker = subprocess.Popen([sys.executable, "manage.py", "shell", "--no-imports", "-c", code], cwd=ROOT, env=environment)
    eventually(lambda: mailbox.messages, what="the mail was handed over")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    mailbox.hold.clear()
    outbox.send_mails([stored.pk])
    assert len(mailbox.messages) == 1  # its lease runs
    OutgoingMail.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    send()
    assert {mail["Message-ID"] for mail in mailbox.messages} == {f"<{stored.key}@bellwether.example>"}
    assert len(mailbox.messages) == 2
    stored.refresh_from_db()
    assert (stored.state, stored.attempts) == (State.DONE, 2)


@pytest.mark.django_db
def test_mails_are_forgotten_after_a_month_sent_or_not() -> None:
    old, _ = post(), post()
    OutgoingMail.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert outbox.prune() == 1
    assert not OutgoingMail.objects.filter(pk=old.pk).exists()


class Outline(HTMLParser):
    """The elements and comments of a page, with their attributes' names; and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[tuple[str, ...]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, *(name for name, _ in attributes)))

    def handle_comment(self, data: str) -> None:
        self.parts.append(("comment",))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_text_whatever_it_looks_like(value: str) -> None:
    given = dict.fromkeys(("subject_line", "said", "then", "action_label", "address", "browser"), value)
    plain, letter = (write("account", {**LETTER, "happened_at": timezone.now(), **these}) for these in ({}, given))
    outline = Outline(letter.html)
    assert outline.parts == Outline(plain.html).parts
    assert outline.words.count(value) >= 5
    assert letter.text.count(value) >= 5


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ito\r\nBcc: all@example.com", "Ito Bcc: all@example.com"),
        ("a\x00b\x0b\x1fc\u2028d\u2029e\x85f", "a b c d e f"),
        ("\u202eright to left\u202c, soft\u00adhyphen, zero\u200bwidth", "right to left, softhyphen, zerowidth"),
        ("  many   spaces\t ", "many spaces"),
        ("x" * 400, "x" * (LONGEST_SUBJECT - 1) + "…"),
    ],
)
def test_a_subject_is_one_line(given: str, kept: str) -> None:
    assert one_line(given) == kept


@pytest.mark.django_db
def test_no_value_makes_a_header_or_a_recipient(mailbox: Mailbox) -> None:
    """Of the headers' corpus: subjects are cleaned and sent, an address that is not exactly one is refused."""
    cases = shared_lines("hostile/email-headers/cases.jsonl")
    refused = 0
    for case in cases:
        used = {"to": TO, "reply_to": "", "subject": ""} | {FIELDS.get(case["field"], "subject"): case["value"]}
        context = {**LETTER, "subject_line": used["subject"]}
        try:
            outbox.post("account", used["to"], context, reply_to=used["reply_to"])
        except ValidationError:
            assert case["field"] in FIELDS
            refused += 1
    send()
    headers = {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "Reply-To"}
    assert len(mailbox.messages) > len(cases) / 4
    assert OutgoingMail.objects.filter(sent_at=None).count() + len(mailbox.messages) + refused == len(cases)
    assert all(len(recipients) == 1 for recipients in mailbox.recipients)
    assert all(set(mail.keys()) <= headers and len(mail.keys()) == len(set(mail.keys())) for mail in mailbox.messages)
    asked = {TO, *(case["value"] for case in cases)}
    others = {given for (given,) in mailbox.recipients} - asked
    # Three have a domain that is not ASCII, which mail servers know by another name.
    assert others == {"a@b.example", "mike@xn--exmple-4nf.com", "a@xn--fsqu00a.xn--0zwm56d"}


@pytest.mark.django_db
def test_a_batch_asks_the_database_once_and_marks_each(mailbox: Mailbox, django_assert_max_num_queries: Any) -> None:
    ids = [post().pk for _ in range(3)]
    with django_assert_max_num_queries(6 + len(ids)):
        outbox.send_mails(ids)
    assert len(mailbox.messages) == len(ids)
