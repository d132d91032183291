"""Mail that is not an alert: stored with what decided on it, sent by a worker, so that no page waits for a mail server, no mail
goes out for what was rolled back, and none is lost. Sent first and marked after, under a lease.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.validators import validate_email
from django.db.models.functions import Now

from accounts.doorbell import ring
from accounts.letters import Letter, message, write
from accounts.models import OutgoingMail
from accounts.smtp import NotTaken, send
from accounts.work import attempt

KEPT = timedelta(days=30)


def post(kind: str, to: str, context: Mapping[str, Any], *, reply_to: str = "") -> OutgoingMail:
    """Store a mail to one address, and have it sent once this transaction commits.

    It is written now, from emails/<kind>.*; see letters.write for what the templates know. Raises ValidationError for an address
    that is none, or more than one.
    """
    for address in filter(None, (to, reply_to)):
        validate_email(address)
    letter = write(kind, context)
    mail = OutgoingMail.objects.create(
        kind=kind, to=to, reply_to=reply_to, subject=letter.subject, text=letter.text, html=letter.html
    )
    ring("send_mail", [mail.pk])
    return mail


def send_mails(ids: Iterable[int]) -> None:
    """Send these, those of them that are due. The mail server is asked outside any transaction."""
    taken = OutgoingMail.objects.claim(ids)
    with OutgoingMail.objects.kept(taken):
        for mail in OutgoingMail.objects.filter(pk__in=taken):
            with attempt(mail):
                _send(mail)


def _send(mail: OutgoingMail) -> None:
    if mail.sent_at:
        mail.drop("It was sent before, and what it said is gone.")  # somebody put it back to work
        return
    letter = Letter(mail.subject, mail.text, mail.html)
    try:
        send(message(letter, mail.key, mail.to, reply_to=mail.reply_to))
    except NotTaken as error:
        if error.for_good:
            mail.give_up(str(error))
        else:
            mail.defer_for_a_day(str(error))
        return
    mail.finish(sent_at=Now(), text="", html="")


def prune() -> int:
    """Forget mails after KEPT, sent or not: they name people. How many there were."""
    return OutgoingMail.objects.filter(created_at__lt=Now() - KEPT).delete()[0]
