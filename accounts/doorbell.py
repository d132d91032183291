"""How a view, a command or a step asks for the next step: by its name, with ids, once the transaction has committed.

A bell that cannot be rung is no failure. The rows are committed, and the sweep finds them.
"""

import logging
from collections.abc import Iterable
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring(step: str, ids: Iterable[int], *, expires: float | None = None) -> None:
    """Start the background step of that name with these ids, if any, after commit. `expires` in seconds."""
    if rows := list(ids):
        transaction.on_commit(partial(_send, step, rows, expires))


def _send(step: str, ids: list[int], expires: float | None) -> None:
    try:
        current_app.send_task(step, args=[ids], ignore_result=True, expires=expires)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take %s for %d rows, the sweep will: %s", step, len(ids), error)
