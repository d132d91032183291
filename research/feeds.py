"""Items out of the bytes of a feed: RSS, RDF and Atom through feedparser, JSON Feed, and the SEC's list of current filings.

Pure: bytes in, values out, nothing raised for bad content. Run it through `feed_process` on anything a stranger can write, for a
feed of 100 kB can ask for a gigabyte.
"""

import calendar
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urljoin

import feedparser  # type: ignore[import-untyped]

from research.charsets import decode
from research.cleaning import MAX_MARKUP, plain_text, visible_text

MAX_ITEMS = 2000
MAX_TITLE = 1000
MAX_URL = 2000
XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ENTITY_VALUE = re.compile(r"<!ENTITY\s+[^\s>]{1,100}\s+(?:\"[^\"<]{200,}\"|'[^'<]{200,}')\s*>")
ACCESSION = re.compile(r"accession-number=(\d{10}-\d{2}-\d{6})$")
FILING_TITLE = re.compile(r"(?P<form>.+?) - (?P<name>.+) \((?P<cik>\d{10})\) \((?P<role>[^()]+)\)")
# Whom a filing is about comes before who made it.
ROLES = ("Issuer", "Subject", "Filer", "Filed by", "Reporting")

PartyT = TypeVar("PartyT")


@dataclass(frozen=True, slots=True)
class Party:
    """One party of an SEC filing: `cik` is the ten-digit registrant number, `role` as EDGAR names it (Issuer, Reporting, …)."""

    name: str
    cik: str
    role: str


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a feed. `title` and `text` are plain; `html` is the markup as published, hidden parts too: clean it to show it.

    `html` is '' when the feed gave plain text. Times are aware UTC. `outlet` is whom an aggregator names as the origin.
    """

    guid: str
    url: str
    title: str
    html: str = ""
    text: str = ""
    published_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    language: str = ""
    authors: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    form_type: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's items in its order, and what was wrong with it, in sentences for the source's owner.

    `repeat_count` is the number of entries that were one more of the same guid: other parties of a filing, or other versions.
    """

    items: list[FeedItem]
    title: str = ""
    problems: list[str] = field(default_factory=list)
    repeat_count: int = 0


def parse(body: bytes, content_type: str | None, url: str) -> ParsedFeed:
    """Items of a feed from its bytes; `url` is where it came from, for relative links.

    An unreadable body gives no items and a problem. Of more than `MAX_ITEMS` items the oldest are left out, with a problem.
    """
    if not body.strip():
        return ParsedFeed([], problems=["the feed is empty"])
    decoded = decode(body, content_type)
    if decoded.text is None:
        return ParsedFeed([], problems=[decoded.problem])
    start = decoded.text.lstrip()[:1]
    feed = _parse_json(decoded.text, url) if start in ("{", "[") else _parse_xml(decoded.text, url)
    unique = _unique(feed.items)
    items, cut = _newest(unique)
    problems = [problem for problem in (decoded.problem, *feed.problems, cut) if problem]
    return ParsedFeed(items, feed.title, problems, feed.repeat_count + len(feed.items) - len(unique))


def _unique(items: Iterable[FeedItem]) -> list[FeedItem]:
    """One item for each guid: the latest by its own dates, in the place of the first."""
    found: dict[str, FeedItem] = {}
    for item in items:
        other = found.get(item.guid)
        if other is None or _age(item) > _age(other):
            found[item.guid] = item
    return list(found.values())


def _age(item: FeedItem) -> dt.datetime:
    return item.updated_at or item.published_at or dt.datetime.min.replace(tzinfo=dt.UTC)


def _newest(items: list[FeedItem]) -> tuple[list[FeedItem], str]:
    if len(items) <= MAX_ITEMS:
        return items, ""
    kept = sorted(sorted(range(len(items)), key=lambda at: _age(items[at]), reverse=True)[:MAX_ITEMS])
    return [items[at] for at in kept], f"{len(items)} items at once: the oldest {len(items) - MAX_ITEMS} were left out"


