"""A web page as the one article on it: its text without menus and advertisements, its title, outlet and date.

What is an article on a page is trafilatura's judgement; it is shown what a reader of the page would see, and nothing hidden.
"""

import datetime as dt
from html import escape

import trafilatura
from lxml.etree import LxmlError
from trafilatura.settings import Document

from research.charsets import decode
from research.feeds import FeedItem, ParsedFeed
from research.markup import Tag, Text, read_markup

LEAST_TEXT = 200  # characters: less is a consent wall, a teaser or a page that scripts would fill
DOCUMENTS = {b"%PDF-": "a PDF document", b"PK\x03\x04": "an archive or office document"}
NO_ARTICLE = "no article text was found on that page: it may be behind a sign-in, or filled in by scripts"


def parse_page(body: bytes, content_type: str | None, url: str) -> ParsedFeed:
    """The article on the page as the only item; none, and the reason among the problems, where there is no article."""
    for opening, kind in DOCUMENTS.items():
        if body.startswith(opening):
            return ParsedFeed([], "", [f"that address holds {kind}, not a web page"], 0)
    html = decode(body, content_type).text
    if html is None:
        return ParsedFeed([], "", ["the page's encoding cannot be told"], 0)
    try:
        text = _main_text(html, url)
        about = trafilatura.extract_metadata(html, default_url=url, extensive=False)
    except (LxmlError, ValueError, RecursionError) as error:
        return ParsedFeed([], "", [f"the page cannot be read ({type(error).__name__})"], 0)
    if len(text) < LEAST_TEXT:
        return ParsedFeed([], "", [NO_ARTICLE], 0)
    return ParsedFeed([_item(text, about, url)], "", [], 0)


def _main_text(html: str, url: str) -> str:
    visible = "".join(map(_markup, read_markup(html)))
    return trafilatura.extract(visible, url=url, include_comments=False, include_tables=True, deduplicate=False) or ""


def _markup(part: Text | Tag) -> str:
    if isinstance(part, Text):
        return escape(part.text, quote=False) if part.is_visible else ""
    if part.is_end:
        return f"</{part.name}>"
    pairs = "".join(f' {name}="{escape(value)}"' for name, value in part.attributes.items())
    return f"<{part.name}{pairs}>"


def _item(text: str, about: Document, url: str) -> FeedItem:
    first, _, rest = text.partition("\n")
    title = about.title or first
    text = (rest if first == title else text).replace("\n", "\n\n")
    return FeedItem(guid=url, url=url, title=title, text=text, published_at=_day(about.date), outlet=about.sitename or "")


def _day(date: str | None) -> dt.datetime | None:
    """Pages tell the day alone: taken as its midnight in UTC."""
    try:
        return dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC) if date else None
    except ValueError:
        return None
