"""GET /stream: a browser hears at once that there is something new. GET /stream/poll: for one that cannot keep a stream open.

A plain ASGI application and not a Django view, because a view would hold a thread and a database connection for each stream.
It sends ids alone: what they stand for comes from ordinary pages that check permissions.
"""

import asyncio
import io
import json
import logging
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Any, TypeVar

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, LifespanScope
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, InterfaceError, connection
from psycopg_pool import PoolTimeout

from accounts.sessions import SignIn, firms_of, sign_in_of
from alerts.events import Event, Missed, missed
from alerts.relay import Listener, Relay

log = logging.getLogger(__name__)

PATHS = ("/stream", "/stream/poll")
CHECK_SECONDS = 15.0
SEND_SECONDS = 30.0  # a browser that takes nothing for so long is gone
RETRY = b"retry: 3000\n\n"
PING = b": ping\n\n"
NEVER_GIVEN = -1
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"content-encoding", b"identity"),  # or a compressing proxy keeps events back until its buffer is full
    (b"x-accel-buffering", b"no"),
    *HEADERS,
]

Answer = TypeVar("Answer")


class DatabaseAway(Exception):
    """There is no telling now who asks or what they missed."""


class Stream:
    """The application. It needs the server's lifespan events: the relay runs from startup to shutdown."""

    def __init__(self, check_seconds: float = CHECK_SECONDS) -> None:
        self.check_seconds = check_seconds
        self.relay = Relay()
        # Sign-ins and replays are short: a few threads, so a few database connections, however many streams are open.
        self._threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="stream")

    async def __call__(self, scope: HTTPScope | LifespanScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._respond(ASGIRequest(scope, io.BytesIO()), receive, send)

    async def _respond(self, request: ASGIRequest, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if not _names_us(request):
            await _answer(send, 400, {"error": "This server does not answer to that host name."})
        elif request.method != "GET":
            await _answer(send, 405, {"error": "Only GET is answered here."}, [(b"allow", b"GET")])
        else:
            await self._admit(request, receive, send)

    async def _admit(self, request: ASGIRequest, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        streams = request.path == "/stream"
        try:
            visitor = await self._visitor(request)
            if visitor is None:
                await _answer(send, 403, {"error": "Sign in first."})
            elif streams:
                await self._listen(Listener(*visitor), request, receive, send)
            else:
                await self._poll(Listener(*visitor), request, send)
        except DatabaseAway as error:
            log.warning("%s was put off: %s", request.path, error)
            await (_put_off(send) if streams else _answer(send, 503, {"error": str(error)}, [(b"retry-after", b"15")]))
        except TimeoutError:
            log.info("A browser stopped reading %s.", request.path)

    async def _live(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Run the relay between the server's startup and shutdown."""
        with ExitStack() as at_exit:
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    for coroutine in (self.relay.run(), self._watch()):
                        at_exit.callback(asyncio.create_task(coroutine).cancel)
                    at_exit.callback(self._threads.shutdown, wait=False, cancel_futures=True)
                    self._close_on_signals(at_exit)
                    await send({"type": "lifespan.startup.complete"})
                elif message["type"] == "lifespan.shutdown":
                    self.close()
                    await send({"type": "lifespan.shutdown.complete"})
                    return

    def close(self) -> None:
        """End all streams at once, and open no more."""
        self.relay.closing = True
        self.relay.close_streams()

    def _close_on_signals(self, at_exit: ExitStack) -> None:
        # uvicorn announces its shutdown only when all responses have ended, and a stream never ends by itself.
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            servers = signal.getsignal(number)
            if callable(servers):

                def end_streams_too(
                    number: int, frame: FrameType | None, servers: Callable[[int, FrameType | None], Any] = servers
                ) -> None:
                    loop.call_soon_threadsafe(self.close)
                    servers(number, frame)

                signal.signal(number, end_streams_too)
                at_exit.callback(signal.signal, number, servers)

    async def _listen(
        self, listener: Listener, request: ASGIRequest, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        known = self.relay.add(listener)
        gone = asyncio.create_task(_close_when_gone(receive, listener))
        try:
            # Its own memory on a reconnect, else the number its page was rendered with. The listener was added before: what the
            # replay does not see yet waits there, and what both have is sent once.
            after = _number(request.headers.get("Last-Event-ID") or request.GET.get("last"))
            past = await self._missed(listener, after, known)
            await self._serve(listener, past, send)
        finally:
            gone.cancel()
            self.relay.remove(listener)

    async def _serve(self, listener: Listener, past: Missed, send: ASGISendCallable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS, "trailers": False})
        last = _event("resync" if past.resync else "hello", past.position, {})
        await _send(send, RETRY + _events(past.events) + last)
        heard = past.position
        while not listener.closed:
            await listener.wake.wait()
            listener.wake.clear()
            new = [event for event in listener.take() if event.number > heard]
            heard = new[-1].number if new else heard
            if not listener.closed:
                await _send(send, _events(new) or PING)
        await _send(send, _event("resync", self.relay.position, {}) if listener.overflowed else b"", more=False)

    async def _poll(self, listener: Listener, request: ASGIRequest, send: ASGISendCallable) -> None:
        past = await self._missed(listener, _number(request.GET.get("after")), self.relay.position)
        events = [{"id": event.number, "kind": event.kind, "object": event.object_id} for event in past.events]
        await _answer(send, 200, {"last": past.position, "events": events, "resync": past.resync})

    async def _visitor(self, request: ASGIRequest) -> tuple[SignIn, int] | None:
        """Who asks and for which firm, by the session's cookie; None for those who are not signed in or belong to no firm."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not await self.relay.is_ready():
            raise DatabaseAway("The relay does not see the database, or is being shut down.")
        if not (key.isascii() and key.isalnum()):
            return None

        def look_up() -> tuple[SignIn, int] | None:
            sign_in = sign_in_of(key)
            firm_id = firms_of([sign_in]).get(sign_in) if sign_in else None
            return (sign_in, firm_id) if sign_in and firm_id else None

        return await self._in_thread(look_up)

    async def _missed(self, listener: Listener, after: int | None, known: int) -> Missed:
        if after is None:
            return Missed(known)
        return await self._in_thread(partial(missed, listener.firm_id, listener.sign_in.user_id, after, known))

    async def _watch(self) -> None:
        """Close the streams of those who may no longer listen, and let the others hear that the line is open."""
        while True:
            await asyncio.sleep(self.check_seconds)
            listeners = self.relay.listeners()
            try:
                firms = await self._in_thread(partial(firms_of, {listener.sign_in for listener in listeners}))
            except Exception as error:  # without the database the relay has nothing to tell anybody, and closes them itself
                log.warning("Open streams could not be checked: %s", error, exc_info=not isinstance(error, DatabaseAway))
                continue
            for listener in listeners:
                if firms.get(listener.sign_in) == listener.firm_id:
                    listener.ping()
                else:
                    listener.close()

    async def _in_thread(self, query: Callable[[], Answer]) -> Answer:
        def ask() -> Answer:
            try:
                return query()
            finally:
                connection.close()  # back to the pool: no stream holds one

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except (DatabaseError, InterfaceError, PoolTimeout) as error:
            raise DatabaseAway(str(error)) from error


def _names_us(request: ASGIRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _number(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else NEVER_GIVEN


def _event(kind: str, number: int, data: dict[str, int]) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def _events(events: Iterable[Event]) -> bytes:
    return b"".join(_event(event.kind, event.number, {"id": event.object_id}) for event in events)


async def _close_when_gone(receive: ASGIReceiveCallable, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.close()


async def _send(send: ASGISendCallable, body: bytes, more: bool = True) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _put_off(send: ASGISendCallable) -> None:
    """End the stream without an error: a browser tries again after an end, and never after an error status."""
    await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS, "trailers": False})
    await _send(send, RETRY, more=False)


async def _answer(send: ASGISendCallable, status: int, body: dict[str, Any], headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    everything = [(b"content-type", b"application/json"), *HEADERS, *headers]
    await send({"type": "http.response.start", "status": status, "headers": everything, "trailers": False})
    await _send(send, json.dumps(body).encode(), more=False)
