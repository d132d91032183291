"""What an article costs that joins a story, with an archive of 1,000,000 articles against one of 10,000.

    python -m bench.stories [--archive 1000000] [--pairs 7]

`ours` and the reference are articles a second (medians of interleaved pairs) of research.attaching: attach and remember, under
its lock, in batches of 200 that are rolled back; the ratio is of costs, large to small, and may be 1.5. `sql_ratio` is that of
the time within queries: the rest, comparing, knows nothing of the archive. Both archives end with the same 10,000 articles of
seven days. The large one has these again and again, week before week, under the same keys: harder than news, where most words and
titles of a week never return. Left out: mentions, analyses, texts, and the disk at commit (deferred constraints are checked).
"""

import argparse
import itertools
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
from psycopg import sql

from research.fingerprints import Fingerprint

if TYPE_CHECKING:
    from research.models import Article

RECENT, A_DAY, BATCH, MOST_COST = 10_000, 1_400, 200, 1.5
SPAN = timedelta(days=RECENT / A_DAY)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ISSUERS, WORDS, OUTLETS = 5_000, 20_000, 60
LIVE_EVENTS = 300  # of which something more may be told
MAIN, LARGE = "bellwether_main", "bellwether_large"
# What differs from one copy of the recent days to the next.
SHIFTS = {
    "research_story": {"id": "{} - %(back)s", "received_at": "{} - %(ago)s", "published_at": "{} - %(ago)s"},
    "research_article": {
        "id": "{} - %(back)s",
        "guid": "{} || '-' || %(back)s",
        "story_id": "{} - %(back)s",
        "received_at": "{} - %(ago)s",
        "published_at": "{} - %(ago)s",
    },
    "research_articlefingerprint": {"article_id": "{} - %(back)s", "moment": "{} - %(ago)s"},
    "research_articlekey": {
        "id": "nextval(pg_get_serial_sequence('research_articlekey', 'id'))",
        "article_id": "{} - %(back)s",
        "moment": "{} - %(ago)s",
    },
}
# Those of no constraint: dropped while the large archive is filled, and made again.
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid::regclass::text = ANY(%s) AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
"""


def zipf(count: int, exponent: float) -> list[float]:
    """Cumulative weights: the nth is drawn 1/n^exponent as often as the first."""
    return list(itertools.accumulate(1 / rank**exponent for rank in range(1, count + 1)))


@dataclass
class Wire:
    """Made news: events that companies and words are drawn for, each told by one article or some."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))
    noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    issuers: list[float] = field(default_factory=lambda: zipf(ISSUERS, 0.8))
    words: list[float] = field(default_factory=lambda: zipf(WORDS, 0.7))
    events: list[tuple[int, frozenset[int], list[str], Any]] = field(default_factory=list)
    count: int = 0

    def article(self, at: datetime) -> tuple[int, Fingerprint]:
        """The number of its event, and the article."""
        if not self.events or self.chance.random() < 0.65:
            self.events = [*self.events[-LIVE_EVENTS:], self._event()]
            event, issuers, words, towards = self.events[-1]
        else:
            event, issuers, words, towards = self.chance.choice(self.events)
            words = [*self.chance.sample(words, 7), *self._words(2)]
        vectors = towards + self.noise.normal(size=(2, 256)) * 0.5
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        named = frozenset(words)
        primary = frozenset(sorted(issuers)[:1])
        return event, Fingerprint(
            moment=at.timestamp() / 3600,
            key=" ".join(words),
            title=named,
            named=named,
            words=named | frozenset(self._words(25)),
            issuers=issuers,
            primary=primary,
            outlet=f"outlet {self.chance.randrange(OUTLETS)}",
            traits=frozenset(),
            language="en",
            figures=frozenset(),
            vectors=vectors.astype(np.float32),
        )

    def _event(self) -> tuple[int, frozenset[int], list[str], Any]:
        self.count += 1
        how_many = self.chance.choices((0, 1, 2, 3), (10, 45, 25, 20))[0]
        issuers = self.chance.choices(range(ISSUERS), cum_weights=self.issuers, k=how_many)
        return self.count, frozenset(issuers), self._words(9), self.noise.normal(size=256)

    def _words(self, count: int) -> list[str]:
        return [f"q{chr(97 + n % 26)}{n:x}z" for n in self.chance.choices(range(WORDS), cum_weights=self.words, k=count)]


def rows(told: Sequence[tuple[int, Fingerprint]], first: int, source: int) -> "list[Article]":
    from research.models import Article  # noqa: PLC0415

    articles = []
    for number, (_, fingerprint) in enumerate(told, first):
        at = datetime.fromtimestamp(fingerprint.moment * 3600, UTC)
        what = {"guid": f"a{number}", "title": fingerprint.key, "content_hash": f"{number:064}", "state": "done"}
        articles.append(Article(pk=number, source_id=source, published_at=at, received_at=at, **what))
    return articles


def fill_small(wire: Wire, first: int) -> int:
    """The recent days, numbered from `first`, through the application; the id of their source."""
    from accounts.scope import every_firm  # noqa: PLC0415
    from research.attaching import remember  # noqa: PLC0415
    from research.models import Article, Source, Story  # noqa: PLC0415

    told = [wire.article(NOW - SPAN * (1 - n / RECENT)) for n in range(RECENT)]
    with every_firm():
        source = Source.objects.create(name="Wire", kind="push")
        articles = rows(told, first, source.pk)
        stories: dict[int, Story] = {}
        for (event, _), article in zip(told, articles, strict=True):
            new = Story(pk=article.pk, title=article.title, received_at=article.received_at, published_at=article.published_at)
            new.state = "done"
            article.story = stories.setdefault(event, new)
        Story.objects.bulk_create(stories.values(), batch_size=1000)
        Article.objects.bulk_create(articles, batch_size=1000)
        for at in range(0, RECENT, 500):
            remember(articles[at : at + 500], [fingerprint for _, fingerprint in told[at : at + 500]])
    return source.pk


