"""The stream, through real web servers, sessions and transactions."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx
import pytest
import uvicorn
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client

from accounts.models import Firm, Membership, User
from accounts.scope import every_firm, firm_scope
from alerts.events import MOST_MISSED, RETENTION, position, prune, tell, tell_many
from alerts.models import StreamEvent
from alerts.stream import Stream

pytestmark = pytest.mark.slow
Heard = tuple[int, str, int | None]  # number, kind, object


@contextmanager
def serving(stream: Stream) -> Iterator[str]:
    """A web server with that application, in a thread; its address."""
    config = uvicorn.Config(stream, host="127.0.0.1", port=0, lifespan="on", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive()


@dataclass
class Person:
    user: User
    membership: Membership
    session_key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session_key}"}


def person(firm: Firm, name: str) -> Person:
    user = User.objects.create_user(f"{name}@{firm.slug}.example")
    with every_firm():
        membership = Membership.objects.create(firm=firm, user=user, role=Membership.Role.ANALYST)
    client = Client()
    client.force_login(user)
    return Person(user, membership, client.cookies[settings.SESSION_COOKIE_NAME].value)


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm.objects.create(name="Northgate", slug="northgate")


@pytest.fixture
def alice(firm: Firm) -> Person:
    return person(firm, "alice")


@pytest.fixture
def bob(firm: Firm) -> Person:
    return person(firm, "bob")


@pytest.fixture
def charlie(transactional_db: None) -> Person:
    return person(Firm.objects.create(name="Southgate", slug="southgate"), "charlie")


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    with serving(Stream(check_seconds=0.2)) as address:
        yield address


@contextmanager
def listening(server: str, who: Person, last: object = None, page: int | None = None) -> Iterator[Iterator[Heard]]:
    headers = who.headers | ({} if last is None else {"Last-Event-ID": str(last)})
    query = "" if page is None else f"?last={page}"
    with httpx.stream("GET", f"{server}/stream{query}", headers=headers, timeout=5, verify=False) as response:
        assert response.status_code == 200, response.read()
        yield _parsed(response.iter_lines())


def _parsed(lines: Iterator[str]) -> Iterator[Heard]:
    fields: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "id" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"]).get("id")
            fields = {}


def say(firm: Firm, *objects: int, user: User | None = None, kind: str = "alert") -> None:
    with firm_scope(firm):
        tell_many(
            StreamEvent(firm=firm, user=user, kind=kind, object_id=object_id, key=f"{kind}:{firm.pk}:{object_id}")
            for object_id in objects
        )


def numbered(firm: Firm) -> list[int]:
    """The numbers of the firm's events, once all have one."""
    while True:
        with firm_scope(firm):
            numbers = list(StreamEvent.objects.of(firm).order_by("number").values_list("number", flat=True))
        if None not in numbers:
            return [number for number in numbers if number is not None]
        time.sleep(0.01)


def position_of(firm: Firm) -> int:
    with firm_scope(firm):
        return position(firm)


def test_a_browser_hears_at_once(server: str, firm: Firm, alice: Person) -> None:
    with listening(server, alice) as stream:
        assert next(stream)[1] == "hello"
        start = time.monotonic()
        say(firm, 7)
        number, kind, what = next(stream)
        assert (kind, what) == ("alert", 7)
        assert time.monotonic() - start < 0.9, "it came with the poll, not with the notification"
        assert number == position_of(firm)


def test_no_proxy_may_keep_the_stream_back(server: str, alice: Person) -> None:
    with httpx.stream("GET", f"{server}/stream", headers=alice.headers, timeout=5, verify=False) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["content-encoding"] == "identity"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["cache-control"] == "no-store"
        lines = response.iter_lines()
        assert next(lines) == "retry: 3000"
        assert ": ping" in islice(lines, 20)


def test_what_rolls_back_or_was_told_before_is_not_heard(server: str, firm: Firm, alice: Person) -> None:
    with listening(server, alice) as stream:
        next(stream)
        with firm_scope(firm):
            tell(firm.pk, "alert", 1, "alert:1")
            transaction.set_rollback(True)
        say(firm, 2)
        say(firm, 2)
        say(firm, 3)
        assert [what for _, _, what in islice(stream, 2)] == [2, 3]


@pytest.mark.parametrize("path", ["/stream", "/stream/poll?after=0"])
def test_only_members_who_are_signed_in_are_answered(path: str, server: str, firm: Firm, alice: Person) -> None:
    def status(method: str = "GET", **headers: str) -> int:
        with httpx.stream(method, server + path, headers=headers, timeout=5, verify=False) as response:
            return response.status_code

    name = settings.SESSION_COOKIE_NAME
    assert status() == 403
    for key in ("a" * 32, "x", '"\\000aaaaaaaa"', "%00"):
        assert status(Cookie=f"{name}={key}") == 403
    assert status(**alice.headers) == 200
    assert status("POST", **alice.headers) == 405
    assert status(Host="elsewhere.example", **alice.headers) == 400
    with every_firm():
        alice.membership.delete()
    assert status(**alice.headers) == 403


