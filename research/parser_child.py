"""The child's end of `feed_process`: parses feeds and pages under its limits until its input ends."""

import datetime as dt
import json
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

from research.feed_process import receive, send
from research.feeds import ParsedFeed, parse
from research.pages import parse_page

PARSERS = {"feed": parse, "page": parse_page}


def serve(source: IO[bytes], sink: IO[bytes], seconds: int, memory_bytes: int) -> None:
    """The child's end: answers each feed until the input ends; ends by SIGPROF on a feed that takes too long."""
    _limit_memory(memory_bytes)
    while (head := receive(source)) is not None and (body := receive(source)) is not None:
        kind, content_type, url = json.loads(head)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            reply = to_json(PARSERS[kind](body, content_type, url))
        except MemoryError:
            reply = b"memory"
        signal.setitimer(signal.ITIMER_PROF, 0)
        send(sink, reply)
        sink.flush()


def _limit_memory(memory_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    mapped = Path("/proc/self/statm")
    size = int(mapped.read_text().split()[0]) * resource.getpagesize() if mapped.exists() else 0
    # Where the kernel gives no such number (macOS) it keeps no such limit either: the time limit stands alone there.
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size + memory_bytes, hard))


def to_json(feed: ParsedFeed) -> bytes:
    """A parsed feed as JSON, times in ISO 8601."""
    return json.dumps(asdict(feed), default=dt.datetime.isoformat).encode("utf-8", "surrogatepass")


if __name__ == "__main__":
    # Ctrl-C is the parent's to handle; its own treatment of SIGPROF is inherited, and must not be.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds=int(sys.argv[1]), memory_bytes=int(sys.argv[2]))
