"""The relay: one task in each web process that numbers events after their commit and hands them to the open streams.

Any process may number, one at a time: the lock is kept until the numbers are committed, so they appear in their own order and
`number > last` is complete. Numbers come from the sequence of the ids, which never goes back, whichever rows are deleted.
The relay sees the rows of all firms; Listener.hears is the wall between them here.
"""

import asyncio
import logging
import random
from collections import defaultdict, deque
from collections.abc import Iterable

import psycopg
from django.conf import settings
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from accounts.sessions import SignIn
from alerts.events import CHANNEL, MOST_MISSED, Event

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # how long an event waits when its notification was lost
QUERY_SECONDS = 10
BLIND_SECONDS = 10  # without the database for longer, a stream that stays open would claim that there is no news
LONGEST_BACKOFF_SECONDS = 5.0
BATCH = 1000
LOCK = 0x57EA_0001

SCOPE_AND_LOCK = "SELECT set_config('app.every_firm', 'on', true), pg_try_advisory_xact_lock(%s)"
NUMBER = """
    WITH waiting AS MATERIALIZED (
        SELECT id FROM alerts_streamevent WHERE number IS NULL ORDER BY id LIMIT %s
    ), given AS MATERIALIZED (
        SELECT id, nextval(pg_get_serial_sequence('alerts_streamevent', 'id')) AS number FROM waiting
    )
    UPDATE alerts_streamevent AS event SET number = given.number FROM given WHERE event.id = given.id
"""
READ = """
    SELECT number, firm_id, user_id, kind, object_id FROM alerts_streamevent
    WHERE number > %s ORDER BY number LIMIT %s
"""


class Listener:
    """One open stream: whose it is, and what waits to be sent to it."""

    def __init__(self, sign_in: SignIn, firm_id: int) -> None:
        self.sign_in = sign_in
        self.firm_id = firm_id
        self.waiting: deque[Event] = deque()
        self.overflowed = False
        self.closed = False
        self.wake = asyncio.Event()

    def hears(self, event: Event) -> bool:
        return event.firm_id == self.firm_id and event.user_id in (None, self.sign_in.user_id)

    def put(self, event: Event) -> None:
        if len(self.waiting) >= MOST_MISSED:
            self.overflowed = True
            self.close()
        else:
            self.waiting.append(event)
            self.wake.set()

    def ping(self) -> None:
        self.wake.set()

    def close(self) -> None:
        self.closed = True
        self.wake.set()

    def take(self) -> list[Event]:
        events = list(self.waiting)
        self.waiting.clear()
        return events


class Relay:
    def __init__(self) -> None:
        self.position = 0
        self.closing = False
        self._started = asyncio.Event()
        self._seen_at = 0.0
        self._listeners: dict[int, set[Listener]] = defaultdict(set)

    def add(self, listener: Listener) -> int:
        """Let it hear all events after the number returned."""
        self._listeners[listener.firm_id].add(listener)
        return self.position

    def remove(self, listener: Listener) -> None:
        self._listeners[listener.firm_id].discard(listener)
        if not self._listeners[listener.firm_id]:
            del self._listeners[listener.firm_id]

    def listeners(self) -> list[Listener]:
        return [listener for group in self._listeners.values() for listener in group]

    def close_streams(self) -> None:
        for listener in self.listeners():
            listener.close()

    async def is_ready(self) -> bool:
        """Whether a stream may open: the relay has found its place, sees the database and is not being shut down."""
        if not self._started.is_set():
            try:
                await asyncio.wait_for(self._started.wait(), timeout=5)
            except TimeoutError:
                return False
        return not (self.closing or self._blind())

    async def run(self) -> None:
        """Number and hand on until cancelled. Whatever the database does, it connects again."""
        backoff = 0.25
        while True:
            try:
                async with await AsyncConnection.connect(_conninfo(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    backoff = 0.25
                    await self._follow(connection)
            except Exception as error:  # a relay that ended would leave every screen quiet, and nobody the wiser
                expected = isinstance(error, psycopg.Error | OSError)
                log.warning("The relay lost the database, trying again: %s", error, exc_info=not expected)
            if self._blind():
                self.close_streams()
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)

    def _blind(self) -> bool:
        return asyncio.get_running_loop().time() - self._seen_at > BLIND_SECONDS

    async def _follow(self, connection: AsyncConnection) -> None:
        if not self._started.is_set():
            self.position = await _newest_number(connection)
        while True:
            full = True
            while full:
                events = await _number_and_read(connection, self.position)
                self._hand_on(events)
                full = len(events) == BATCH
            self._seen_at = asyncio.get_running_loop().time()
            self._started.set()
            async for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    def _hand_on(self, events: Iterable[Event]) -> None:
        for event in events:
            self.position = event.number
            for listener in self._listeners.get(event.firm_id, ()):
                if listener.hears(event):
                    listener.put(event)


async def _newest_number(connection: AsyncConnection) -> int:
    async with asyncio.timeout(QUERY_SECONDS), connection.transaction():
        await connection.execute("SELECT set_config('app.every_firm', 'on', true)")
        cursor = await connection.execute("SELECT coalesce(max(number), 0) FROM alerts_streamevent")
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _number_and_read(connection: AsyncConnection, after: int) -> list[Event]:
    """Give numbers to what was committed, unless another relay is at it, then read up to BATCH events after that number."""
    async with asyncio.timeout(QUERY_SECONDS), connection.transaction():
        cursor = await connection.execute(SCOPE_AND_LOCK, [LOCK])
        row = await cursor.fetchone()
        if row and row[1] and (await connection.execute(NUMBER, [BATCH])).rowcount:
            await connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])  # for the other relays: there is something to read
        cursor = await connection.execute(READ, [after, BATCH])
        rows = await cursor.fetchall()
    return [Event(*row) for row in rows]


def _conninfo() -> str:
    """Django's own connection settings, for a connection outside its pool: this one is held for the life of the process."""
    database = settings.DATABASES["default"]
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    options = {name: value for name, value in database.get("OPTIONS", {}).items() if name in known}
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options |= {name: database[setting] for name, setting in names.items() if database.get(setting)}
    return make_conninfo("", connect_timeout=5, application_name="bellwether relay", **options)
