"""`manage.py up` as its user meets it: started, killed, stopped, started again."""

import http.client
import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import place, supervisor
from config.servers import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120.0  # for machines that do much else
pytestmark = pytest.mark.slow


class Up:
    """One run of `manage.py up`, and what it has said so far."""

    def __init__(self, var: Path, *arguments: str, **variables: str) -> None:
        hidden = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL", "TEST_VAR_DIR", "SECRET_KEY"}
        env = {name: value for name, value in os.environ.items() if name not in hidden} | {"VAR_DIR": str(var)} | variables
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.said):
                return found
            if self.process.poll() is not None and not self._reader.is_alive():
                break
            time.sleep(0.05)
        pytest.fail(f"never said {pattern!r}:\n{self.said[-6000:]}")

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def port(self) -> int:
        return int(self.wait_for(r"is ready: +http://localhost:(\d+)")[1])

    def stop(self, signum: int = signal.SIGINT) -> float:
        """Send the signal, see that the run ends well, and return the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signum)
        assert self.process.wait(30) == 0, self.said[-3000:]
        self._reader.join(5)
        return time.monotonic() - began


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    place.remove(tmp_path / "var")


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/status")
    return connection.getresponse().status


def processes_of(var: Path) -> list[str]:
    """The command lines of all processes that were started for that folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"VAR_DIR={var}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it ended meanwhile
            continue
    return found


def owner_of(var: Path) -> psycopg.Connection:
    url = json.loads((var / "run" / "postgres.json").read_text())["urls"]["DATABASE_OWNER_URL"]
    return psycopg.connect(url, autocommit=True)


def test_a_first_run_and_a_second(var: Path) -> None:
    first = Up(var, f"--port={free_port()}")
    port = first.port()
    assert status(port) == 200
    first.wait_for(r"Sign in as +mei\.chen@sample\.example with password \S+")
    with owner_of(var) as owner:
        firms = owner.execute("SELECT slug FROM accounts_firm ORDER BY slug").fetchall()
        assert firms == [("sample-desk",), ("sample-newsroom",)]
        owner.execute("CREATE TABLE kept (id int)")
    _second_is_refused(var, port)
    _sends_mail(var)
    _starts_the_dead_again(first, var)
    assert first.stop() < 15
    assert processes_of(var) == []

    with socket.create_server(("127.0.0.1", port)):
        second = Up(var, f"--port={port}")
        other = second.port()
    assert other > port
    assert f"port {port} is taken" in second.said
    assert "migrate" not in second.said
    assert "load_sample" in second.said  # its feed has another address now
    with owner_of(var) as owner:
        owner.execute("SELECT * FROM kept")
        owner.execute("SELECT set_config('app.every_firm', 'on', false)")
        assert owner.execute("SELECT url FROM research_source WHERE kind = 'feed'").fetchone() == (
            f"http://localhost:{other}/sample/feed.xml",
        )
    assert second.stop(signal.SIGTERM) < 15
    assert processes_of(var) == []


def _second_is_refused(var: Path, port: int) -> None:
    again = Up(var)
    again.wait_for(f"running already: http://localhost:{port}")
    assert again.process.wait(10) == 1


def _sends_mail(var: Path) -> None:
    url = json.loads((var / "run" / "mail.json").read_text())["EMAIL_URL"]
    with smtplib.SMTP("127.0.0.1", int(url.rpartition(":")[2])) as client:
        client.sendmail("a@example.org", ["b@example.org"], "Subject: Of the test\r\n\r\nOne line.\r\n")
    assert any(b"Subject: Of the test" in file.read_bytes() for file in (var / "mail").glob("*.eml"))


def _starts_the_dead_again(up: Up, var: Path) -> None:
    workers = [folder for folder in Path("/proc").glob("[0-9]*") if _is_beat(folder, var)]
    assert len(workers) == 1
    os.kill(int(workers[0].name), signal.SIGKILL)
    up.wait_for(r"beat +│ ended by SIGKILL; starting it again")
    deadline = time.monotonic() + PATIENCE
    while not any(_is_beat(folder, var) for folder in Path("/proc").glob("[0-9]*")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _is_beat(folder: Path, var: Path) -> bool:
    try:
        return f"--schedule={var}/run/beat-schedule".encode() in (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def test_empty_asks_for_the_first_firm(var: Path) -> None:
    asked = Up(var, "--empty", f"--port={free_port()}")
    asked.wait_for("set FIRST_FIRM, FIRST_ADMIN_EMAIL, FIRST_ADMIN_PASSWORD")
    assert asked.process.wait(30) == 1

    answers = {"FIRST_FIRM": "Alder & Co", "FIRST_ADMIN_EMAIL": "head@alder.example", "FIRST_ADMIN_PASSWORD": "short"}
    weak = Up(var, "--empty", f"--port={free_port()}", **answers)
    weak.wait_for("at least 12 characters")
    assert weak.process.wait(30) == 1

    told = Up(var, "--empty", f"--port={free_port()}", **answers | {"FIRST_ADMIN_PASSWORD": "quiet-amber-lantern-58"})
    told.port()
    with owner_of(var) as owner:
        owner.execute("SELECT set_config('app.every_firm', 'on', false)")
        found = (
            "SELECT slug, role, email FROM accounts_firm, accounts_membership JOIN accounts_user ON accounts_user.id = user_id"
        )
        assert owner.execute(found).fetchall() == [("alder-co", "administrator", "head@alder.example")]
    assert reset(var) == (1, True)
    told.stop()
    assert processes_of(var) == []
    assert reset(var) == (0, False)


def reset(var: Path) -> tuple[int, bool]:
    """What `make reset` does: its exit code, and whether what was stored is there still."""
    argv = [sys.executable, "-m", "config.embedded"]
    done = subprocess.run(argv, cwd=ROOT, env=os.environ | {"VAR_DIR": str(var)}, capture_output=True, check=False)
    return done.returncode, var.exists()


@pytest.mark.parametrize(("taken", "expected"), [(0, 0), (1, 1), (2, 2)])
def test_the_next_free_port_is_taken(taken: int, expected: int) -> None:
    start = free_port()
    listeners = [socket.create_server(("127.0.0.1", start + offset)) for offset in range(taken)]
    try:
        assert free_port(start) >= start + expected
    finally:
        for listener in listeners:
            listener.close()


def test_what_a_database_was_prepared_for_names_its_address() -> None:
    prints = {supervisor.fingerprint(kind, address) for kind in ("migrations", "sample") for address in ("http://a", "http://b")}
    assert len(prints) == 4
