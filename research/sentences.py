"""Where the sentences of a text begin and end."""

import re
from bisect import bisect_left, bisect_right

# Not after a title or an initial (Mr. Lin, U.S. sales), nor before a small letter (Acme Inc. said).
_END = re.compile(r"(?<!\b[A-Z])(?<!\b(?:Mr|Ms|Dr|St|No|vs))(?<!\bMrs)[.!?]\s(?!\s*[a-z])|[。！？\n]")


def sentence_bounds(text: str) -> list[int]:
    """Offsets at which sentences begin, and the end of the text. The white space after a sentence is its own."""
    return sorted({0, *(found.end() for found in _END.finditer(text)), len(text)})


def sentences_around(text: str, start: int, end: int) -> tuple[int, int]:
    """(start, end) of the sentences that text[start:end], which must not be empty, stands in."""
    return enclosing(sentence_bounds(text), start, end)


def enclosing(bounds: list[int], start: int, end: int) -> tuple[int, int]:
    """The nearest of these sorted bounds that enclose start < end."""
    return bounds[bisect_right(bounds, start) - 1], bounds[bisect_left(bounds, end)]
