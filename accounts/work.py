"""The row is the queue: what is to be done is a row's state, and a worker takes it under a lease.

An attempt is counted when the lease is taken, so a row that kills its worker is counted too; after the third it is put in
quarantine, where a person sees it. A wait for somebody else (a mail server that is down, a model at its limit) hands the lease
back in good order: it counts as a deferral, never as an attempt. All times are the database's.

Leases are short, and are renewed while the work goes on: a worker that died is missed within seconds, however long the work.
"""

import logging
import random
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self, TypeVar

from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now, NullIf

from accounts.scope import FirmQuerySet, every_firm

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
LEASE_SECONDS = 20
LONGEST_KEPT_SECONDS = 10 * 60  # beyond that it hangs, and somebody else should try
LONGEST_WAIT_SECONDS = 15 * 60
LONGEST_DELAY = timedelta(hours=24)  # of something to be sent to people
DIED = "The worker died each time it took this up."

WorkT_co = TypeVar("WorkT_co", bound="WorkRow", covariant=True)


class State(models.TextChoices):
    WAITING = "waiting", "waiting"
    DONE = "done", "done"
    QUARANTINED = "quarantined", "quarantined"


class WorkQuerySet(FirmQuerySet[WorkT_co]):
    def due(self) -> Self:
        """Rows whose next step may be taken now: their time has come and nobody holds them."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), state=State.WAITING, next_at__lte=Now())

    def claim(self, ids: Iterable[int], seconds: float = LEASE_SECONDS) -> list[int]:
        """Take the rows that are due, and return their ids; put those that failed too often in quarantine."""
        with transaction.atomic():
            due = self.filter(pk__in=list(ids)).due()
            due.filter(attempts__gte=MOST_ATTEMPTS).update(
                state=State.QUARANTINED, lease_until=None, error=Coalesce(NullIf("error", Value("")), Value(DIED))
            )
            fresh = due.filter(attempts__lt=MOST_ATTEMPTS)  # a lease may have run out since the line before
            taken = list(fresh.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
            lease = {"attempts": F("attempts") + 1, "lease_until": Now() + timedelta(seconds=seconds)}
            self.model._default_manager.filter(pk__in=taken).update(**lease)
        return taken

    @contextmanager
    def kept(self, ids: Iterable[int], seconds: float = LEASE_SECONDS) -> Iterator[None]:
        """Renew the leases of these claimed rows for as long as the block runs."""
        taken, over = list(ids), threading.Event()
        keeper = threading.Thread(target=self._keep, args=(taken, seconds, over), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep(self, ids: list[int], seconds: float, over: threading.Event) -> None:
        held = self.model._default_manager.filter(pk__in=ids, state=State.WAITING, lease_until__isnull=False)
        for _ in range(int(LONGEST_KEPT_SECONDS / seconds * 3)):
            if over.wait(seconds / 3):
                break
            try:
                with every_firm():
                    held.update(lease_until=Now() + timedelta(seconds=seconds))
            except DatabaseError as error:
                log.warning("Leases of %d rows could not be renewed: %s", len(ids), error)
            finally:
                connection.close()

    def retry(self) -> int:
        """Put rows back to work: what a person does about a row in quarantine."""
        return self.update(state=State.WAITING, attempts=0, deferrals=0, next_at=Now(), lease_until=None, error="")


class WorkRow(models.Model):
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    deferrals = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    def _put(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        type(self)._default_manager.filter(pk=self.pk).update(lease_until=None, **fields)

    def finish(self, **fields: Any) -> None:
        """The step is done, with what else it leaves in the row."""
        self._put(state=State.DONE, error="", **fields)

    def defer(self, why: str, seconds: float | None = None) -> None:
        """Hand the lease back: somebody else is not ready. Waits `seconds`, or 2ⁿ with jitter up to a quarter of an hour."""
        wait = seconds if seconds is not None else _backoff_seconds(self.deferrals)
        self._put(
            error=why, attempts=max(self.attempts - 1, 0), deferrals=self.deferrals + 1, next_at=Now() + timedelta(seconds=wait)
        )

    def defer_for_a_day(self, why: str) -> None:
        """Defer a row that has `created_at`, until it is a day old: then it is given up."""
        if type(self)._default_manager.filter(Q(created_at__lt=Now() - LONGEST_DELAY), pk=self.pk).exists():
            self.give_up(f"Not sent for a whole day. {why}")
        else:
            self.defer(why)

    def drop(self, why: str) -> None:
        """There is nothing left to do, for a reason that is nobody's fault."""
        self._put(state=State.DONE, error=why)

    def give_up(self, why: str) -> None:
        """No further attempt would help: to quarantine, with the reason."""
        self._put(state=State.QUARANTINED, error=why)

    def fail(self, why: str) -> None:
        """The step failed on this row: again after a while, and no more after the third time."""
        state = State.QUARANTINED if self.attempts >= MOST_ATTEMPTS else State.WAITING
        self._put(error=why, state=state, next_at=Now() + timedelta(seconds=_backoff_seconds(self.attempts + 1)))


def _backoff_seconds(times: int) -> float:
    return random.uniform(0.5, 1.0) * min(2.0 ** min(times + 1, 20), LONGEST_WAIT_SECONDS)


@contextmanager
def attempt(row: WorkRow) -> Iterator[None]:
    """One step on one row: whatever goes wrong with this one is kept in it, and the others go on."""
    try:
        yield
    except Exception as error:
        log.exception("%s %d failed", type(row).__name__, row.pk)
        with every_firm():
            row.fail(f"{type(error).__name__}: {error}")
