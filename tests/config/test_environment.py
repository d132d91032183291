"""What the settings read from the environment and what .env.example says of it are the same."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"""(?:\benv\.\w+|_database)\(\s*"([A-Z_]+)\"""")
WRITTEN = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def test_every_variable_is_in_the_example_once_and_explained() -> None:
    example = (ROOT / ".env.example").read_text()
    written = WRITTEN.findall(example)
    assert sorted(written) == sorted(set(READ.findall((ROOT / "config" / "settings.py").read_text())))
    lines = example.splitlines()
    unexplained = [line for before, line in zip(lines, lines[1:], strict=False) if WRITTEN.match(line) and not before.startswith("# ")]
    assert unexplained == []


def test_there_are_not_too_many() -> None:
    assert len(WRITTEN.findall((ROOT / ".env.example").read_text())) < 45
