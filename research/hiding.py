"""How markup hides text from a reader's eye: attributes, inline styles, and rules of a style sheet inside the fragment."""

import re

Attributes = dict[str, str]

HIDING_CLASSES = frozenset({"d-none", "hidden", "screen-reader-only", "screen-reader-text", "sr-only", "visually-hidden"})
NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(e[+-]?\d+)?([a-z]*|%)")
STYLE, STYLE_END = re.compile(r"<style(?=[\s/>])", re.IGNORECASE), re.compile(r"</style(?=[\s/>])", re.IGNORECASE)
CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")
COLOURS = {
    "white": "#fff",
    "black": "#000",
    "#ffffff": "#fff",
    "#000000": "#000",
    "rgb(255,255,255)": "#fff",
    "rgb(0,0,0)": "#000",
}
# Lengths at which a font cannot be read, and offsets that put a box out of any window (CSS pixels).
SMALLEST_FONT = 2.0
OFF_SCREEN = -500.0


def hides(name: str, attributes: Attributes, selectors: frozenset[str]) -> bool:
    """Whether an element with these attributes is invisible; `selectors` are those of `hidden_selectors`."""
    if not attributes and not selectors:
        return name == "dialog"
    if "hidden" in attributes or (name == "dialog" and "open" not in attributes):
        return True
    classes = frozenset(attributes.get("class", "").lower().split())
    if classes & HIDING_CLASSES or style_hides(attributes.get("style", "")):
        return True
    if not selectors:
        return False
    names = {name, f"#{attributes.get('id', '').lower()}"} | {f".{word}" for word in classes}
    return bool(names & selectors)


def style_hides(style: str) -> bool:
    """Whether a style attribute's declarations make their element unreadable."""
    if not style:
        return False
    rules = _declarations(style)
    return _is_gone(rules) or _is_too_small(rules) or _is_elsewhere(rules) or _is_colourless(rules)


def _declarations(style: str) -> dict[str, str]:
    plain = CSS_ESCAPE.sub(_unescape_css, _without_comments(style)).lower().replace("!important", "")
    pairs = (declaration.partition(":") for declaration in plain.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs if value.strip()}


def _unescape_css(match: re.Match[str]) -> str:
    if match[2]:
        return match[2]
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0xD800 else ""


def _without_comments(css: str) -> str:
    first, *rest = css.split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _is_gone(rules: dict[str, str]) -> bool:
    return (
        rules.get("display") == "none"
        or rules.get("visibility") in ("hidden", "collapse")
        or rules.get("content-visibility") == "hidden"
        or rules.get("mso-hide") == "all"
        or _at_most(rules.get("opacity"), 0.05)
        or "opacity(0" in rules.get("filter", "")
        or rules.get("transform", "").startswith(("scale(0)", "scalex(0)", "scaley(0)", "scale(0,"))
        or bool(re.match(r"inset\((50|100)%|circle\(0", rules.get("clip-path", "")))
        or bool(re.match(r"rect\((0|1)(px)?,?(0|1)", rules.get("clip", "")))
    )


def _is_too_small(rules: dict[str, str]) -> bool:
    if _at_most(rules.get("font-size"), SMALLEST_FONT, units=("", "px", "pt")) or _at_most(rules.get("font-size"), 0.15):
        return True
    if re.match(r"(?:[a-z]*)0(px|pt|em)?(/|[a-z'\"]|$)", rules.get("font", "")):
        return True
    if rules.get("overflow", rules.get("overflow-y", "")) not in ("hidden", "clip"):
        return False
    return any(_at_most(rules.get(side), 1.0) for side in ("width", "height", "max-width", "max-height"))


def _is_elsewhere(rules: dict[str, str]) -> bool:
    moved = ["text-indent", "margin-left", "margin-top"]
    if rules.get("position") in ("absolute", "fixed", "relative"):
        moved += ["left", "top", "right", "bottom"]
    return any(_at_most(rules.get(side), OFF_SCREEN) for side in moved) or bool(
        re.match(r"translate[xy3d]*\(-\d{4,}", rules.get("transform", ""))
    )


def _is_colourless(rules: dict[str, str]) -> bool:
    colour = COLOURS.get(rules.get("color", ""), rules.get("color", ""))
    if colour == "transparent" or re.match(r"rgba\(.*,0(\.0+)?\)$", colour):
        return True
    background = rules.get("background-color") or rules.get("background", "")
    return bool(colour) and colour == COLOURS.get(background, background)


def _at_most(value: str | None, most: float, units: tuple[str, ...] | None = None) -> bool:
    match = NUMBER.fullmatch(value or "")
    return match is not None and (units is None or match[3] in units) and float(match[1] + (match[2] or "")) <= most


def hidden_selectors(html: str) -> frozenset[str]:
    """Simple selectors (`.name`, `#name`, `tag`) that the fragment's own style sheets make invisible."""
    found: set[str] = set()
    opened = STYLE.search(html)
    while opened and (closed := STYLE_END.search(html, opened.end())):
        sheet = html[opened.end() : closed.start()].partition(">")[2]
        found.update(_hidden_in(_without_comments(sheet).lower()))
        opened = STYLE.search(html, closed.end())
    return frozenset(found)


def _hidden_in(sheet: str) -> set[str]:
    found: set[str] = set()
    for rule in sheet.split("}"):
        selectors, brace, body = rule.rpartition("{")
        if brace and style_hides(body):
            names = (selector.split()[-1:] for selector in selectors.rpartition("{")[2].split(","))
            found.update(re.sub(r"^[a-z0-9]+(?=[.#])", "", name[0]) for name in names if name)
    return found
