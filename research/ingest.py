"""From a source's items to articles: fetched, parsed, cleaned, and stored if new.

An item is known by its source and its guid, or by its canonical address whoever brought it. A changed item is a revision of its
article; a filing that comes again for another of its parties is the same filing with one party more.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.scope import every_firm
from accounts.work import State
from research.cleaning import canonical_url, plain_text, suspicious, visible_text
from research.feed_process import FeedTooHeavy, parse_isolated
from research.feeds import FeedItem, merge_parties
from research.fetching import FetchFailed, FetchRefused, fetch
from research.folding import storable
from research.models import Article, ArticleRevision, Source
from research.suspicion import FLAGS

log = logging.getLogger(__name__)

BATCH = 200
FUTURE = timedelta(minutes=10)
DATES = range(1900, 2200)  # years: what lies outside has no time of day in every zone, and is nobody's date of publication
LONGEST_POLL_WAIT = timedelta(hours=6)
SAID = ("title", "text", "content_hash", "parties", "flags")  # what a revision changes


@dataclass
class Stored:
    """What became of a source's items: ids of new and of changed articles, and counts of the rest."""

    new: list[int] = field(default_factory=list)
    revised: list[int] = field(default_factory=list)
    known: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Stored") -> None:
        self.new += other.new
        self.revised += other.revised
        self.known += other.known
        for reason, count in other.refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + count

    def refuse(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1


def poll(source: Source) -> Stored:
    """Fetch one feed, which the caller has claimed, and store what is new. A failure is kept in the source's row, and shown."""
    try:
        return _poll(source)
    except (FetchFailed, FetchRefused, FeedTooHeavy) as error:
        _failed(source, str(error), getattr(error, "retry_after", None))
    except Exception as error:
        # Whatever it is, the source's owner must see it. Batches stored before it are found by the sweep.
        log.exception("Source %s broke its poll", source.name)
        _failed(source, f"{type(error).__name__}: {error}", None)
    return Stored()


def _poll(source: Source) -> Stored:
    fetched = fetch(source.url, allow=settings.OUTBOUND_ALLOW, headers=_conditions(source))
    fetched.raise_for_status()
    if fetched.status == 304 and source.polled_at:
        _polled(source)
        return Stored()
    feed = parse_isolated(fetched.body, fetched.headers.get("content-type"), fetched.url)
    stored = store(source, feed.items)
    _polled(source, fetched.headers.get("etag", ""), fetched.headers.get("last-modified", ""), "; ".join(feed.problems[:3]))
    return stored


def _conditions(source: Source) -> dict[str, str]:
    wanted = {"If-None-Match": source.etag, "If-Modified-Since": source.last_modified}
    return {name: value for name, value in wanted.items() if value}


def _polled(source: Source, etag: str | None = None, last_modified: str = "", problem: str = "") -> None:
    changed = {} if etag is None else {"etag": etag[:300], "last_modified": last_modified[:100]}
    next_at = Now() + timedelta(seconds=source.interval_seconds)
    with every_firm():
        Source.objects.filter(pk=source.pk).update(
            lease_until=None, failures=0, error=problem, polled_at=Now(), next_at=next_at, **changed
        )


def _failed(source: Source, why: str, retry_after: float | None) -> None:
    wait = timedelta(seconds=source.interval_seconds * 2 ** min(source.failures, 10))
    wait = min(wait, LONGEST_POLL_WAIT) if retry_after is None else timedelta(seconds=retry_after)
    log.warning("Source %s could not be read: %s", source.name, why)
    with every_firm():
        Source.objects.filter(pk=source.pk).update(
            lease_until=None, failures=source.failures + 1, error=why, next_at=Now() + wait
        )


def store(source: Source, items: Iterable[FeedItem], *, backfill: bool = False) -> Stored:
    """Store the items that are new or changed, in batches of one transaction each."""
    stored = Stored()
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        for attempt in (1, 2, 3):
            try:
                with every_firm():
                    stored.add(_store_batch(source, batch, backfill))
                break
            except IntegrityError:
                # Another worker stored one of them between our look and our insert: look again, and find it.
                if attempt == 3:
                    raise
    return stored


def known(source: Source, item: FeedItem) -> int | None:
    """The id of the article that this item is: its source's own, or its firm's with that address."""
    same = Q(source=source, guid=_short(storable(item.guid), 500))
    url = _short_url(canonical_url(item.url))
    same |= Q(firm=source.firm_id, canonical_url=url) & ~Q(canonical_url="")
    return Article.objects.filter(same).values_list("pk", flat=True).first()


def _store_batch(source: Source, items: Iterable[FeedItem], backfill: bool) -> Stored:
    stored = Stored()
    drafts: dict[str, Article] = {}
    for item in items:
        draft = _draft(source, item, backfill)
        if draft is None:
            stored.refuse("no title and no text")
        elif draft.guid in drafts:
            _merge(drafts[draft.guid], draft)
            stored.known += 1
        else:
            drafts[draft.guid] = draft
    by_guid, by_url = _existing(source, drafts.values())
    new: list[Article] = []
    for draft in drafts.values():
        found = by_guid.get(draft.guid)
        if found and found.content_hash != draft.content_hash:
            _revise(found, draft)
            stored.revised.append(found.pk)
        elif found or (draft.canonical_url and draft.canonical_url in by_url):
            if found and _merge(found, draft):
                found.save(update_fields=["parties"])
            stored.known += 1
        else:
            new.append(draft)
            by_url.add(draft.canonical_url)
    stored.new = [article.pk for article in Article.objects.bulk_create(new)]
    return stored


def _existing(source: Source, drafts: Iterable[Article]) -> tuple[dict[str, Article], set[str]]:
    drafts = list(drafts)
    guids = {draft.guid for draft in drafts}
    urls = {draft.canonical_url for draft in drafts} - {""}
    same_guid = Article.objects.filter(source=source, guid__in=guids)
    same_url = Article.objects.filter(firm=source.firm_id, canonical_url__in=urls)
    return {article.guid: article for article in same_guid}, set(same_url.values_list("canonical_url", flat=True))


def _draft(source: Source, item: FeedItem, backfill: bool) -> Article | None:
    title = plain_text(item.title).replace("\n", " ")[:500]
    text = plain_text(item.text) or visible_text(item.html)
    if not (title or text):
        return None
    now = timezone.now()
    flags = _flags(item)
    published_at = item.published_at if item.published_at and item.published_at.year in DATES else None
    if published_at and published_at > now + FUTURE:
        flags.append("dated in the future")
    told = "" if item.parties else title  # a filing's title names one of its parties: another party is no change
    return Article(
        source=source,
        firm_id=source.firm_id,
        guid=_short(storable(item.guid), 500),
        url=storable(item.url)[:2000],
        canonical_url=_short_url(canonical_url(item.url)),
        source_name=storable(item.outlet)[:120],
        title=title or text[:120],
        text=text,
        language=storable(item.language)[:20],
        parties=[asdict(party) for party in item.parties],
        flags=flags,
        content_hash=hashlib.sha256(f"{told}\n\n{text}".encode()).hexdigest(),
        published_at=published_at,
        received_at=(published_at if backfill else None) or now,
        is_backfill=backfill or source.kind == Source.Kind.ASKED,
    )


def _flags(item: FeedItem) -> list[str]:
    found = {flag for said in (item.title, item.html, item.text) for flag in suspicious(said)}
    return [flag for flag in FLAGS if flag in found]


def _short(guid: str, most: int) -> str:
    return guid if len(guid) <= most else "sha256:" + hashlib.sha256(guid.encode()).hexdigest()


def _short_url(url: str) -> str:
    # An index row has a limit; an address this long names nothing that another source would repeat.
    return url if len(url.encode()) <= 1000 else ""


def _merge(article: Article, other: Article) -> bool:
    """Add the other's parties to a filing; whether there were any new ones."""
    merged = merge_parties(article.parties, other.parties)
    changed: bool = merged != article.parties
    article.parties = merged
    return changed


def _revise(article: Article, draft: Article) -> None:
    ArticleRevision.objects.create(
        article=article,
        firm_id=article.firm_id,
        revision=article.revision,
        title=article.title,
        text=article.text,
        content_hash=article.content_hash,
    )
    for name in SAID:
        setattr(article, name, getattr(draft, name))
    article.revision += 1
    article.state, article.attempts, article.deferrals, article.lease_until, article.next_at = State.WAITING, 0, 0, None, Now()
    # Only these: a worker may have given the article its story since we looked.
    article.save(update_fields=[*SAID, "revision", "state", "attempts", "deferrals", "lease_until", "next_at"])
