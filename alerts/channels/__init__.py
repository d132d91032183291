"""The ways an alert reaches a person. A new one is a file here, a line in the table, templates and tests."""

from collections.abc import Sequence
from typing import Protocol

from alerts.channels import email, screen
from alerts.channels.down import ChannelDown
from alerts.models import Alert, Delivery


class Channel(Protocol):
    def send(self, delivery: Delivery, alerts: Sequence[Alert]) -> None:
        """Hand the message over, or raise ChannelDown if it may go through later."""


CHANNELS: dict[str, Channel] = {Delivery.Channel.SCREEN: screen, Delivery.Channel.EMAIL: email}

__all__ = ["CHANNELS", "Channel", "ChannelDown"]