def fill_large(blocks: int) -> None:
    """That many copies of the recent days, the oldest first. As the superuser, who may leave foreign keys unchecked."""
    with psycopg.connect(os.environ["TEST_SUPERUSER"], autocommit=True) as superuser:
        superuser.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(LARGE), sql.Identifier(MAIN)))
    with psycopg.connect(os.environ["TEST_SUPERUSER"], dbname=LARGE, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in SHIFTS:
            connection.execute(f"CREATE TEMP TABLE recent_{table} AS TABLE {table}".encode())
        connection.execute(f"TRUNCATE {', '.join(SHIFTS)} CASCADE".encode())
        queries = [copying(connection, table) for table in SHIFTS]
        indexes = connection.execute(INDEXES, [list(SHIFTS)]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        for block in reversed(range(blocks)):
            for query in queries:
                connection.execute(query, {"back": block * RECENT, "ago": block * SPAN})
        for _, definition in indexes:
            connection.execute(definition.encode())


def copying(connection: psycopg.Connection, table: str) -> bytes:
    found = connection.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table])
    names = [name for (name,) in found]
    values = ", ".join(SHIFTS[table].get(name, "{}").format(f'"{name}"') for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM recent_{table}".encode()


def settle(database: str, newest: int) -> int:
    """What autovacuum does in time, and numbers that go on from the newest. The rows of keys."""
    with psycopg.connect(os.environ["TEST_SUPERUSER"], dbname=database, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
        connection.execute("SELECT setval(pg_get_serial_sequence('research_story', 'id'), %s)", [newest])
        row = connection.execute("SELECT count(*) FROM research_articlekey").fetchone()
    return row[0] if row else 0


@dataclass
class Cost:
    """Of one batch: seconds in all and within SQL, how many joined a story there was, and how many stories were united."""

    seconds: float
    sql_seconds: float
    joined: int
    merged: int


def use(database: str) -> None:
    from django.db import connection  # noqa: PLC0415

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()


def cost(database: str, told: Sequence[tuple[int, Fingerprint]], first: int, source: int) -> Cost:
    """Of putting these articles into stories there, rolled back afterwards."""
    from django.db import connection, transaction  # noqa: PLC0415

    from accounts.scope import every_firm  # noqa: PLC0415
    from research.attaching import New, attach, lock, remember  # noqa: PLC0415
    from research.models import Article  # noqa: PLC0415

    in_sql = 0.0

    def clock(execute: Callable[..., Any], *query: Any) -> Any:
        nonlocal in_sql
        began = time.perf_counter()
        try:
            return execute(*query)
        finally:
            in_sql += time.perf_counter() - began

    use(database)
    with every_firm():
        articles = Article.objects.bulk_create(rows(told, first, source))
        with connection.execute_wrapper(clock):
            start = time.perf_counter()
            lock()
            new = [New(article, fingerprint) for article, (_, fingerprint) in zip(articles, told, strict=True)]
            merged = attach(new)
            remember(articles, [each.fingerprint for each in new])
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return Cost(seconds, in_sql, sum(not each.is_first for each in new), len(merged))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    from tests import servers  # noqa: PLC0415 - starts with the environment complete

    servers.set_up()
    blocks, wire, start = max(1, options.archive // RECENT), Wire(), time.perf_counter()
    newest = blocks * RECENT
    source = fill_small(wire, newest - RECENT + 1)
    use("postgres")  # nobody may be in a database that is copied
    fill_large(blocks)
    keys = {database: settle(database, newest) for database in (MAIN, LARGE)}
    print(f"filled in {time.perf_counter() - start:.0f} s; rows of keys: {keys}", file=sys.stderr)
    costs: dict[str, list[Cost]] = {MAIN: [], LARGE: []}
    events = wire.events
    for _ in range(options.pairs + 1):
        wire.events = events  # what came of others was rolled back
        told = [wire.article(NOW + timedelta(days=n / A_DAY)) for n in range(BATCH)]
        for database, found in costs.items():
            found.append(cost(database, told, newest + 1, source))
            print(f"{database}: {BATCH / found[-1].seconds:.0f} articles/s, {found[-1]}", file=sys.stderr)
    report(costs[LARGE][1:], costs[MAIN][1:], newest)  # the first pair warms both


def report(large: Sequence[Cost], small: Sequence[Cost], archive: int) -> None:
    ours, theirs = (statistics.median(BATCH / each.seconds for each in side) for side in (large, small))
    ratios = [round(one.seconds / other.seconds, 3) for one, other in zip(large, small, strict=True)]
    result = {
        "name": "stories",
        "ours": round(ours, 1),
        "reference": {"name": f"archive of {RECENT} articles", "value": round(theirs, 1)},
        "unit": "articles/s",
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "most": MOST_COST,
        "archive": archive,
        "sql_ratio": round(
            statistics.median(one.sql_seconds / other.sql_seconds for one, other in zip(large, small, strict=True)), 3
        ),
        "sql_share": round(statistics.median(each.sql_seconds / each.seconds for each in large), 3),
        "joined": sum(each.joined for each in large),
        "merged": sum(each.merged for each in large),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