def test_a_reconnect_hears_exactly_what_it_missed(server: str, firm: Firm, alice: Person, bob: Person, charlie: Person) -> None:
    say(firm, *range(1, 11))
    say(firm, 11, user=alice.user)
    say(firm, 12, user=bob.user)
    say(charlie.membership.firm, 13)
    numbers = numbered(firm)
    with listening(server, alice, last=numbers[3]) as stream:
        assert [(number, what) for number, _, what in islice(stream, 7)] == list(zip(numbers[4:11], range(5, 12), strict=True))
        assert next(stream)[1] == "hello"
        say(firm, 14, kind="story")
        assert next(stream)[1:] == ("story", 14)
    with listening(server, alice, last=numbers[8], page=numbers[0]) as stream:
        assert next(stream)[2] == 10, "the browser's memory counts, not the page's"
    with listening(server, alice, page=numbers[8]) as stream:
        assert next(stream)[2] == 10


def test_what_can_no_longer_be_told_exactly_is_one_resync(server: str, firm: Firm, alice: Person) -> None:
    say(firm, *range(1, MOST_MISSED + 3))
    numbers = numbered(firm)
    for last in (0, numbers[0], 10**6, 10**17, "9" * 30, "-1", "x", "1_0"):
        with listening(server, alice, last=last) as stream:
            number, kind, _ = next(stream)
            assert (kind, number) == ("resync", numbers[-1]), last
            say(firm, 10_000 + random.getrandbits(40))
            assert next(stream)[1] == "alert"
        numbers = numbered(firm)
    with listening(server, alice, last=numbers[-MOST_MISSED - 1]) as stream:
        assert [number for number, _, _ in islice(stream, MOST_MISSED)] == numbers[-MOST_MISSED:]


def test_prune_leaves_a_trace_that_makes_a_late_browser_load_again(
    server: str, firm: Firm, alice: Person, charlie: Person
) -> None:
    say(firm, *range(1, 8))
    say(charlie.membership.firm, 100)
    numbers = numbered(firm)
    with firm_scope(firm):
        StreamEvent.objects.of(firm).filter(object_id__lte=5).update(created_at=Now() - 1.1 * RETENTION)
    assert prune(batch=2) == 4
    assert numbered(firm) == numbers[4:]
    with listening(server, alice, last=numbers[3]) as stream:
        assert next(stream)[1] == "resync"
    with listening(server, alice, last=numbers[4]) as stream:
        assert [what for _, _, what in islice(stream, 2)] == [6, 7]
    with listening(server, charlie, last=numbers[0]) as stream:
        assert next(stream)[2] == 100
    assert prune() == 0


def test_numbers_never_come_again(server: str, firm: Firm, charlie: Person) -> None:
    say(firm, 1)
    before = numbered(firm)
    with every_firm():
        firm.delete()
    say(charlie.membership.firm, 2)
    assert numbered(charlie.membership.firm) > before


def test_another_firm_and_a_colleague_hear_nothing_of_it(
    server: str, firm: Firm, alice: Person, bob: Person, charlie: Person
) -> None:
    start = position_of(firm)
    with listening(server, charlie) as foreign, listening(server, bob) as colleague, listening(server, alice) as own:
        for stream in (foreign, colleague, own):
            next(stream)
        say(firm, 1, 2)
        say(firm, 3, user=alice.user)
        say(charlie.membership.firm, 4)
        say(firm, 5)
        assert [what for _, _, what in islice(own, 4)] == [1, 2, 3, 5]
        assert [what for _, _, what in islice(colleague, 3)] == [1, 2, 5]
        assert next(foreign)[2] == 4
    numbered(firm)
    for who, objects in ((alice, [1, 2, 3, 5]), (bob, [1, 2, 5]), (charlie, [4])):
        answer = httpx.get(f"{server}/stream/poll", params={"after": start}, headers=who.headers).json()
        assert [event["object"] for event in answer["events"]] == objects