def _parse_xml(text: str, url: str) -> ParsedFeed:
    # feedparser opens a path or an address given as a string: it gets a stream of bytes, whose encoding is settled.
    stream = io.BytesIO(_without_bombs(XML_ILLEGAL.sub("", text)).encode("utf-8"))
    # Told no address of its own, it leaves ids as they are: ids resolved against it would all change when the feed moves.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (feedparser breaks in many ways on what is no feed)
        return ParsedFeed([], problems=[f"the feed cannot be read: {type(error).__name__}: {error}"])
    problems = [f"not well-formed: {parsed.bozo_exception}"] if parsed.bozo else []
    if not parsed.entries and not parsed.version:
        return ParsedFeed([], problems=["this is not a feed", *problems])
    language = _text(parsed.feed.get("language"))
    items = _merge_filings([_item(entry, url, language) for entry in parsed.entries])
    title = plain_text(_text(parsed.feed.get("title")))[:MAX_TITLE]
    return ParsedFeed(items, title, problems, len(parsed.entries) - len(items))


def _without_bombs(text: str) -> str:
    """The document without entities of 200 characters and more, which exist to be repeated."""
    head, root, rest = text.partition("]>")
    return ENTITY_VALUE.sub("", head) + root + rest if "<!ENTITY" in head else text


def _item(entry: Any, base: str, language: str) -> FeedItem:
    html, text = _content(entry)
    title = _title(entry)
    url = _address(_text(entry.get("link")), base)
    updated_at = _time(entry, "updated")
    published_at = _time(entry, "published") or _time(entry, "created") or updated_at
    item = FeedItem(
        guid=_guid(_text(entry.get("id")), url, title, published_at, html or text),
        url=url,
        title=title,
        html=html,
        text=text,
        published_at=published_at,
        updated_at=updated_at,
        language=_text(entry.get("language") or entry.get("title_detail", {}).get("language")) or language,
        authors=tuple(
            dict.fromkeys(filter(None, (plain_text(_text(author.get("name"))) for author in entry.get("authors", []))))
        ),
        outlet=plain_text(_text(entry.get("source", {}).get("title")))[:MAX_TITLE],
    )
    accession = ACCESSION.search(item.guid)
    return _filing(item, accession[1], entry.get("tags", [])) if accession else item


def _content(entry: Any) -> tuple[str, str]:
    """An entry's fullest body as (html, text): the longest of its contents, else its summary."""
    bodies = [*entry.get("content", []), entry.get("summary_detail") or {}]
    body = max(bodies, key=lambda detail: len(_text(detail.get("value"))))
    value = _text(body.get("value"))[:MAX_MARKUP]
    return ("", plain_text(value)) if body.get("type") == "text/plain" else (value, visible_text(value))


def _title(entry: Any) -> str:
    detail = entry.get("title_detail") or {}
    value = _text(detail.get("value"))[:MAX_MARKUP]
    title = plain_text(value) if detail.get("type") == "text/plain" else visible_text(value)
    return " ".join(title.split())[:MAX_TITLE]


def _guid(given: str, url: str, title: str, published_at: dt.datetime | None, text: str) -> str:
    """What tells an item from the others of its feed: its own id, else its address, else a hash of all it says."""
    if known := given.strip() or url:
        return known
    return "sha256:" + hashlib.sha256("\n".join((title, str(published_at), text)).encode("utf-8", "replace")).hexdigest()


def _address(link: str, base: str) -> str:
    try:
        url = urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""
    return url if re.match(r"(?i)https?://[^/\s]", url) and len(url) <= MAX_URL and url.isprintable() else ""


def _time(entry: Any, name: str) -> dt.datetime | None:
    """One of an entry's times as aware UTC, a missing zone taken as UTC; None when it is missing or cannot be read."""
    # Without dict.get feedparser answers `updated` with `published`.
    parts, text = dict.get(entry, f"{name}_parsed"), _text(dict.get(entry, name))
    if "年" in text:
        return None  # feedparser reads no more than the month of it
    try:
        if parts:
            return dt.datetime.fromtimestamp(calendar.timegm(parts), dt.UTC)
        return _as_utc(parsedate_to_datetime(text))
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _as_utc(time: dt.datetime) -> dt.datetime:
    return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _filing(item: FeedItem, accession: str, tags: list[Any]) -> FeedItem:
    form = next((_text(tag.get("term")) for tag in tags if tag.get("label") == "form type"), "")
    match = FILING_TITLE.fullmatch(item.title)
    parties = (Party(match["name"], match["cik"], match["role"]),) if match else ()
    return replace(item, guid=accession, form_type=form or (match["form"] if match else ""), parties=parties)


