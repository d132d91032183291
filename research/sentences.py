"""Where the sentences of a text begin and end."""

import re
from bisect import bisect_left, bisect_right

MOST_AROUND = 160
# Not after a title or an initial (Mr. Lin, U.S. sales), nor before a small letter (Acme Inc. said).
_END = re.compile(r"(?<!\b[A-Z])(?<!\b(?:Mr|Ms|Dr|St|No|vs))(?<!\bMrs)[.!?]\s(?!\s*[a-z])|[。！？\n]")


def sentence_bounds(text: str) -> list[int]:
    """Offsets at which sentences begin, and the end of the text. The white space after a sentence is its own."""
    return sorted({0, *(found.end() for found in _END.finditer(text)), len(text)})


def sentences_around(text: str, start: int, end: int) -> tuple[int, int]:
    """(start, end) of the sentences that text[start:end], which must not be empty, stands in."""
    return enclosing(sentence_bounds(text), start, end)


def around(text: str, start: int, end: int, since: int, until: int) -> tuple[str, str]:
    """What stands before and after text[start:end] within text[since:until], no more than 160 characters on either side."""
    before, after = text[since:start].lstrip(), text[end:until].rstrip()
    if len(before) > MOST_AROUND:
        before = "… " + before[-MOST_AROUND:].partition(" ")[2]
    if len(after) > MOST_AROUND:
        after = after[:MOST_AROUND].rpartition(" ")[0] + " …"
    return before, after


def enclosing(bounds: list[int], start: int, end: int) -> tuple[int, int]:
    """The nearest of these sorted bounds that enclose start < end."""
    return bounds[bisect_right(bounds, start) - 1], bounds[bisect_left(bounds, end)]
