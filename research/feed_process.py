"""Parsing behind a wall: a long-lived child process (`parser_child`) with a memory and a time limit, started again when it dies.

A plain subprocess with its own protocol over pipes, because Celery's children may not have multiprocessing children. Each message
is a length (4 bytes, big-endian) and as many bytes: to the child JSON (kind, content type, url) and then the body, back JSON. The
child ends when its input does, so it cannot outlive its parent, and it knows no secret of it: it gets no environment.
"""

import atexit
import datetime as dt
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any, Literal

from research.feeds import FeedItem, ParsedFeed, Party

# Processor seconds, so that a busy machine fails no honest feed: one of 1 MB takes about 1 s.
PARSE_SECONDS = 10
# Over what the child maps when it starts. An honest feed of 8 MB took 50 MB more.
MEMORY_BYTES = 600 * 1024 * 1024
# The child ends itself at its limit; the parent waits this many times as long by the clock, for one that is starved or stopped.
PATIENCE = 4
PROJECT = Path(__file__).resolve().parent.parent


Kind = Literal["feed", "page"]


class FeedTooHeavy(Exception):
    """A feed or a page took more memory or time than one may: `reason` is memory, time or crash."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"it cannot be parsed within its limits ({reason})")
        self.reason = reason


def parse_isolated(body: bytes, content_type: str | None, url: str, kind: Kind = "feed") -> ParsedFeed:
    """`feeds.parse`, or `pages.parse_page`, in the child process: at most 10 processor seconds and 600 MB.

    Safe from several threads and after a fork.

    Raises FeedTooHeavy when the child dies of this feed; the next call gets a new child.
    """
    return _parser.parse(body, content_type, url, kind)


class ParserProcess:
    """The parent's end: the child, started when first needed, and the lock that gives it one feed at a time."""

    def __init__(self, seconds: int = PARSE_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._parsed_count = 0

    def parse(self, body: bytes, content_type: str | None, url: str, kind: Kind = "feed") -> ParsedFeed:
        """See `parse_isolated`."""
        with self._lock:
            was_fresh = self._parsed_count == 0
            try:
                return self._ask(body, content_type, url, kind)
            except FeedTooHeavy as error:
                # What earlier feeds left in memory is not this one's fault; time is.
                if was_fresh or error.reason == "time":
                    raise
            return self._ask(body, content_type, url, kind)

    def _ask(self, body: bytes, content_type: str | None, url: str, kind: Kind) -> ParsedFeed:
        child, started = self._running(), time.monotonic()
        try:
            reply = _exchange(child, self._seconds * PATIENCE, json.dumps([kind, content_type, url]).encode(), body)
        except BrokenPipeError:
            reply = None
        if reply and reply != b"memory":
            self._parsed_count += 1
            return from_json(reply)
        self.stop()
        late = child.returncode == -signal.SIGPROF or time.monotonic() - started >= self._seconds * PATIENCE
        raise FeedTooHeavy("memory" if reply else "time" if late else "crash")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.stop()
            environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TZ") if name in os.environ}
            self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [sys.executable, "-m", "research.parser_child", str(self._seconds), str(self._memory_bytes)],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
        return self._child

    def stop(self) -> None:
        """Ends the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._close_pipes()

    def forget(self) -> None:
        """Lets go of a child that is another process's: in a fork, the parent's child must see its input end with the parent."""
        if self._child is not None:
            self._child.returncode = 0
            self._close_pipes()
        self._lock = threading.Lock()

    def _close_pipes(self) -> None:
        if self._child is not None:
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
        self._child, self._parsed_count = None, 0


def _exchange(child: subprocess.Popen[bytes], seconds: float, *messages: bytes) -> bytes | None:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child has no pipes")
    for message in messages:
        send(child.stdin, message)
    answer = select.poll()  # select() fails in a process with more than a thousand open files
    answer.register(child.stdout, select.POLLIN)
    return receive(child.stdout) if answer.poll(seconds * 1000) else None


def send(pipe: IO[bytes], message: bytes) -> None:
    """One message, whole."""
    rest = memoryview(len(message).to_bytes(4, "big") + message)
    while rest:
        rest = rest[pipe.write(rest) :]


def receive(pipe: IO[bytes]) -> bytes | None:
    """One message, or None at the end of input."""
    head = _read(pipe, 4)
    size = int.from_bytes(head, "big")
    message = _read(pipe, size)
    return message if len(head) == 4 and len(message) == size else None


def _read(pipe: IO[bytes], size: int) -> bytes:
    chunks, missing = [], size
    while missing and (chunk := pipe.read(missing)):
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def from_json(message: bytes) -> ParsedFeed:
    """The parsed feed that `to_json` wrote."""
    feed = json.loads(message)
    return ParsedFeed([_item(fields) for fields in feed["items"]], feed["title"], feed["problems"], feed["repeat_count"])


def _item(fields: dict[str, Any]) -> FeedItem:
    for name in ("published_at", "updated_at"):
        fields[name] = dt.datetime.fromisoformat(fields[name]) if fields[name] else None
    fields["authors"] = tuple(fields["authors"])
    fields["parties"] = tuple(Party(**party) for party in fields["parties"])
    return FeedItem(**fields)


_parser = ParserProcess()
os.register_at_fork(after_in_child=_parser.forget)
atexit.register(_parser.stop)
