"""Prose cut at what its sources do not bear out, and at the figures that only follow from theirs. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

NOTES = {
    "number": "no source has this number",
    "date": "no source has this date",
    "currency": "the sources have another currency",
    "scale": "the sources have another size",
    "name": "no source has this name",
    "negation": "the sources may say the opposite",
}
DERIVED = "derived"


@dataclass(frozen=True)
class Mark:
    """Words of a text, and what is to be said of them."""

    words: str
    note: str = NOTES["number"]
    is_derived: bool = False


@dataclass(frozen=True)
class Part:
    """A stretch of prose. `is_unfounded`: no source bears it out; `is_derived`: two of its figures do; `note` says how or why."""

    text: str
    is_unfounded: bool = False
    is_derived: bool = False
    note: str = ""


def marks(dropped: Sequence[Mapping[str, str]], derived: Sequence[Mapping[str, str]], claim: str) -> list[Mark]:
    """Those of a section, in the order of its text: slips first, then what is derived, which stands elsewhere."""
    slips = [Mark(row["words"], NOTES[row["kind"]]) for row in dropped if row["kind"] in NOTES and row["claim"] == claim]
    return slips + [
        Mark(row["words"], f"{DERIVED}: {row['reason']}", is_derived=True) for row in derived if row["claim"] == claim
    ]


def prose(text: str, marks: Iterable[Mark]) -> tuple[Part, ...]:
    """The text cut at these words, each at its first place after the one before it. What stands within another is told
    with it."""
    return marked(text, marks)[0]


def marked(text: str, marks: Iterable[Mark]) -> tuple[tuple[Part, ...], list[Mark]]:
    """The parts, and the marks for which there was no place."""
    spans: list[tuple[int, int, Part]] = []
    left: list[Mark] = []
    last = {False: (0, ""), True: (0, "")}
    for mark in marks:
        since, before = last[mark.is_derived]
        start, end = _place(mark.words, text, since + (mark.words == before))  # slips and derived figures are each in order
        if start < 0:
            left.append(mark)
            continue
        around = next((span for span in spans if span[0] <= start < span[1]), None)
        if around and mark.note not in around[2].note:
            spans[spans.index(around)] = (*around[:2], replace(around[2], note=f"{around[2].note}; {mark.note}"))
        elif not around:
            spans.append((start, end, Part(text[start:end], not mark.is_derived, mark.is_derived, mark.note)))
        last[mark.is_derived] = start, mark.words
    return tuple(_parts(text, sorted(spans, key=lambda span: span[:2]))), left


def _place(words: str, text: str, at: int) -> tuple[int, int]:
    # 5 is not marked inside of 15, 1.5 or 5.2.
    found = re.compile(rf"(?<![A-Za-z0-9])(?<!\d[.,]){re.escape(words)}(?![.,]?\d)(?![A-Za-z])").search(text, at)
    return found.span() if found else (-1, -1)


def _parts(text: str, spans: Sequence[tuple[int, int, Part]]) -> Iterable[Part]:
    at = 0
    for start, end, part in spans:
        if start > at:
            yield Part(text[at:start])
        yield part
        at = end
    if at < len(text):
        yield Part(text[at:])
