"""Items out of files: feeds, folders and archives of feeds, and JSON lines of articles."""

import gzip
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from research.feed_process import FeedTooHeavy, parse_isolated
from research.feeds import FeedItem


@dataclass
class ItemFile:
    """One file's items in order, how many entries were one of these again, and what could not be read: item number (null: the
    whole file) and reason.
    """

    name: str
    items: list[FeedItem] = field(default_factory=list)
    repeat_count: int = 0
    errors: list[tuple[int | None, str]] = field(default_factory=list)


def item_files(paths: Iterable[Path]) -> Iterator[ItemFile]:
    """The files under these paths, archives opened, in the order of their names."""
    for name, body in _bodies(paths):
        yield _read_lines(name, body) if _is_json_lines(name, body) else _read_feed(name, body)


def _bodies(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        if path.is_dir():
            yield from _bodies(sorted(child for child in path.iterdir() if not child.name.startswith(".")))
        elif path.name.endswith((".tar.gz", ".tgz", ".tar")):
            with tarfile.open(path) as archive:
                members = sorted((member for member in archive if member.isfile()), key=lambda member: member.name)
                for member in members:
                    opened = archive.extractfile(member)
                    if opened:
                        yield f"{path.name}/{member.name}", opened.read()
        elif path.suffix == ".gz":
            yield path.name.removesuffix(".gz"), gzip.decompress(path.read_bytes())
        else:
            yield path.name, path.read_bytes()


def _is_json_lines(name: str, body: bytes) -> bool:
    if name.endswith((".jsonl", ".ndjson")):
        return True
    first, _, rest = body.lstrip().partition(b"\n")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")


def _read_feed(name: str, body: bytes) -> ItemFile:
    try:
        feed = parse_isolated(body, None, "")
    except FeedTooHeavy as error:
        return ItemFile(name, errors=[(None, str(error))])
    if not feed.items and feed.problems:
        return ItemFile(name, errors=[(None, "; ".join(feed.problems[:3]))])
    return ItemFile(name, list(feed.items), feed.repeat_count)


def _read_lines(name: str, body: bytes) -> ItemFile:
    file = ItemFile(name)
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            file.items.append(article_item(json.loads(line)))
        except (ValueError, TypeError) as error:
            file.errors.append((number, str(error)))
    return file


def article_item(row: Any) -> FeedItem:
    """An item from `url, title, description or body, source, published_at`. Raises ValueError for what is not that."""
    if not isinstance(row, dict):
        raise ValueError("the line is not a JSON object")
    texts = {name: row.get(name) or "" for name in ("url", "title", "body", "description", "source", "guid", "id", "language")}
    wrong = next((name for name, value in texts.items() if not isinstance(value, str)), None)
    if wrong:
        raise ValueError(f"“{wrong}” is not text")
    guid = texts["guid"] or texts["url"] or texts["id"]
    if not guid:
        raise ValueError("it has neither guid nor url")
    return FeedItem(
        guid=guid,
        url=texts["url"],
        title=texts["title"],
        html="",
        text=texts["body"] or texts["description"],
        published_at=_moment(row.get("published_at")),
        updated_at=None,
        language=texts["language"],
        authors=(),
        parties=(),
        form_type="",
        outlet=texts["source"],
    )


def _moment(value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise ValueError("“published_at” is not a date written as text")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
