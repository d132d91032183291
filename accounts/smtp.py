"""Handing a mail to the mail server, with an end: smtplib limits each wait, and a server that sends a byte now and then would
hold a worker for hours. Never inside a transaction.
"""

import io
import smtplib
import socket
import time
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp


class NotTaken(Exception):
    """The mail server did not take the message. `for_good` where it says that this recipient never gets one."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


def send(message: EmailMessage) -> None:
    """Hand the message over, within EMAIL_DEADLINE_SECONDS and one more EMAIL_TIMEOUT, or raise NotTaken."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotTaken(f"The mail server refused the recipient ({codes}).", for_good=min(codes) >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(f"The mail server did not take it: {error}") from error


class Replies(io.RawIOBase):
    """What the server says, read from its socket: no wait longer than `pause` seconds, and none after `end` (monotonic)."""

    def __init__(self, sock: socket.socket, pause: float, end: float) -> None:
        self._sock, self._pause, self._end = sock, pause, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("its answers took too long in all")
        self._sock.settimeout(min(self._pause, left))
        return self._sock.recv_into(buffer)


class Limited(smtplib.SMTP):
    """A connection whose answers are read until a deadline, which begins before it is made."""

    end = 0.0

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.end = time.monotonic() + settings.EMAIL_DEADLINE_SECONDS
        return super().connect(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:  # at first, and anew once the connection is encrypted
            self.file = io.BufferedReader(Replies(self.sock, self.timeout, self.end))
        return super().getreply()


class LimitedTLS(Limited, smtplib.SMTP_SSL):
    """The same for a port that speaks TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return LimitedTLS if self.use_ssl else Limited
