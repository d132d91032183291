"""What is read from the environment and what .env.example says of it are the same."""

import re
from itertools import pairwise
from pathlib import Path

from config.management.commands import create_firm

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"""(?:\benv\.\w+|_database)\(\s*"([A-Z_]+)\"""")
WRITTEN = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def test_every_variable_is_in_the_example_once_and_explained() -> None:
    example = (ROOT / ".env.example").read_text()
    written = WRITTEN.findall(example)
    read = READ.findall((ROOT / "config" / "settings.py").read_text())
    assert sorted(written) == sorted({*read, *create_firm.VARIABLES.values()})
    lines = example.splitlines()
    unexplained = [line for before, line in pairwise(lines) if WRITTEN.match(line) and not before.startswith("# ")]
    assert unexplained == []


def test_there_are_not_too_many() -> None:
    assert len(WRITTEN.findall((ROOT / ".env.example").read_text())) < 45
