"""Sentences of our own with the sign that a shareholder would give them, and why; written before the rules were tried on them."""

import csv
from collections import Counter
from pathlib import Path

from research.flash import flash_reading

SENTENCES = Path(__file__).parents[1] / "data" / "flash_sentences.csv"
LEAST = 0.95


def told(text: str) -> int:
    reading = flash_reading(text, "")
    parts = (reading.p_negative, reading.p_neutral, reading.p_positive)
    return parts.index(max(parts)) - 1


def test_signs_of_our_sentences() -> None:
    with SENTENCES.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    wrong = [(row["reason"], row["text"]) for row in rows if told(row["text"]) != int(row["sign"])]
    assert len(rows) >= 150
    assert len({row["text"] for row in rows}) == len(rows)
    assert set(Counter(row["sign"] for row in rows)) == {"1", "0", "-1"}
    assert 1 - len(wrong) / len(rows) >= LEAST, wrong
