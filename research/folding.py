"""Text folded for comparison, with a way back to the original offsets.

Two spellings a reader cannot tell apart (curly and straight quotes, a ligature and its letters, a no-break
and a plain space) compare equal after folding; every character of the folded text knows the slice of the
original it came from, so what is found can be shown in the stored text.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_ALIKE = {
    **dict.fromkeys("‘’‚‛′ʼ´`‹›＇", "'"),
    **dict.fromkeys("“”„‟″«»〝〞＂「」『』", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
}
_ALIKE_MARK = re.compile(f"[{''.join(_ALIKE)}]")  # str.translate would ask for every character
# Soft hyphen, zero-width, bidi controls, variation selectors, tag characters: drawn as nothing.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"\s\s|[^\S ]")
_SPACE_RUN = re.compile(r"\s+")
# With the character before it, which may be the base of a combining mark.
_NOT_ASCII = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
CJK = re.compile("[\u2e80-\u2fdf\u3005-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")

# Letters of other scripts that are drawn like Latin ones, for words that mix them with these.
_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕԁһ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABESIJKMHOPCTYXaeopcyxijsdh" + "ABEZHIKMNOPTYXo",
)
_GREEK_OR_CYRILLIC = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_MIXED_WORD = re.compile(r"(?=\w*[A-Za-z])(?=\w*[\u0370-\u03ff\u0400-\u052f])\w+")

# Longer piles of marks are noise, and would cost quadratic time.
_LONGEST_CLUSTER = 32


class Folded(NamedTuple):
    """Folded text; `starts[i]`, `ends[i]` bound the original slice behind character i (None: the identity)."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Original (start, end) of the folded slice [start, end), which must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str, keep_lines: bool = False) -> Folded:
    """NFKC, one kind of quotation mark and dash, white-space runs as one space, invisible characters gone; case kept.

    With `keep_lines` white space stays as it is, but for unusual blanks, which become plain ones.
    """
    plain = text if text.isascii() and "`" not in text else _alike(text)
    is_plain = plain.isascii() or (not INVISIBLE.search(plain) and unicodedata.is_normalized("NFKC", plain))
    folded = Folded(plain) if is_plain else _normalised(plain)
    return folded if keep_lines or not _SPACES.search(folded.text) else _collapsed(folded)


def unmasked(text: str) -> str:
    """The text with Latin letters for those of other scripts that look like them, in words that mix both. As long as before."""
    if text.isascii() or not _GREEK_OR_CYRILLIC.search(text):
        return text
    return _MIXED_WORD.sub(lambda word: word[0].translate(_LOOK_ALIKE), text)


def _alike(text: str) -> str:
    """With one kind of quotation mark and dash."""
    return _ALIKE_MARK.sub(lambda mark: _ALIKE[mark[0]], text)


def _normalised(plain: str) -> Folded:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _NOT_ASCII.finditer(plain):
        out.append(plain[at : match.start()])
        starts.extend(range(at, match.start()))
        ends.extend(range(at + 1, match.start() + 1))
        for start, end in _clusters(plain, *match.span()):
            part = _alike(unicodedata.normalize("NFKC", INVISIBLE.sub("", plain[start:end])))
            part = INVISIBLE.sub("", part)
            out.append(part)
            starts.extend([start] * len(part))
            ends.extend([_visible_end(plain, start, end)] * len(part))
        at = match.end()
    out.append(plain[at:])
    starts.extend(range(at, len(plain)))
    ends.extend(range(at + 1, len(plain) + 1))
    return Folded("".join(out), starts, ends)


def _collapsed(folded: Folded) -> Folded:
    text = folded.text
    all_starts = range(len(text)) if folded.starts is None else folded.starts
    all_ends = range(1, len(text) + 1) if folded.ends is None else folded.ends
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _SPACE_RUN.finditer(text):
        start, end = match.span()
        starts.extend(all_starts[at : start + 1])
        ends.extend(all_ends[at:start])
        ends.append(all_ends[end - 1])
        at = end
    starts.extend(all_starts[at:])
    ends.extend(all_ends[at:])
    return Folded(_SPACE_RUN.sub(" ", text), starts, ends)


def _clusters(text: str, first: int, last: int) -> list[tuple[int, int]]:
    """Slices of text[first:last] that normalise independently: a base and whatever composes with it."""
    bounds: list[tuple[int, int]] = []
    start = first
    for i in range(first + 1, last):
        if not _composes(text[start:i], text[i]):
            bounds.append((start, i))
            start = i
    return [*bounds, (start, last)]


def _composes(before: str, char: str) -> bool:
    if char.isascii() or len(before) > _LONGEST_CLUSTER:
        return False
    normal = unicodedata.normalize("NFKC", char)
    if unicodedata.combining(normal[0]) or INVISIBLE.match(char):
        return True
    last = INVISIBLE.sub("", before)[-1:]
    return unicodedata.normalize("NFKC", last + char) != unicodedata.normalize("NFKC", last) + normal


def _visible_end(text: str, start: int, end: int) -> int:
    while end - start > 1 and INVISIBLE.match(text[end - 1]):
        end -= 1
    return end


def visible(text: str) -> str:
    """The text as a reader sees it: NFKC, without invisible and control characters; line breaks kept."""
    normal = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return "".join(c for c in normal if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cf"})


def storable(text: str) -> str:
    """Without what PostgreSQL refuses: NUL and lone surrogates (replaced by U+FFFD)."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
