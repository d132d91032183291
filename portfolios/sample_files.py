"""The files of the sample security master and portfolios. Knows no database."""

import csv
from pathlib import Path

FILES = Path(__file__).with_name("sample")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the sample files, by column."""
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
