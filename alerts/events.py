"""What the browsers of a firm should hear: written with the change it tells of, numbered after commit, kept for a week.

The number is given by the relay (alerts/relay.py), never by whoever writes the row: ids are handed out before they are committed,
so a reader that remembers the last id it saw would pass over a row of a slower transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Now

from accounts.models import Firm
from accounts.scope import every_firm, firm_scope
from alerts.models import StreamEvent

CHANNEL = "stream"
RETENTION = timedelta(days=7)
MOST_MISSED = 500  # beyond this a fresh page is cheaper than the list of what was missed


class Event(NamedTuple):
    number: int
    firm_id: int
    user_id: int | None  # None: the whole firm
    kind: str
    object_id: int


@dataclass(frozen=True, slots=True)
class Missed:
    """What a browser has not heard yet. After `events` it stands at `position`; with `resync` it must load its page again."""

    position: int
    events: list[Event] = field(default_factory=list)
    resync: bool = False


def tell(firm_id: int, kind: str, object_id: int, key: str, user_id: int | None = None) -> None:
    """Let a firm, or one person in it, hear of an object once this transaction commits. The same `key` again tells nothing."""
    tell_many([StreamEvent(firm_id=firm_id, user_id=user_id, kind=kind, object_id=object_id, key=key)])


def tell_many(rows: Iterable[StreamEvent]) -> None:
    """`tell` for many unsaved rows at once; PostgreSQL wakes the relays itself, on commit, so no broker can lose the news."""
    events = list(rows)
    if events:
        StreamEvent.objects.bulk_create(events, ignore_conflicts=True, batch_size=1000)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def position(firm: Firm) -> int:
    """The number of the firm's newest event: a page that names it hears all that happened since it was rendered."""
    newest: int | None = StreamEvent.objects.of(firm).aggregate(newest=Max("number"))["newest"]
    return newest or 0


def missed(firm_id: int, user_id: int, after: int, known: int) -> Missed:
    """The events after number `after` for one person, oldest first, or a resync when they can no longer be told exactly.

    `known` is the newest number the caller's relay has seen. A number that nobody was ever given is a resync as well.
    """
    with every_firm():
        newest = StreamEvent.objects.aggregate(newest=Max("number"))["newest"] or 0
    current = max(known, newest)
    if not 0 <= after <= current:
        return Missed(current, resync=True)
    with firm_scope(Firm(pk=firm_id)):
        newer = StreamEvent.objects.filter(firm_id=firm_id, number__gt=after)
        heard = newer.filter(Q(user=None) | Q(user_id=user_id)).order_by("number")
        events = [Event(*row) for row in heard.values_list(*Event._fields)[: MOST_MISSED + 1]]
        # prune() leaves the newest of what has expired: who stands before it has missed rows that are gone.
        if len(events) > MOST_MISSED or newer.filter(created_at__lt=Now() - RETENTION).exists():
            return Missed(current, resync=True)
    return Missed(max(current, events[-1].number) if events else current, events)


def prune(batch: int = 5000) -> int:
    """Delete what is older than RETENTION, `batch` rows a transaction, and return how many. Each firm keeps its newest such."""
    expired = StreamEvent.objects.filter(number__isnull=False, created_at__lt=Now() - RETENTION)
    later = expired.filter(firm=OuterRef("firm"), number__gt=OuterRef("number"))
    total, deleted = 0, batch
    while deleted >= batch:
        with every_firm():
            oldest = expired.filter(Exists(later)).order_by("number").values("pk")[:batch]
            deleted, _ = StreamEvent.objects.filter(pk__in=oldest).delete()
        total += deleted
    return total
