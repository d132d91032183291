"""Alerts on screen: the browsers of the person hear of it, and fetch it from a page that checks who they are."""

from collections.abc import Sequence

from accounts.scope import every_firm
from alerts.events import tell
from alerts.models import Alert, Delivery, StreamEvent


def send(delivery: Delivery, alerts: Sequence[Alert]) -> None:
    with every_firm():
        for alert in alerts:
            key = f"alert:{alert.pk}:{delivery.user_id}:step{delivery.step}"
            tell(delivery.firm_id, StreamEvent.Kind.ALERT, alert.pk, key, user_id=delivery.user_id)
