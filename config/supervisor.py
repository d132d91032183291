"""`manage.py up`: the whole product under one process, for one machine.

It starts what is missing (database, broker, mail sink), brings the database up to date, and keeps the web server, the workers
and beat running, until Ctrl-C or SIGTERM stops all of them in order. It needs no Django itself, and so starts at once.
"""

import argparse
import fcntl
import hashlib
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import FrameType

from config import embedded, place
from config.children import Child, Output, python
from config.embedded import BASE_DIR, MADE_BY, Share, given
from config.place import Refused
from config.sample_sign_in import SAMPLE_MANAGER, SAMPLE_SIGN_IN
from config.servers import Process, free_port

DEFAULT_PORT = 8000
STOP_SECONDS = 6.0
READY_SECONDS = 60.0
CELERY = ["-m", "celery", "-q", "-A", "config.celery"]
WORKER = [*CELERY, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
APPS = ("accounts", "portfolios", "research", "alerts", "config")


class Stopping(BaseException):
    """We were told to stop."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the first port to try (default: %(default)s)")
    parser.add_argument("--empty", action="store_true", help="load no sample firm; ask for the first firm and its administrator")


def main(arguments: list[str]) -> None:
    """The command line of `up`."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    add_arguments(parser)
    chosen = parser.parse_args(arguments)
    try:
        run(port=chosen.port, empty=chosen.empty)
    except Refused as refused:
        sys.exit(str(refused))


def run(*, port: int = DEFAULT_PORT, empty: bool = False) -> None:
    """Run everything until a signal comes. Raises Refused when it cannot start."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _stop)
    var = embedded.var_folder()
    with (var / "run" / "up.lock").open("a+") as lock:
        _be_the_only_one(lock.fileno(), var)
        supervisor = Supervisor(var, port)
        try:
            supervisor.start(empty=empty)
            supervisor.watch()
        except Stopping:
            pass
        finally:
            supervisor.stop()


def _stop(signum: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough: the rest is the order of stopping
    raise Stopping


def _be_the_only_one(lock: int, var: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        state = var / "run" / "up.json"
        where = json.loads(state.read_text())["url"] if state.exists() else "a moment ago"
        raise Refused(f"It is running already: {where}") from None


class Supervisor:
    """The processes of one `up`, in the order in which they start."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.output = var, Output(var / "log")
        self._prepared = var / "run" / "prepared.json"
        self.port = free_port(port)
        self.url = f"http://localhost:{self.port}"
        self.shares: list[Share] = []
        self.servers: list[Child] = []
        self.mail: Child | None = None
        self.children: list[Child] = []
        self.environment = dict(os.environ)
        self._running: Process | None = None  # a command that prepares the database
        if port != self.port:
            self.output.say("up", f"port {port} is taken, so it is {self.port}")

    def start(self, *, empty: bool) -> None:
        """Start everything and return when the pages answer."""
        self._join_servers()
        self._set_environment()
        self._start_mail()
        prepared = self._prepare(empty=empty)
        for child in self._parts():
            self.children.append(child)
            child.start()
        self._wait_for_pages()
        (self.var / "run" / "up.json").write_text(json.dumps({"url": self.url}))
        place.hand_over(self.var)
        self._announce(sample=not empty)
        self._prepared.write_text(json.dumps(prepared))

    def _join_servers(self) -> None:
        for variable in MADE_BY:
            if given(variable):
                continue
            share = Share(self.var, variable)
            self.shares.append(share)
            share.join(piped=True)
            if (server := share.server) is not None and server.process is not None:
                child = Child(server.name, partial(server.spawn, subprocess.PIPE), self.output, server.process)
                self.output.follow(child.name, server.process)
                self.servers.append(child)
            self.environment |= {name: url for name, url in share.urls.items() if name.isupper()}

    def _set_environment(self) -> None:
        secret = self.var / "secret_key"
        if not given("SECRET_KEY") and not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(50))
        ours = f"localhost:{self.port},127.0.0.1:{self.port}"
        allowed = self.environment.get("OUTBOUND_ALLOW")
        self.environment |= {
            "VAR_DIR": str(self.var),
            "OUTBOUND_ALLOW": f"{allowed},{ours}" if allowed else ours,
            "BASE_URL": self.environment.get("BASE_URL") or self.url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def _start_mail(self) -> None:
        """With the mail sink, the pages show its mail and serve static files from where they lie."""
        if given("EMAIL_URL"):
            self._command("collectstatic", "--noinput", "--verbosity=0")
            return
        port = free_port()
        argv = ["-m", "config.mailsink", f"--port={port}", f"--dir={self.var / 'mail'}"]
        self.environment |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "EMBEDDED": "1"}
        (self.var / "run" / "mail.json").write_text(json.dumps({"EMAIL_URL": self.environment["EMAIL_URL"]}))
        self.mail = self._child("mail", argv)
        self.mail.start()

    def _parts(self) -> list[Child]:
        schedule = self.var / "run" / "beat-schedule"
        schedule.unlink(missing_ok=True)  # every step of it is due within a minute: there is nothing to remember
        uvicorn = ["-m", "uvicorn", "config.asgi:application", "--host=127.0.0.1", f"--port={self.port}", "--no-server-header"]
        pipeline = [*WORKER, "--hostname=pipeline@%h", "-Q", "pipeline", "--concurrency=2"]
        # Half as many again as research.endpoint.SLOTS: some prepare and store while all slots are full.
        model = [*WORKER, "--hostname=model@%h", "-Q", "model", "--pool=threads", "--concurrency=12"]
        delivery = [*WORKER, "--hostname=delivery@%h", "-Q", "delivery", "--pool=threads", "--concurrency=4"]
        beat = [*CELERY, "beat", "--loglevel=INFO", f"--schedule={schedule}", "--pidfile="]
        return [
            self._child("web", [*uvicorn, "--timeout-graceful-shutdown=3", "--no-access-log"]),
            self._child("pipeline", pipeline),
            self._child("model", model),
            self._child("delivery", delivery),
            self._child("beat", beat),
        ]

    def _child(self, name: str, argv: list[str]) -> Child:
        return Child(name, lambda: python(argv, self.environment, BASE_DIR), self.output)

    def _prepare(self, *, empty: bool) -> dict[str, str]:
        """Bring the database up to date, as far as that was not done. Returns what it is prepared for, to be remembered."""
        address = self.environment["BASE_URL"]
        wanted = {"migrate": fingerprint("migrations", ""), "first": fingerprint("sample", f"{address} {empty}")}
        # Only of our own database do we know that it is the one that we prepared.
        known = self._prepared.exists() and not given("DATABASE_URL")
        done = json.loads(self._prepared.read_text()) if known else {}
        if done.get("migrate") != wanted["migrate"]:
            self._command("migrate", "--verbosity=1")
        if done.get("first") != wanted["first"]:
            if empty:
                self._command("create_firm", "--first", interactive=True)
            else:
                self._command("load_sample", "--first")
        return wanted

    def _command(self, *arguments: str, interactive: bool = False) -> None:
        if interactive:
            # It asks at our terminal, so it stays in our session.
            self._running = subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=BASE_DIR, env=self.environment)
        else:
            self._running = python(["manage.py", *arguments], self.environment, BASE_DIR)
            self.output.follow(arguments[0], self._running)
        if code := self._running.wait():
            raise Refused(f"manage.py {' '.join(arguments)} failed (exit code {code}); what it said is above.")
        self._running = None

    def _wait_for_pages(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(self.port):
            self._watch_once()
            if time.monotonic() > deadline:
                raise Refused("The pages do not answer; what the web server said is above.")
            time.sleep(0.05)

    def _announce(self, *, sample: bool) -> None:
        lines = [f"Bellwether is ready:  {self.url}"]
        if sample:
            lines.append("Sign in as            " + " with password ".join(SAMPLE_SIGN_IN))
            lines.append(f"or, to edit the book  {SAMPLE_MANAGER} with the same password")
        if self.mail is not None:
            lines.append(f"Mail lands at         {self.url}/mail/  ({self.var / 'mail'})")
        lines.append("Ctrl-C stops everything; what was stored stays.")
        width = max(map(len, lines))
        sys.stdout.write("\n" + "\n".join(["═" * width, *lines, "═" * width]) + "\n\n")
        sys.stdout.flush()

    def watch(self) -> None:
        """Start again what dies, until a signal comes."""
        while True:
            self._watch_once()
            time.sleep(0.25)

    def _watch_once(self) -> None:
        for child in [*self.servers, *([self.mail] if self.mail else []), *self.children]:
            child.watch()

    def stop(self) -> None:
        """Stop who makes work, then who does it, then what they stand on."""
        self.output.say("up", "stopping")
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in self.children:
            child.see_stopped(deadline)
        if self.mail is not None:
            self.mail.ask_to_stop()
            self.mail.see_stopped(time.monotonic() + 1)
        for share in reversed(self.shares):
            share.leave(wait=False)
        for name in ("mail.json", "up.json"):
            (self.var / "run" / name).unlink(missing_ok=True)
        place.hand_over(self.var)
        self.output.say("up", "stopped")


def fingerprint(kind: str, extra: str) -> str:
    """What a database's state depends on: the files with that word in their path, those of others (the lock), and `extra`."""
    digest = hashlib.sha256(extra.encode())
    for app in APPS:
        for file in sorted((BASE_DIR / app).rglob("*")):
            if kind in file.relative_to(BASE_DIR).as_posix() and file.is_file() and file.suffix != ".pyc":
                digest.update(file.relative_to(BASE_DIR).as_posix().encode() + file.read_bytes())
    digest.update((BASE_DIR / "requirements.lock").read_bytes())
    return digest.hexdigest()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/status")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
