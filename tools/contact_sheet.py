"""One page with all pictures of `make shots`, small, beside the pictures of the mock where they are at hand."""

import os
from collections.abc import Iterator
from pathlib import Path

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from PIL import Image
from playwright.sync_api import Browser

MOCK = Path(__file__).resolve().parent.parent.parent / "shared" / "design" / "mock" / "pictures"
# Our name for a page → the mock's.
DRAWN = {"today": "home", "landing": "landing", "portfolio": "portfolio", "story": "story"}
WIDTHS = ("1440", "390")
COLUMNS = ("1440-light", "1440-dark", "390-light", "390-dark")
SCALE = 5
TALLEST = 420
STYLE = """
body { margin: 16px; font: 12px/1.4 system-ui, sans-serif; background: #fff; color: #14171c }
h2 { margin: 16px 0 4px; font-size: 14px }
div { display: flex; gap: 10px; align-items: start }
figure { margin: 0 }
img { display: block; border: 1px solid #c9c9c1 }
.mock img { border-color: #4338b8; border-width: 2px }
"""
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title><style>{}</style>'
    "<h1>Every page</h1><p>Each picture leads to the large one. What has a violet edge is the mock.</p>{}</html>"
)


def make_contact_sheet(browser: Browser, folder: Path) -> None:
    """contact.html and contact.png of the pictures <name>-<width>-<theme>.png in the folder."""
    names = sorted({path.stem.rsplit("-", 2)[0] for path in folder.glob("*-*-*.png")})
    rows = format_html_join("", "<h2>{}</h2><div>{}</div>", ((name, _row(folder, name)) for name in names))
    (folder / "contact.html").write_text(format_html(PAGE, STYLE, rows))
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.goto((folder / "contact.html").as_uri())
    page.screenshot(path=folder / "contact.png", full_page=True)
    page.close()


def _row(folder: Path, name: str) -> SafeString:
    pictures = [folder / f"{name}-{column}.png" for column in COLUMNS]
    shown = [("ours", path) for path in pictures if path.exists()] + [("mock", path) for path in _mocks(name)]
    figures = ((kind, os.path.relpath(path, folder), _small(folder, path), path.stem) for kind, path in shown)
    return format_html_join(
        "", '<figure class="{}"><a href="{}"><img src="{}" alt=""></a><figcaption>{}</figcaption></figure>', figures
    )


def _mocks(name: str) -> Iterator[Path]:
    yield from sorted(MOCK.glob(f"{DRAWN[name]}-*.png")) if name in DRAWN else ()


def _small(folder: Path, path: Path) -> str:
    """A small copy of its upper part, in folder/small: a browser that shows all the large ones at once runs out of memory."""
    small = folder / "small" / f"{path.parent.name}-{path.stem}.png"
    small.parent.mkdir(exist_ok=True)
    with Image.open(path) as picture:
        width = next(part for part in path.stem.split("-") if part in WIDTHS)
        reduced = picture.convert("RGB").reduce(SCALE * picture.width // int(width))
    reduced.crop((0, 0, reduced.width, min(reduced.height, TALLEST))).save(small)
    return f"small/{small.name}"
