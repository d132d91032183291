"""The embedded servers, shared by all commands of one checkout.

The first command that needs a server starts it; others at the same time use it; the last of them to end stops it. What runs is
written in var/run/<server>.json. A server whose address is given (DATABASE_URL, REDIS_URL) is never started.
"""

import atexit
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from config import place, servers
from config.place import Refused
from config.servers import Server

BASE_DIR = Path(__file__).resolve().parent.parent
MADE_BY = {"DATABASE_URL": servers.postgres, "REDIS_URL": servers.valkey}


def given(variable: str) -> bool:
    """Whether the environment has that variable, itself or as a file."""
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))


def var_folder() -> Path:
    """The folder of everything that we write, made if there is none. Raises Refused when we may not write there."""
    var = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()
    try:
        for folder in (var, var / "run", var / "log", var / "mail"):
            folder.mkdir(exist_ok=True, parents=True)
        place.hand_over(var)
        os.utime(var / "run")
    except OSError as error:
        raise Refused(f"{error}. Make {var} yours, or set VAR_DIR to a folder that you may write.") from error
    return var


class Share:
    """One server, as this process uses it: started here, or by another command of the same checkout."""

    def __init__(self, var: Path, variable: str) -> None:
        self.var, self.variable = var, variable
        self.urls: dict[str, str] = {}
        self.server: Server | None = None
        name = "postgres" if variable == "DATABASE_URL" else "valkey"
        self.state, self.log = var / "run" / f"{name}.json", var / "log" / f"{name}.log"
        self._users: IO[bytes] | None = None
        self._process = os.getpid()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.state.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def join(self, *, durable: bool = True, piped: bool = False) -> None:
        """Use the running server, or start it. With `piped`, the caller reads the new process's output."""
        with self._alone():
            self._users = self.state.with_suffix(".users").open("wb")  # held for as long as we use the server
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self.urls = self._running() or self._start(durable=durable, piped=piped)
        place.hand_over(self.var)

    def _running(self) -> dict[str, str]:
        if not self.state.exists():
            return {}
        known = json.loads(self.state.read_text())
        if servers.is_running(known["owner"], "") and servers.answers(known["urls"]):
            urls: dict[str, str] = known["urls"]
            return urls
        for folder in known["folders"]:
            place.remove(Path(folder))
        if servers.is_running(known["pid"], "valkey-server"):
            os.kill(known["pid"], signal.SIGTERM)
        return {}

    def _start(self, *, durable: bool, piped: bool) -> dict[str, str]:
        self.server = MADE_BY[self.variable](self.var, durable=durable)
        with self.log.open("ab") as log:
            process = self.server.spawn(subprocess.PIPE if piped else log)
        self.server.wait_until_ready()
        state = {
            "owner": os.getpid(),
            "pid": process.pid,
            "urls": self.server.urls,
            "folders": [str(folder) for folder in self.server.folders],
        }
        self.state.touch(mode=0o600)
        self.state.write_text(json.dumps(state))
        return self.server.urls

    def leave(self, *, wait: bool = True) -> None:
        """Stop using the server. The one who started it stops it, with `wait` not before the others have left."""
        if self._users is None or os.getpid() != self._process:  # a fork uses what its parent joined
            return
        self._users.close()
        self._users = None
        if self.server is None:
            return
        while wait and self._others():
            time.sleep(0.2)
        with self._alone():
            self.server.stop()
            self.state.unlink(missing_ok=True)
        place.hand_over(self.var)

    def _others(self) -> bool:
        with self._alone(), self.state.with_suffix(".users").open("wb") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False


def ensure() -> None:
    """Put the servers' addresses into the environment, where it has none: of running ones, or of new ones until we end."""
    missing = [variable for variable in MADE_BY if not given(variable)]
    if not missing:
        return
    var = var_folder()
    signal.signal(signal.SIGTERM, _exit)  # so that what is registered to run at exit does
    for variable in missing:
        share = Share(var, variable)
        atexit.register(share.leave)
        share.join()
        for name, url in share.urls.items():
            if name.isupper():
                os.environ.setdefault(name, url)
    mail = var / "run" / "mail.json"
    if mail.exists():
        os.environ.setdefault("EMAIL_URL", json.loads(mail.read_text())["EMAIL_URL"])


def _exit(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)


def reset(var: Path) -> None:
    """Delete everything that was stored below `var`. Raises Refused while a server runs."""
    for variable in MADE_BY:
        state = Share(var, variable).state
        owner = json.loads(state.read_text())["owner"] if state.exists() else 0
        if servers.is_running(owner, ""):
            raise Refused(f"The embedded servers are running (process {owner}): stop them first.")
    place.remove(var)


if __name__ == "__main__":  # make reset
    try:
        reset(Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute())
    except Refused as refused:
        sys.exit(str(refused))
