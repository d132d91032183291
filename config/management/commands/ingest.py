"""manage.py ingest PATH… : store the items of feed files, folders, archives and JSON lines, and read them."""

import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.doorbell import ring
from accounts.scope import every_firm
from research import ingest, reading
from research.feeds import FeedItem
from research.files import ItemFile, item_files
from research.models import Source

BATCH = 1000


class Command(BaseCommand):
    help = "Store the items of files as articles. Prints one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--source", default="Files", help="Name of the source they are stored under.")
        parser.add_argument("--backfill", action="store_true", help="Old news: received when published, and never alerts.")
        parser.add_argument("--no-read", action="store_true", help="Store only; the workers will read them.")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"No such file: {', '.join(missing)}. Nothing was stored.", returncode=2)
        started = time.monotonic()
        with every_firm():
            source, _ = Source.objects.get_or_create(name=options["source"], firm=None, defaults={"kind": Source.Kind.FILE})
        counts: dict[str, Any] = {"files": 0, "items": 0, "known": 0}
        errors: list[dict[str, Any]] = []
        stored = ingest.Stored()
        items = self._items(item_files(options["paths"]), counts, errors)
        while batch := list(islice(items, BATCH)):
            fresh = ingest.store(source, batch, backfill=options["backfill"])
            if not options["no_read"]:
                self._read(fresh.new + fresh.revised)
            stored.add(fresh)
            print(f"{counts['items']} items read, {len(stored.new)} stored", file=sys.stderr)  # noqa: T201
        known = counts.pop("known") + stored.known
        counts |= {"stored": len(stored.new), "known": known, "revised": len(stored.revised), "refused": stored.refused}
        self.stdout.write(json.dumps({**counts, "errors": errors, "seconds": round(time.monotonic() - started, 3)}))

    def _items(self, files: Iterator[ItemFile], counts: dict[str, Any], errors: list[dict[str, Any]]) -> Iterator[FeedItem]:
        for file in files:
            counts["files"] += 1
            counts["items"] += len(file.items) + file.repeat_count + len(file.errors)
            counts["known"] += file.repeat_count
            errors += [{"file": file.name, "item": number, "reason": reason} for number, reason in file.errors]
            yield from file.items

    def _read(self, ids: list[int]) -> None:
        read = reading.read_articles(ids)
        for story_id in read.stories:
            ring("analyse_story", [story_id])
        ring("match_alerts", read.announcements)
