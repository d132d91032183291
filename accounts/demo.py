"""Requests for a demo: stored first, then told to our own staff. Nothing is written to the address that a visitor typed."""

import logging
import smtplib
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from accounts.models import DemoRequest

log = logging.getLogger(__name__)

FIELDS = ("name", "firm_name", "email", "role", "holds", "note")


def request_demo(fields: Mapping[str, Any]) -> DemoRequest:
    """Store a visitor's request from the form's cleaned fields, and tell STAFF_EMAIL, where it is set, after commit."""
    given = {name: fields[name] for name in FIELDS}
    request = DemoRequest.objects.create(consented_at=timezone.now(), **given)
    if settings.STAFF_EMAIL:
        transaction.on_commit(partial(_tell_staff, request))
    return request


def _tell_staff(request: DemoRequest) -> None:
    lines = [f"{name.replace('_', ' ').capitalize()}: {getattr(request, name) or '-'}" for name in FIELDS]
    message = EmailMessage(
        subject=_one_line(f"Demo request {request.pk}: {request.firm_name}"),
        body="\n".join([*lines, "", f"{settings.BASE_URL}/admin/accounts/demorequest/{request.pk}/change/", ""]),
        to=[settings.STAFF_EMAIL],
        reply_to=[request.email],
    )
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        # The request is stored, and staff see it in the administration pages.
        log.warning("Staff could not be told of demo request %d: %s", request.pk, error)


def _one_line(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:150]
