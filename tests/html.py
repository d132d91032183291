"""What a page is held to beside its words: markup that browsers read as it is written, references that lead somewhere, and
nothing that the content policy refuses."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise, zip_longest
from typing import Any

from justhtml import JustHTML

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = HEADINGS | {
    *("address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "fieldset", "figure", "footer", "form"),
    *("header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
}
# Elements whose content is words and what stands in a line of words. (An `a` takes what its parent takes.)
LINES = HEADINGS | {
    *("abbr", "b", "button", "cite", "code", "em", "i", "kbd", "label", "legend", "p", "q", "s", "small", "span", "strong"),
    *("sub", "sup", "time", "u"),
}
INTERACTIVE = {"a", "button", "details", "input", "label", "select", "textarea"}
# Parent → the only children it takes. `template` and `script` may stand in any of them.
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"th", "td"},
    "select": {"option", "optgroup", "hr"},
}
PARENTS = {"li": {"ul", "ol", "menu"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "option": {"select", "optgroup", "datalist"}}
REFERENCES = (
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-owns",
    "aria-details",
    "aria-errormessage",
    "for",
    "form",
)
DATA_SCRIPTS = ("application/json", "application/ld+json")


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    line: int
    ancestors: tuple[str, ...]  # the nearest first


@dataclass
class Written(HTMLParser):
    """The elements as the text nests them: each closed by its own end tag, in order."""

    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        times = Counter(name for name, _ in attrs)
        self.faults += [f"line {line}: {tag} has {name} twice" for name in times if times[name] > 1]
        given = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, given, line, tuple(reversed(self._open))))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.faults.append(f"line {self.getpos()[0]}: </{tag}> closes {self._open[-1:] or 'nothing'}")


def faults(text: str) -> list[str]:
    """What is wrong with an HTML page, or with a fragment of one: a sentence each."""
    written = Written()
    written.feed(text)
    written.close()
    found = written.faults + [f"{name} is not closed" for name in written._open]
    found += [f"template syntax: {mark}" for mark in ("<c-", "</c-", "{{", "{%", "{#") if mark in text]
    found += _tree_faults(text, written.elements)
    for check in (_nesting_faults, _reference_faults, _policy_faults):
        found += check(written.elements)
    return found


def is_whole(text: str) -> bool:
    return text.lstrip()[:15].lower() == "<!doctype html>"


def _tree_faults(text: str, elements: list[Element]) -> list[str]:
    """Where a browser's tree is not the one that is written: it has closed, moved or put in something."""
    parsed = JustHTML(text, collect_errors=True, sanitize=False, fragment=not is_whole(text))
    ours = [(element.name, len(element.ancestors)) for element in elements]
    found = [f"{error.code} at line {error.line}" for error in parsed.errors]
    for at, (written, read) in enumerate(zip_longest(ours, _walk(parsed.root, -1))):
        if written != read:
            line = elements[at].line if at < len(elements) else "the end"
            return [*found, f"line {line}: a browser reads {read} for {written} (element, depth)"]
    return found


def _walk(node: Any, depth: int) -> Iterator[tuple[str, int]]:
    if not node.name.startswith(("#", "!")):
        yield node.name.lower(), depth
    content = getattr(node, "template_content", None)
    for child in [*(node.children or []), *((content.children or []) if content else [])]:
        yield from _walk(child, depth + 1)


def _nesting_faults(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        where = f"line {element.line}: {element.name}"
        parent = next(iter(element.ancestors), "")
        if "svg" in element.ancestors:
            continue
        if element.name in BLOCKS and (around := _line_around(element)):
            yield f"{where} in {around}"
        if element.name not in CHILDREN.get(parent, {element.name}) | {"template", "script"}:
            yield f"{where} in {parent}"
        if parent and parent not in PARENTS.get(element.name, {parent}):
            yield f"{where} in {parent}"
        if element.name in INTERACTIVE and element.attributes.get("type") != "hidden":
            for around in set(element.ancestors) & {"a", "button"}:
                yield f"{where} in {around}"


def _line_around(element: Element) -> str:
    """The element that takes words alone and has this one in it."""
    parent = next((name for name in element.ancestors if name != "a"), "")
    return parent if parent in LINES else ""


def _reference_faults(elements: list[Element]) -> Iterator[str]:
    ids = Counter(element.attributes["id"] for element in elements if "id" in element.attributes)
    yield from (f"id {name!r} stands {times} times" for name, times in ids.items() if times > 1 or not name)
    for element in elements:
        for name in REFERENCES:
            for wanted in element.attributes.get(name, "").split():
                if wanted not in ids:
                    yield f"line {element.line}: {name} of {element.name} names {wanted!r}, which is not there"
        target = element.attributes.get("href", "")
        if element.name == "a" and target.startswith("#") and target[1:] not in ids:
            yield f"line {element.line}: a link to {target}, which is not there"
    levels = [int(element.name[1]) for element in elements if element.name in HEADINGS]
    yield from (f"h{lower} follows h{upper}" for upper, lower in pairwise(levels) if lower > upper + 1)


def _policy_faults(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        where = f"line {element.line}: {element.name}"
        for name, value in element.attributes.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                yield f"{where} has {name}"
            if value.strip().lower().startswith("javascript:"):
                yield f"{where} has {value}"
        inline = element.name == "script" and "src" not in element.attributes
        if element.name == "style" or (inline and element.attributes.get("type") not in DATA_SCRIPTS):
            yield f"{where} stands in the page"
