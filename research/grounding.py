"""Is it really in the text? Quotes are looked up literally.

A quote is only evidence when its words stand in the stored text; what does not is dropped, and the reader
is told how many were.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from research.folding import CJK, Folded, fold

LEAST_QUOTE = 8


class KeptQuote(NamedTuple):
    """A quote found: `texts[text_index][start:end]` is what to show."""

    claim: str
    quote: str
    text_index: int
    start: int
    end: int


class DroppedQuote(NamedTuple):
    """A quote not kept, because it is 'too short' or 'not in the text'."""

    claim: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """What became of each piece of evidence, in the order given."""

    kept: list[KeptQuote]
    dropped: list[DroppedQuote]


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) of the quote in `text`, or None.

    Compared after folding (NFKC, white space, quotation marks, dashes, invisible characters), case-sensitively
    and only at word ends: "grew 5" is not a quote from "grew 52%". Offsets are into `text` as given.
    """
    return _locate(quote, fold(text))


def ground(evidence: Iterable[tuple[str, str]], texts: Sequence[str]) -> Grounded:
    """Look up each (claim, quote) in the texts, first text first.

    A quote whose words stand in no text, or that has fewer than 8 characters, is dropped with its reason.
    """
    folded = [fold(text) for text in texts]
    kept: list[KeptQuote] = []
    dropped: list[DroppedQuote] = []
    for claim, quote in evidence:
        if len(fold(quote).text.strip()) < LEAST_QUOTE:
            dropped.append(DroppedQuote(claim, quote, "too short"))
            continue
        found = ((i, _locate(quote, text)) for i, text in enumerate(folded))
        place = next(((i, span) for i, span in found if span), None)
        if place is None:
            dropped.append(DroppedQuote(claim, quote, "not in the text"))
        else:
            kept.append(KeptQuote(claim, quote, place[0], *place[1]))
    return Grounded(kept, dropped)


def _locate(quote: str, text: Folded) -> tuple[int, int] | None:
    wanted = fold(quote).text.strip()
    if not wanted:
        return None
    at = text.text.find(wanted)
    while at >= 0:
        if not _cuts(text.text, at) and not _cuts(text.text, at + len(wanted)):
            return text.original(at, at + len(wanted))
        at = text.text.find(wanted, at + 1)
    return None


def _cuts(text: str, at: int) -> bool:
    """Does position `at` fall inside a word or a number (1.5, 1,500)?"""
    if at <= 0 or at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.islower() and after.isupper():
        return False  # words that ran together: "700GH/sApproximately"
    if before.isalnum() and after.isalnum():
        return not (CJK.match(before) or CJK.match(after)) or (before.isdigit() and after.isdigit())
    if before in ".,":
        return at >= 2 and text[at - 2].isdigit() and after.isdigit()
    return after in ".," and before.isdigit() and text[at + 1 : at + 2].isdigit()
