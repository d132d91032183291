"""Alerts by e-mail: subject, text and HTML from templates. Its Message-ID is the delivery's key: a second copy shows as one."""

import smtplib
from collections.abc import Sequence
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.scope import every_firm
from alerts.channels.down import ChannelDown
from alerts.models import Alert, Delivery, Step
from alerts.presenting import alert_item


def send(delivery: Delivery, alerts: Sequence[Alert]) -> None:
    with every_firm():
        message = build(delivery, alerts)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise ChannelDown(f"The mail server refused the recipient ({codes}).") from error
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelDown(f"The mail server did not take it: {error}") from error


def build(delivery: Delivery, alerts: Sequence[Alert]) -> EmailMultiAlternatives:
    """The message of one delivery, whatever number of alerts it carries."""
    kind = "alert" if delivery.step else "correction"
    context = {
        "delivery": delivery,
        "step": Step(delivery.step),
        "story": delivery.story,
        "story_url": settings.BASE_URL + delivery.story.get_absolute_url(),
        "rules_url": settings.BASE_URL + "/rules/",
        "items": [alert_item(alert) for alert in alerts],
        "firm": alerts[0].firm,
        "base_url": settings.BASE_URL,
    }
    subject = " ".join(render_to_string(f"alerts/email/{kind}.subject.txt", context).split())
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"alerts/email/{kind}.txt", context),
        to=[str(Address(display_name=delivery.user.name, addr_spec=delivery.user.email))],
        headers={"Message-ID": f"<{delivery.key}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"alerts/email/{kind}.html", context), "text/html")
    return message


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