ENDS: dict[str, Callable[[Person], Any]] = {
    "session ended": lambda who: Session.objects.filter(session_key=who.session_key).delete(),
    "session expired": lambda who: Session.objects.filter(session_key=who.session_key).update(expire_date=Now()),
    "person disabled": lambda who: User.objects.filter(pk=who.user.pk).update(is_active=False),
    "password changed": lambda who: User.objects.filter(pk=who.user.pk).update(password="another"),
    "removed from the firm": lambda who: who.membership.delete(),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_the_stream_of_one_who_may_no_longer_listen_is_closed(
    end: Callable[[Person], Any], server: str, alice: Person, bob: Person
) -> None:
    with listening(server, alice) as stream, listening(server, bob) as other:
        assert next(stream)[1] == next(other)[1] == "hello"
        with every_firm():
            end(alice)
        assert list(stream) == []
        say(bob.membership.firm, 1)
        assert next(other)[2] == 1
    assert httpx.get(f"{server}/stream", headers=alice.headers).status_code == 403


def test_polling_tells_the_same(server: str, firm: Firm, alice: Person, charlie: Person) -> None:
    def poll(**params: int | str) -> Any:
        return httpx.get(f"{server}/stream/poll", params=params, headers=alice.headers).json()

    say(firm, 1, 2)
    say(charlie.membership.firm, 3)
    first, second = numbered(firm)
    start = poll()
    assert start["events"] == []
    assert start["resync"] is False
    assert start["last"] >= second
    answer = poll(after=first)
    assert answer["events"] == [{"id": second, "kind": "alert", "object": 2}]
    assert poll(after=answer["last"]) == {"last": answer["last"], "events": [], "resync": False}
    assert poll(after=answer["last"] + 1000) == {"last": answer["last"], "events": [], "resync": True}
    assert poll(after="x")["resync"] is True


@pytest.mark.slow
def test_fifty_reconnects_while_transactions_commit_out_of_order(firm: Firm, alice: Person, charlie: Person) -> None:
    """Two web processes' worth of relays, and a browser that keeps losing its line: none missed, none twice, all in order."""
    enough = threading.Event()

    def write(writer: int) -> None:
        turn = 0
        while not enough.is_set():
            turn += 1
            with firm_scope(firm):
                tell(firm.pk, "alert", writer * 1000 + turn, f"{writer}:{turn}")
                time.sleep(random.uniform(0, 0.15))  # the id is taken, others commit first
        connection.close()

    heard: list[Heard] = []
    with ExitStack() as at_exit:
        one, two = (at_exit.enter_context(serving(Stream())) for _ in range(2))
        pool = at_exit.enter_context(ThreadPoolExecutor(6))
        at_exit.callback(enough.set)
        foreign = at_exit.enter_context(listening(one, charlie))
        next(foreign)
        last = position_of(firm)

        def hear(most: int) -> None:
            nonlocal last
            with listening(random.choice([one, two]), alice, last=last) as stream:
                for event in islice(stream, most):
                    last = event[0]
                    heard.extend([event] if event[1] != "hello" else [])

        work = [pool.submit(write, writer) for writer in range(6)]
        for _ in range(50):
            hear(random.randint(1, 12))
        enough.set()
        for job in work:
            job.result()
        numbers = numbered(firm)
        hear(len(numbers) - len(heard))
        say(charlie.membership.firm, 1)
        assert next(foreign)[2] == 1
    assert [number for number, _, _ in heard] == numbers
    with firm_scope(firm):
        told = list(StreamEvent.objects.of(firm).order_by("number").values_list("id", "object_id"))
    assert [what for _, _, what in heard] == [what for _, what in told]
    assert told != sorted(told), "nothing committed out of order: the test has proved nothing"


def test_the_relay_comes_back_after_its_connection_was_cut(server: str, firm: Firm, alice: Person) -> None:
    with listening(server, alice) as stream:
        next(stream)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bellwether relay'")
        say(firm, 1)
        assert next(stream)[2] == 1


def test_a_browser_too_far_behind_is_told_to_load_again(server: str, firm: Firm, alice: Person) -> None:
    with listening(server, alice) as stream:
        next(stream)
        say(firm, *range(1, MOST_MISSED + 2))
        (number, kind, _), *more = list(stream)
        assert (kind, more) == ("resync", [])
    say(firm, 1000)
    with listening(server, alice, last=number) as stream:
        assert next(stream)[2] == 1000


def test_a_server_told_to_stop_ends_its_streams_and_exits(alice: Person, free_port: int) -> None:
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(free_port)]
    with subprocess.Popen(command, cwd=settings.BASE_DIR) as process:
        try:
            while not answers(free_port):
                assert process.poll() is None
            with listening(f"http://127.0.0.1:{free_port}", alice) as stream:
                assert next(stream)[1] == "hello"
                process.send_signal(signal.SIGTERM)
                assert list(stream) == []
            assert process.wait(timeout=5) in (0, -signal.SIGTERM)
        finally:
            process.kill()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/stream").status_code == 403
    except httpx.ConnectError:
        time.sleep(0.1)
        return False