def _merge_filings(items: list[FeedItem]) -> list[FeedItem]:
    """The same items with the entries of one filing, one for each party, made into one, in the place of the first."""
    filings: dict[str, list[FeedItem]] = {}
    for item in items:
        if item.parties:
            filings.setdefault(item.guid, []).append(item)
    merged: list[FeedItem] = []
    for item in items:
        if not item.parties:
            merged.append(item)
        elif item.guid in filings:
            merged.append(_one_filing(filings.pop(item.guid)))
    return merged


def _one_filing(entries: list[FeedItem]) -> FeedItem:
    main = min(entries, key=lambda entry: _rank(entry.parties[0]))
    parties: list[Party] = []
    for entry in entries:
        parties = merge_parties(parties, entry.parties)
    return replace(main, parties=tuple(parties), title=filing_title(main.form_type, parties))


def filing_title(form: str, parties: Sequence[Party]) -> str:
    """A filing's title by its form and the party it is about, such as "Form 8-K: Apple Inc."."""
    return f"Form {form}: {min(parties, key=_rank).name}"


def _rank(party: Party) -> int:
    return ROLES.index(party.role) if party.role in ROLES else len(ROLES)


def merge_parties(parties: Sequence[PartyT], others: Sequence[PartyT]) -> list[PartyT]:
    """Those of the first and then those of the second that the first lacks, each once."""
    merged = list(parties)
    merged += [party for at, party in enumerate(others) if party not in merged and party not in others[:at]]
    return merged


def _parse_json(text: str, url: str) -> ParsedFeed:
    """Items of a JSON Feed, version 1 or 1.1 (jsonfeed.org)."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return ParsedFeed([], problems=[f"the JSON cannot be read: {error}"])
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return ParsedFeed([], problems=["this is not a feed"])
    entries = [entry for entry in document["items"] if isinstance(entry, dict)]
    left_out = len(document["items"]) - len(entries)
    problems = [f"{left_out} items are not objects"] if left_out else []
    if "jsonfeed.org/version/" not in _text(document.get("version")):
        problems.append("the feed does not say which version of JSON Feed it is")
    language = _text(document.get("language"))
    items = [_json_item(entry, url, language) for entry in entries]
    return ParsedFeed(items, plain_text(_text(document.get("title")))[:MAX_TITLE], problems)


def _json_item(entry: dict[str, Any], base: str, language: str) -> FeedItem:
    html = _text(entry.get("content_html"))[:MAX_MARKUP]
    plain = plain_text((_text(entry.get("content_text")) or _text(entry.get("summary")))[:MAX_MARKUP])
    title = " ".join(plain_text(_text(entry.get("title"))).split())[:MAX_TITLE]
    url = _address(_text(entry.get("url")) or _text(entry.get("external_url")), base)
    updated_at = _json_time(entry.get("date_modified"))
    published_at = _json_time(entry.get("date_published")) or updated_at
    given = entry.get("id")
    authors = entry.get("authors") if isinstance(entry.get("authors"), list) else [entry.get("author")]
    names = (plain_text(_text(author.get("name"))) for author in authors or [] if isinstance(author, dict))
    return FeedItem(
        guid=_guid(str(given) if isinstance(given, str | int | float) else "", url, title, published_at, html or plain),
        url=url,
        title=title,
        html=html,
        text=visible_text(html) if html else plain,
        published_at=published_at,
        updated_at=updated_at,
        language=_text(entry.get("language")) or language,
        authors=tuple(dict.fromkeys(filter(None, names))),
    )


def _json_time(value: Any) -> dt.datetime | None:
    """An RFC 3339 time as aware UTC; one without a zone is taken as UTC."""
    try:
        return _as_utc(dt.datetime.fromisoformat(_text(value)))
    except (ValueError, OverflowError):
        return None
