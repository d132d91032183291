"""Requests for a demo: stored, confirmed by the mailbox they name, then told to staff.

Whoever typed an address need not own it. So a mailbox gets one mail in 24 hours, which carries nothing of what was typed; nothing
enters the staff's queue before somebody who reads that mailbox says so; and nobody can tell whether an address asked before.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.limits import allow
from accounts.mailbox import firm_domain, is_disposable, mailbox_key
from accounts.models import DemoRequest, OutgoingMail
from accounts.work import State

log = logging.getLogger(__name__)

FIELDS = ("name", "firm_name", "email", "role", "holds", "note", "about")

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
MOST_PER_CLIENT = 10  # an hour
MOST_IN_ALL = 200  # an hour
MOST_PER_MAILBOX = 10  # stored in a day: more would be somebody else's hand
MOST_MAILS_PER_MAILBOX = 1  # a day
MOST_RETRIES_PER_MAILBOX = 3  # a day, of mails that could not be delivered

LINK, AGAIN = "demo-confirm", "demo-again"  # what a signed text is for: one is never taken for the other
LINK_LASTS = timedelta(days=3)
UNCONFIRMED_KEPT = timedelta(days=14)


class TooMany(Exception):
    """This client, or all of them together, asked as often as they may within the hour."""


class BadLink(Exception):
    """A link that confirms nothing. With `request` where it is one of ours and only too old."""

    def __init__(self, request: DemoRequest | None = None) -> None:
        super().__init__()
        self.request = request


def admit(client: str) -> None:
    """Count one try of a client's address, or raise TooMany."""
    if not allow("demo", client, MOST_PER_CLIENT, HOUR):
        raise TooMany
    if not allow("demo", "all", MOST_IN_ALL, HOUR):
        log.warning("More than %d demo requests came within the hour: the rest is refused", MOST_IN_ALL)
        raise TooMany


def request_demo(fields: Mapping[str, Any]) -> DemoRequest | None:
    """Store a visitor's request from the form's cleaned fields, and ask its mailbox to confirm it.

    None where the same form came before (a double click), or too many for one mailbox. The visitor is told the same each time.
    """
    given = {name: fields[name] for name in FIELDS}
    sent = hashlib.sha256(json.dumps([fields["opened"], given]).encode()).hexdigest()
    key = mailbox_key(given["email"])
    if not allow("demo_form", sent, 1, DAY) or not allow("demo_mailbox", key, MOST_PER_MAILBOX, DAY):
        return None
    with transaction.atomic():
        request = DemoRequest.objects.create(
            **given, email_key=key, is_disposable=is_disposable(given["email"]), consented_at=timezone.now()
        )
        if _may_write_to(key):
            send_confirmation(request)
    return request


def ask_again(address: str) -> None:
    """Send a new link for the mailbox's last request that is not confirmed, if there is one and its mailbox may get a mail."""
    key = mailbox_key(address)
    request = DemoRequest.objects.filter(email_key=key, confirmed_at=None, status=DemoRequest.Status.UNCONFIRMED).first()
    if request:
        send_again(request)


def send_again(request: DemoRequest) -> bool:
    """Send a new link for one that waits, unless its mailbox had its mail of the day. Whether it was sent."""
    if not _may_write_to(request.email_key):
        return False
    send_confirmation(request)
    return True


def _may_write_to(key: str) -> bool:
    """Counts this mail if so. One that could not be delivered may be tried again before the day is over."""
    if allow("demo_mail", key, MOST_MAILS_PER_MAILBOX, DAY):
        return True
    last = last_mail(key)
    failed = last is not None and last.state == State.QUARANTINED
    return (
        failed
        and allow("demo_mail_failed", str(last and last.pk), 1, DAY)
        and allow("demo_mail_retry", key, MOST_RETRIES_PER_MAILBOX, DAY)
    )


def last_mail(key: str) -> OutgoingMail | None:
    """The last mail with a link that was written to that mailbox, sent or not."""
    addresses = DemoRequest.objects.filter(email_key=key).values("email")
    return OutgoingMail.objects.filter(kind="demo_confirm", to__in=addresses).order_by("-pk").first()


def send_confirmation(request: DemoRequest) -> None:
    """The mail with the link that confirms it. Nothing in it was typed by the visitor."""
    link = settings.BASE_URL + reverse("accounts:demo_confirm", args=[confirm_token(request)])
    outbox.post("demo_confirm", request.email, {"link": link, "days": LINK_LASTS.days})


def confirm_token(request: DemoRequest) -> str:
    return signing.dumps([request.pk, _mark(request.email)], salt=LINK)


def again_token(address: str) -> str:
    """What lets its holder have a link sent again to that address."""
    return signing.dumps(address, salt=AGAIN)


def read_again(token: str) -> str:
    """The address of an again_token. Raises BadLink."""
    try:
        return str(signing.loads(token, salt=AGAIN, max_age=UNCONFIRMED_KEPT))
    except signing.BadSignature as error:
        raise BadLink from error


def read_link(token: str) -> DemoRequest:
    """The request of a confirm_token. Raises BadLink: forged, too old, of a request that is gone or has another address now."""
    try:
        pk, mark = signing.loads(token, salt=LINK)
    except signing.BadSignature as error:
        raise BadLink from error
    request = DemoRequest.objects.filter(pk=pk).first()
    if request is None or mark != _mark(request.email):
        raise BadLink
    try:
        signing.loads(token, salt=LINK, max_age=LINK_LASTS)
    except signing.SignatureExpired as error:
        raise BadLink(request) from error
    return request


def _mark(email: str) -> str:
    # The address itself would stand in the logs of every server on the way.
    return hashlib.sha256(email.encode()).hexdigest()[:16]


def confirm(request: DemoRequest) -> None:
    """Put it into the staff's queue and tell STAFF_EMAIL, where it is set. The second time nothing happens."""
    status = Case(When(status=DemoRequest.Status.UNCONFIRMED, then=Value(DemoRequest.Status.NEW)), default=F("status"))
    with transaction.atomic():
        fresh = DemoRequest.objects.filter(pk=request.pk, confirmed_at=None).update(
            confirmed_at=Now(), status=status, is_duplicate=others_like(request).exclude(confirmed_at=None).exists()
        )
        if fresh and settings.STAFF_EMAIL:
            _tell_staff(DemoRequest.objects.get(pk=request.pk))


def others_like(request: DemoRequest) -> QuerySet[DemoRequest]:
    """Other requests of the same mailbox, of a firm of that name, or of the firm's domain."""
    same = Q(email_key=request.email_key) | Q(firm_name__iexact=request.firm_name)
    if domain := firm_domain(request.email):
        same |= Q(email_key__endswith=f"@{domain}")
    return DemoRequest.objects.filter(same).exclude(pk=request.pk)


def _tell_staff(request: DemoRequest) -> None:
    page = settings.BASE_URL + reverse("admin:accounts_demorequest_change", args=[request.pk])
    outbox.post("demo_notice", settings.STAFF_EMAIL, {"request": request, "page": page}, reply_to=request.email)


def prune() -> int:
    """Forget requests that nobody confirmed within UNCONFIRMED_KEPT. How many there were."""
    old = DemoRequest.objects.filter(status=DemoRequest.Status.UNCONFIRMED, created_at__lt=Now() - UNCONFIRMED_KEPT)
    return old.delete()[0]
