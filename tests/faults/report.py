"""What a fault test counted, as one JSON line on standard output (shown with -s, and of what failed)."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted(row: str, scale: int) -> Iterator[dict[str, Any]]:
    """The counts of one row of the table of faults, filled in by the block; printed whether it goes well or not."""
    counts: dict[str, Any] = {}
    started, passed = time.monotonic(), False
    try:
        yield counts
        passed = True
    finally:
        seconds = round(time.monotonic() - started, 1)
        line = {"row": row, "pass": passed, "counts": counts, "scale": scale, "seconds": seconds}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
