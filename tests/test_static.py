"""What the pages are made of: nothing the content policy refuses, no class without a rule, no file that is not there."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from portfolios import icons
from tools import vendor

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Mail programs read styles on the element alone. These are never served as a page.
PAGES = [path for path in TEMPLATES if "email" not in path.parts]
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
DRAWN = [ROOT / "portfolios" / name for name in ("charts.py", "glyphs.py", "icons.py")]

REFUSED = {
    "style attribute": re.compile(r"\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "script without src": re.compile(r"<script\b(?![^>]*\b(?:src=|type=\"application/(?:ld\+)?json\"))", re.I),
    "event attribute": re.compile(r"\son[a-z]+\s*=", re.I),
    "htmx event attribute": re.compile(r"\shx-on\b", re.I),
    "evaluated trigger filter": re.compile(r"hx-trigger=\"[^\"]*\["),
    "javascript address": re.compile(r"javascript:", re.I),
    "other people's address": re.compile(r"\b(?:src|href)=\"(?:https?:)?//", re.I),
}
CLASS = re.compile(r"(?<![\w-])[cgu]-[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:__[a-z-]+)?(?:--[a-z]+)?")
RULE = re.compile(r"\.([cgu]-[\w-]+)")
# Classes put together from a value, or named in a block: u-{{ score|tone }}, c-weigh__{{ key }}, g-{colour}, g-band-{tone}.
COMPUTED = {
    "u-pos",
    "u-neg",
    "u-neu",
    "c-weigh__supports",
    "c-entrance__main--wide",
    "c-public--paper",
    "c-note--warn",
    "c-tag--warn",
    "c-btn--primary",
    "c-btn--small",
    "c-btn--large",
    "c-chart__svg--narrow",
    "c-chart__svg--wide",
    "g-grid",
    "u-cursor-x",  # uPlot's
    "g-band-pos",
    "g-band-neg",
    "g-band-neu",
    "g-range-pos",
    "g-range-neg",
    "g-range-neu",
} | {f"g-{name}" for name in ("pos", "neg", "neu", "ink", "track", "core")}


def named(paths: list[Path]) -> set[str]:
    """The component classes in class attributes."""
    values = [value for path in paths for value in re.findall(r'class="([^"]*)"', path.read_text())]
    return {name for value in values for name in CLASS.findall(re.sub(r"\S*{{.*?}}\S*|{%.*?%}", " ", value))}


def ruled() -> set[str]:
    return {name for path in STYLES for name in RULE.findall(path.read_text())}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_have_nothing_the_content_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert [name for name, pattern in REFUSED.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("style attribute", '<p style="x">'),
        ("script without src", "<script>x</script>"),
        ("event attribute", '<a onclick="x">'),
        ("htmx event attribute", '<a hx-on:click="x">'),
        ("evaluated trigger filter", '<a hx-trigger="keyup[ctrlKey]">'),
        ("other people's address", '<script src="https://cdn.example/x.js">'),
    ],
)
def test_what_is_refused_would_be_found(name: str, text: str) -> None:
    assert REFUSED[name].search(text)


def test_every_class_has_a_rule_and_every_rule_is_used() -> None:
    used = named([*TEMPLATES, *DRAWN]) | COMPUTED
    # c-btn--icon c-bell and the like: a block's name may be a hook for its parts alone.
    hooks = {name.partition("__")[0].partition("--")[0] for name in ruled()}
    assert used - ruled() - hooks - {"c-icon", "c-logo"} == set()
    assert ruled() - used == set()


def test_style_sheets_name_components_only() -> None:
    bare = re.compile(r"(?<![\w)\]-])\.(?![cgu]-)[a-z][\w-]*\s*[{,:]")
    assert [(path.name, found) for path in STYLES for found in bare.findall(path.read_text())] == []


def test_every_static_file_a_page_names_is_there() -> None:
    wanted = {name for path in TEMPLATES for name in re.findall(r"{% static '([^']+)' %}", path.read_text())}
    assert {name for name in wanted if not finders.find(name)} == set()
    assert {f"css/{path.name}" for path in STYLES} <= wanted


def test_every_file_a_style_sheet_or_module_names_is_there() -> None:
    pairs = [(path, name) for path in STYLES for name in re.findall(r'url\("([^"]+)"\)', path.read_text())]
    pairs += [(path, name) for path in SCRIPTS for name in re.findall(r'from "([^"]+)"', path.read_text())]
    assert pairs
    assert [(path.name, name) for path, name in pairs if not (path.parent / name).resolve().is_file()] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_modules_run_no_text_as_code(path: Path) -> None:
    text = path.read_text()
    assert [
        word
        for word in ("eval(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "new Function")
        if word in text
    ] == []
    assert len(text.splitlines()) <= 80


def test_the_fonts_are_named_with_their_licence() -> None:
    licences = (vendor.SERVED / "FONTS.txt").read_text()
    fonts = list(vendor.SERVED.rglob("*.woff2"))
    assert fonts
    assert [path.name for path in fonts if path.name not in licences] == []
    assert all("SIL OPEN FONT LICENSE" in (path.parent / "LICENSE").read_text() for path in fonts)


@pytest.mark.parametrize("folder", vendor.FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_vendored_files_are_those_of_the_lock_unchanged(folder: Path) -> None:
    assert vendor.checksums(folder) == (folder / "SHA256SUMS").read_text()
    assert set(folder.rglob("*/*.*")) | set(folder.rglob("*/LICENSE")) == set(vendor.kept_files(folder))


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_icons_are_the_vendored_drawings() -> None:
    assert vendor.copy_of("lucide-static") == icons.FOLDER
    tags = re.compile(r'{% icon "([a-z-]+)" %}|\bicon="([a-z-]+)"')
    used = {"".join(names) for path in TEMPLATES for names in tags.findall(path.read_text())}
    assert used <= set(icons.LUCIDE)
    with pytest.raises(KeyError):
        icons.icon("no-such-drawing")
