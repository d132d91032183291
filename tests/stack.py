"""The whole product as real processes on the test's own database; and the world around it, on 127.0.0.1."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings

from config.servers import free_port
from tests.model_server import ModelServer

ROOT = Path(__file__).resolve().parent.parent
Result = TypeVar("Result")
READY = {"web": "startup complete", "pipeline": "ready.", "model": "ready.", "delivery": "ready."}
WORKER = [
    sys.executable,
    "-m",
    "celery",
    "-A",
    "config.celery",
    "worker",
    "--loglevel=INFO",
    "--without-gossip",
    "--without-mingle",
]


def eventually(look: Callable[[], Result], seconds: float = 45, what: str = "") -> Result:
    """What `look` returns once it is true; fails after that many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"Not within {seconds} s: {what or look}")


class Mailbox:
    """A real SMTP server that keeps what it gets. While `hold` is set it takes a message and does not answer.

    `recipients` are those of each message as the server was told them; to those in `refused` it answers what stands there.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refused: dict[str, str] = {}
        self.hold = threading.Event()
        self.released = threading.Event()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if answer := self.refused.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.recipients.append(list(envelope.rcpt_tos))
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        while self.hold.is_set() and not self.released.is_set():
            await asyncio.sleep(0.05)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if address in message["To"]]

    def stop(self) -> None:
        self.released.set()
        self._controller.stop()


@pytest.fixture
def mailbox(settings: LazySettings) -> Iterator[Mailbox]:
    """The mail server of this test, in its own process."""
    box = Mailbox()
    settings.EMAIL_BACKEND = "accounts.smtp.EmailBackend"
    settings.EMAIL_HOST, port = box.url.removeprefix("smtp://").split(":")
    settings.EMAIL_PORT = int(port)
    yield box
    box.stop()


class Feed:
    """An RSS feed over HTTP, whose items the test adds."""

    def __init__(self) -> None:
        self.items: list[str] = []
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = feed.body()
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def body(self) -> bytes:
        items = "".join(self.items)
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'.encode()

    def publish(self, guid: str, title: str, text: str, hours_ago: float = 0, outlet: str = "Wire") -> None:
        """Add an item, or put it in the place of the one that had this guid."""
        told = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() - 3600 * hours_ago))
        link = f"https://wire.example/{guid}"
        self.items = [item for item in self.items if f"<guid>{guid}</guid>" not in item]
        self.items.append(
            f"<item><guid>{guid}</guid><link>{link}</link><title>{title}</title><description>{text}</description>"
            f'<source url="https://wire.example/">{outlet}</source><pubDate>{told}</pubDate></item>'
        )

    def stop(self) -> None:
        self._server.shutdown()


@dataclass
class Stack:
    """The running product. `start` and `kill` take the names of its processes."""

    model: ModelServer
    mail: Mailbox
    feed: Feed
    logs: Path
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    deadline: float = 3.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _commands(self) -> dict[str, list[str]]:
        uvicorn = [
            sys.executable,
            "-m",
            "uvicorn",
            "config.asgi:application",
            f"--port={self.port}",
            "--timeout-graceful-shutdown=3",
        ]
        beat = ["beat", "--loglevel=INFO", f"--schedule={self.logs / 'beat'}", "--pidfile="]
        return {
            "web": uvicorn,
            "pipeline": [*WORKER, "--pool=prefork", "--concurrency=2", "-Q", "pipeline", "-n", "pipeline@test"],
            "model": [*WORKER, "--pool=threads", "--concurrency=12", "-Q", "model", "-n", "model@test"],
            "delivery": [*WORKER, "--pool=threads", "--concurrency=4", "-Q", "delivery", "-n", "delivery@test"],
            "beat": [*WORKER[:5], *beat],
        }

    def start(self, *names: str) -> None:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "BASE_URL": self.url,
            "EMAIL_URL": self.mail.url,
            "OPENAI_BASE_URL": self.model.url,
            "OPENAI_API_KEY": "test",
            "OUTBOUND_ALLOW": self.feed.address,
            "MODEL_DEADLINE_SECONDS": f"{self.deadline}",
        }
        for name in names:
            with (self.logs / f"{name}.log").open("ab") as log:
                command = self._commands()[name]
                process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
                self.running[name] = process

    def kill(self, name: str, with_signal: int = signal.SIGKILL) -> None:
        """Kill a process and its children at once."""
        process = self.running.pop(name)
        os.killpg(process.pid, with_signal)
        process.wait(timeout=20)

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def ready(self) -> None:
        for name, words in READY.items():
            if name in self.running:
                eventually(lambda name=name, words=words: self._says(name, words), what=f"{name} is ready")  # type: ignore[misc]

    def _says(self, name: str, words: str) -> bool:
        if self.running[name].poll() is not None:
            raise AssertionError(f"{name} ended: {self.log(name)[-2000:]}")
        return words in self.log(name)


@contextmanager
def stack(folder: Path, *names: str, deadline: float = 3.0) -> Iterator[Stack]:
    """Everything, or the processes named, started; and everything ended."""
    with ModelServer() as model:
        running = Stack(model, Mailbox(), Feed(), folder, deadline=deadline)
        try:
            running.start(*(names or (*READY, "beat")))
            running.ready()
            yield running
        finally:
            for name in list(running.running):
                running.kill(name)
            running.mail.stop()
            running.feed.stop()
