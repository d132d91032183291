"""What an open stream costs the web process, against a plain Django async view behind the same middleware.

    python -m bench.stream [--streams 2000] [--pairs 5]

`ours` and the reference are KiB of resident memory per open stream (median of the pairs). The reference opens only as many
streams as it can: each holds a thread and a database connection.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponseForbidden, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from config.servers import free_port

REFERENCE_STREAMS = 60


async def django_stream(request: HttpRequest) -> HttpResponseBase:
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponseForbidden()

    async def pings() -> AsyncIterator[bytes]:
        while True:
            yield b": ping\n\n"
            await asyncio.sleep(15)

    return StreamingHttpResponse(pings(), content_type="text/event-stream")


urlpatterns = [path("stream", django_stream)]


def reference() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    settings.ROOT_URLCONF = "bench.stream"
    return get_asgi_application()


@contextmanager
def serving(*application: str) -> Iterator[tuple[int, int]]:
    """A web server process; its id and port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", *application, "--port", str(port), "--log-level", "error"]
    with subprocess.Popen([*command, "--timeout-graceful-shutdown", "1"], stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid, port
        finally:
            process.terminate()


async def hold(port: int, process: int, streams: int, cookie: str) -> dict[str, float]:
    """Open that many streams, 100 at a time, and weigh the process before and after."""
    request = f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    writers = []

    async def open_one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        writer.write(request)
        assert b" 200 " in await reader.readline()
        while not re.search(rb"hello|ping", await reader.readline()):
            pass

    for _ in range(600):
        try:
            await open_one()
            break
        except (OSError, AssertionError):
            await asyncio.sleep(0.1)
    before, start = weigh(process), time.monotonic()
    for _ in range(0, streams, 100):
        await asyncio.gather(*[open_one() for _ in range(min(100, streams))])
    seconds = time.monotonic() - start
    await asyncio.sleep(1)
    after = weigh(process)
    for writer in writers:
        writer.close()
    return {
        "streams": len(writers) - 1,
        "kib_each": (after["VmRSS"] - before["VmRSS"]) / (len(writers) - 1),
        "rss_mib": after["VmRSS"] / 1024,
        "threads": after["Threads"],
        "connections": after["connections"],
        "opened_per_s": (len(writers) - 1) / seconds,
    }


def weigh(process: int) -> dict[str, int]:
    status = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE))
    with psycopg.connect(os.environ["TEST_SUPERUSER"]) as connection:
        row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'bellwether_app'").fetchone()
    return {name: int(value) for name, value in status.items()} | {"connections": row[0] if row else 0}


def signed_in() -> str:
    from django.test import Client  # noqa: PLC0415

    from accounts.models import Firm, Membership, User  # noqa: PLC0415
    from accounts.scope import every_firm  # noqa: PLC0415

    with every_firm():
        firm = Firm.objects.create(name="Northgate", slug="northgate")
        user = User.objects.create_user("alice@northgate.example")
        Membership.objects.create(firm=firm, user=user, role=Membership.Role.ANALYST)
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.environ["DATABASE_POOL_SIZE"] = str(REFERENCE_STREAMS + 10)
    from tests import servers  # noqa: PLC0415 - starts with the environment complete

    servers.set_up()
    cookie, ours, theirs = signed_in(), [], []
    for _ in range(options.pairs):
        with serving("config.asgi:application") as (process, port):
            ours.append(asyncio.run(hold(port, process, options.streams, cookie)))
        with serving("--factory", "bench.stream:reference") as (process, port):
            theirs.append(asyncio.run(hold(port, process, REFERENCE_STREAMS, cookie)))
        print(ours[-1], theirs[-1], file=sys.stderr)
    ratios = [round(other["kib_each"] / own["kib_each"], 2) for own, other in zip(ours, theirs, strict=True)]
    middle = {name: round(statistics.median(each[name] for each in ours), 1) for name in ours[0]}
    other = {name: round(statistics.median(each[name] for each in theirs), 1) for name in theirs[0]}
    result = {
        "name": "stream",
        "ours": middle["kib_each"],
        "reference": {"name": "Django async view", "value": other["kib_each"], "detail": other},
        "unit": "KiB per open stream",
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "detail": middle,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
