"""Real data that lives beside the project and is never part of it; tests that need it skip where it is absent."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def shared(path: str) -> Path:
    """The file or folder at `path` below ../shared/data; skips the test when it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"../shared/data/{path} is not here")
    return found


def shared_lines(path: str) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file below ../shared/data; skips the test when it is not there."""
    return [json.loads(line) for line in shared(path).read_text(encoding="utf-8").splitlines() if line]


def packed(path: str) -> Iterator[tuple[str, bytes]]:
    """The files of one of the shared archives, by name; skips the test when it is not there."""
    with tarfile.open(shared(path)) as archive:
        for member in archive:
            found = archive.extractfile(member) if member.isfile() else None
            if found:
                yield member.name, found.read()
