"""A forgiving, linear reading of HTML as the web has it: what would be visible, in order, whatever its author left unclosed.

Browsers and their parsers take quadratic time on hostile markup (50,000 nested elements: 20 s); this reading does not build a
tree and looks at most `MAX_DEPTH` elements up. It decides what is shown; what is safe to show is nh3's decision, made later.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from research.hiding import Attributes, hidden_selectors, hides

MAX_DEPTH = 200


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


VOID = _names("area base br col embed frame hr img input link meta param source track wbr")
RAW = _names("script style xmp iframe noembed noframes noscript plaintext title textarea")
UNSEEN = _names("audio canvas datalist head math object select svg template video")
BLOCK = _names(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead "
    "tr ul caption"
)
# An opening tag ends these where they are still open, up to the given containers: nobody closes <li>, <td> or <p>.
ENDS = {
    "li": (_names("li"), _names("ul ol menu dir")),
    "dt": (_names("dt dd"), _names("dl")),
    "dd": (_names("dt dd"), _names("dl")),
    "td": (_names("td th"), _names("tr table")),
    "th": (_names("td th"), _names("tr table")),
    "tr": (_names("tr td th"), _names("table")),
}
P_ENDS = (_names("p"), BLOCK - {"p"})

TAG_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
COMMENT_END = re.compile(r"--!?>")
ATTRIBUTE = re.compile(r"[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?")
STRAY = re.compile(r"[\s/]*=?")
TAG_END = re.compile(r"[\s/]*>")


@dataclass(frozen=True, slots=True)
class Text:
    """Character data with its entities resolved; `is_visible` is False inside hidden elements."""

    text: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """A visible element's start or end."""

    name: str
    attributes: Attributes
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class _Raw:
    """One token of the source: text, or a tag; `name` is empty for text."""

    name: str
    text: str
    attributes: Attributes
    is_end: bool


def read_markup(html: str) -> Iterator[Text | Tag]:
    """Visible tags and all text of an HTML fragment, in order. Takes any string; never raises."""
    selectors = hidden_selectors(html) if "<" in html else frozenset()
    walk = _Walk(selectors)
    for token in _tokens(html):
        if not token.name:
            yield Text(token.text, walk.hidden_count == 0)
        elif token.is_end:
            yield from walk.end(token.name)
        else:
            yield from walk.start(token.name, token.attributes)


class _Walk:
    """The stack of open elements and how many of them hide what is in them."""

    def __init__(self, selectors: frozenset[str]) -> None:
        self._selectors = selectors
        self._open: list[tuple[str, bool]] = []
        self.hidden_count = 0

    def start(self, name: str, attributes: Attributes) -> Iterator[Tag]:
        yield from self._end_implied(name)
        if len(self._open) >= MAX_DEPTH and name not in VOID:
            return
        is_hidden = name in UNSEEN or hides(name, attributes, self._selectors)
        if self.hidden_count == 0 and not is_hidden:
            yield Tag(name, attributes)
        if name not in VOID:
            self._open.append((name, is_hidden))
            self.hidden_count += is_hidden

    def end(self, name: str) -> Iterator[Tag]:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == name:
                # </b> does not end the <p> opened inside it; </div> ends all that is open inside it.
                holds_block = any(inner in BLOCK for inner, _ in self._open[at + 1 :])
                yield from self._take_out(at) if name not in BLOCK and holds_block else self._close(at)
                return

    def _close(self, at: int) -> Iterator[Tag]:
        """Ends the element at `at` and all that is open inside it, innermost first."""
        while len(self._open) > at:
            yield from self._take_out(len(self._open) - 1)

    def _take_out(self, at: int) -> Iterator[Tag]:
        name, is_hidden = self._open.pop(at)
        self.hidden_count -= is_hidden
        if self.hidden_count == 0 and not is_hidden:
            yield Tag(name, {}, is_end=True)

    def _end_implied(self, name: str) -> Iterator[Tag]:
        for ended, containers in ([P_ENDS] if name in BLOCK else []) + ([ENDS[name]] if name in ENDS else []):
            for at in range(len(self._open) - 1, -1, -1):
                if self._open[at][0] in ended:
                    yield from self._close(at)
                    break
                if self._open[at][0] in containers:
                    break


def _tokens(html: str) -> Iterator[_Raw]:
    at = 0
    while at < len(html):
        opened = html.find("<", at)
        if opened < 0:
            opened = len(html)
        if opened > at:
            yield _Raw("", unescape(html[at:opened]), {}, is_end=False)
        if opened == len(html):
            return
        at, token = _read_angle(html, opened)
        if token:
            yield token
            if token.name in RAW and not token.is_end:
                at = _after_raw(html, at, token.name)


def _read_angle(html: str, opened: int) -> tuple[int, _Raw | None]:
    """What begins with the < at `opened`, and where it ends; no token for comments and declarations."""
    if html.startswith("<!--", opened):
        if html.startswith((">", "->"), opened + 4):
            return html.index(">", opened) + 1, None
        end = COMMENT_END.search(html, opened + 4)
        return (end.end() if end else len(html)), None
    is_end = html.startswith("/", opened + 1)
    name = TAG_NAME.match(html, opened + 1 + is_end)
    if name:
        at, attributes = _read_attributes(html, name.end())
        return at, _Raw(name[0].lower(), "", attributes, is_end)
    if html.startswith(("!", "?", "/"), opened + 1):
        end_at = html.find(">", opened)
        return (end_at + 1 if end_at >= 0 else len(html)), None
    return opened + 1, _Raw("", "<", {}, is_end=False)


def _read_attributes(html: str, at: int) -> tuple[int, Attributes]:
    attributes: Attributes = {}
    while at < len(html):
        if end := TAG_END.match(html, at):
            return end.end(), attributes
        found = ATTRIBUTE.match(html, at)
        if found is None:
            at = STRAY.match(html, at).end()  # type: ignore[union-attr]  # it matches everywhere
            continue
        at = found.end()
        if html.startswith("=", at):
            # A quote that never closes: the tag runs to the end of the document, as in a browser.
            return len(html), attributes
        value = found[2] or found[3] or found[4] or ""
        attributes.setdefault(found[1].lower(), unescape(value))
    return at, attributes


def _after_raw(html: str, at: int, name: str) -> int:
    end = re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE).search(html, at)
    return end.start() if end else len(html)
