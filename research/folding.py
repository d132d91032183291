"""Text folded for comparison, with a way back to the original offsets.

Two spellings a reader cannot tell apart (curly and straight quotes, a ligature and its letters, a no-break
and a plain space) compare equal after folding; every character of the folded text knows the slice of the
original it came from, so what is found can be shown in the stored text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_ALIKE = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ´`‹›＇", "'") | dict.fromkeys("“”„‟″«»〝〞＂「」『』", '"') | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
)
# Soft hyphen, zero-width, bidi controls, variation selectors, tag characters: drawn as nothing.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"\s\s|[^\S ]")
CJK = re.compile("[\u2e80-\u2fdf\u3005-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `starts[i]`, `ends[i]` bound the original slice behind character i (None: the identity)."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Original (start, end) of the folded slice [start, end), which must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """NFKC, one kind of quotation mark and dash, white-space runs as one space, invisible characters gone; case kept."""
    plain = text.translate(_ALIKE)
    if not _SPACES.search(plain) and (
        plain.isascii() or (not INVISIBLE.search(plain) and unicodedata.is_normalized("NFKC", plain))
    ):
        return Folded(plain)
    return _fold_slowly(plain)


def _fold_slowly(plain: str) -> Folded:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(plain):
        folded = unicodedata.normalize("NFKC", plain[start:end]).translate(_ALIKE)
        for char in INVISIBLE.sub("", folded):
            if char.isspace() and out and out[-1] == " ":
                ends[-1] = end
                continue
            out.append(" " if char.isspace() else char)
            starts.append(start)
            ends.append(end)
    return Folded("".join(out), starts, ends)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Slices that normalise independently of each other: a base and whatever composes with it."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for i in range(1, len(text)):
        if _composes(text[start:i], text[i]):
            continue
        bounds.append((start, i))
        start = i
    if text:
        bounds.append((start, len(text)))
    return bounds


def _composes(before: str, char: str) -> bool:
    if char.isascii():
        return False
    if unicodedata.combining(char):
        return len(before) < 32  # longer piles of marks are noise, and would cost quadratic time
    pair = before[-1:] + char
    normal = unicodedata.normalize("NFKC", pair)
    return len(before) < 32 and normal != unicodedata.normalize("NFKC", pair[0]) + unicodedata.normalize("NFKC", char)


def visible(text: str) -> str:
    """The text as a reader sees it: NFKC, without invisible and control characters; line breaks kept."""
    normal = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return "".join(c for c in normal if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cf"})
