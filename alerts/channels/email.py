"""Alerts by e-mail. The Message-ID is the delivery's key: a second copy shows as one."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from accounts import letters, smtp
from accounts.scope import every_firm
from alerts.channels.down import ChannelDown
from alerts.models import Alert, Delivery, Step
from alerts.presenting import alert_item


def send(delivery: Delivery, alerts: Sequence[Alert]) -> None:
    with every_firm():
        message = build(delivery, alerts)
    try:
        smtp.send(message)
    except smtp.NotTaken as error:
        raise ChannelDown(str(error)) from error


def build(delivery: Delivery, alerts: Sequence[Alert]) -> EmailMultiAlternatives:
    """The message of one delivery, whatever number of alerts it carries."""
    context = {
        "delivery": delivery,
        "step": Step(delivery.step),
        "story": delivery.story,
        "items": [alert_item(alert) for alert in alerts],
        "firm": alerts[0].firm,
        "rules_url": settings.BASE_URL + reverse("alerts:rules"),
        "action_url": settings.BASE_URL + delivery.story.get_absolute_url(),
        "action_label": "Open the story",
    }
    letter = letters.write("alert" if delivery.step else "correction", context)
    return letters.message(letter, delivery.key, delivery.user.email, name=delivery.user.name)
