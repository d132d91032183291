"""Child processes as the supervisor sees them: started, their output named line by line, started again when they die."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.servers import Process, die_with_parent

LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60
LARGEST_LOG = 5_000_000
NAME_WIDTH = 8


class Output:
    """Where all processes' lines go: to standard output with the process's name, and to a file for each process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def say(self, name: str, line: str) -> None:
        with self._lock:
            sys.stdout.write(f"{name:<{NAME_WIDTH}} │ {line}\n")
            sys.stdout.flush()

    def follow(self, name: str, process: Process) -> None:
        """Copy a process's output from now on, in a thread of its own, until it ends."""
        assert process.stdout is not None
        threading.Thread(target=self._copy, args=(name, process.stdout), daemon=True).start()

    def _copy(self, name: str, stream: IO[bytes]) -> None:
        file = self.folder / f"{name}.log"
        if file.exists() and file.stat().st_size > LARGEST_LOG:
            file.replace(file.with_suffix(".log.1"))
        with file.open("ab") as log:
            for line in stream:
                log.write(line)
                log.flush()
                self.say(name, line.decode(errors="replace").rstrip("\n"))


@dataclass(slots=True)
class Child:
    """A process that is to run for as long as we do. `spawn` starts it, with its output piped."""

    name: str
    spawn: Callable[[], Process]
    output: Output
    process: Process | None = None
    started: float = 0.0
    again_at: float | None = None
    deaths: int = field(default=0)

    def start(self) -> None:
        self.process, self.started, self.again_at = self.spawn(), time.monotonic(), None
        self.output.follow(self.name, self.process)

    def watch(self) -> None:
        """Start the process again if it died: at once the first time, then after pauses that double."""
        now = time.monotonic()
        if self.again_at is not None:
            if now >= self.again_at:
                self.start()
        elif self.process is not None and (code := self.process.poll()) is not None:
            self.deaths = 0 if now - self.started > STEADY_SECONDS else self.deaths + 1
            pause = min(2**self.deaths - 1, LONGEST_PAUSE_SECONDS)
            self.again_at = now + pause
            self.output.say(self.name, f"ended {_ending(code)}; starting it again" + (f" in {pause} s" if pause else ""))

    def ask_to_stop(self, signum: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signum)

    def see_stopped(self, deadline: float) -> None:
        """Return when the process is gone; after the deadline (of time.monotonic) it and all it started are killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.output.say(self.name, "did not stop in time, and is killed: what it held is taken up again at the next start")
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _ending(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def python(argv: list[str], environment: dict[str, str], folder: Path) -> Process:
    """Start `python argv…` in a session of its own, with its output piped, to be told to stop when we are gone."""
    return subprocess.Popen(
        [sys.executable, *argv],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
