"""Articles into stories, in the database: what research.stories decides, written for a batch in a handful of queries.

One worker at a time does this, under a lock until it has committed: two that read two reports of one event at once would make two
stories of it. A firm's article is compared with its own and with everybody's; what is everybody's, with that alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from accounts.scope import every_firm
from accounts.work import State
from research import novelty
from research.fingerprints import Fingerprint
from research.merging import merge, survivor
from research.models import Article, ArticleFingerprint, ArticleKey, Source, Story, StoryMerge
from research.notation import ENGLISH
from research.stories import ENOUGH, LIVE_HOURS, MOST_A_KEY, LiveStories, worth
from research.vectors import SIZE

LOCK = 0x57EA_0002
SETS = ("title", "named", "words", "issuers", "primary", "traits", "figures")
_NEAR = """
    SELECT DISTINCT found.article_id FROM (
        SELECT asked.n, near.article_id
        FROM unnest(%s::int[], %s::bigint[], %s::int[], %s::timestamptz[]) AS asked (n, key, worth, moment)
        CROSS JOIN LATERAL (
            SELECT article_id FROM research_articlekey AS kept
            WHERE kept.key = asked.key
                AND kept.moment BETWEEN asked.moment - %s * interval '1 hour' AND asked.moment + %s * interval '1 hour'
                AND {whose}
            ORDER BY kept.moment DESC LIMIT %s
        ) AS near
        GROUP BY asked.n, near.article_id HAVING sum(asked.worth) >= %s
    ) AS found
"""
NEAR = _NEAR.format(whose="(kept.firm_id IS NULL OR kept.firm_id = %s)")
NEAR_PRIVATE = _NEAR.format(whose="kept.firm_id IS NOT NULL")
# Keys are sought around an article's own time, which may be days ago, and counted over the windows of research.novelty.
KEYS_KEPT = max(timedelta(hours=2 * LIVE_HOURS), *novelty.WINDOWS)
WHY_ONE = "An article showed that they tell of one event."


@dataclass
class New:
    """An article that has no story yet. `story` and `is_first`, whether it began that story, are filled in by `attach`."""

    article: Article
    fingerprint: Fingerprint
    story: Story | None = None
    is_first: bool = False


def moment_of(article: Article) -> datetime:
    """When it was told: the provider's time, or ours where that would be later."""
    return min(article.published_at or article.received_at, article.received_at)


def lock() -> None:
    """Wait for the others that put articles into stories, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def attach(new: Sequence[New]) -> dict[int, Story]:
    """Give each of these articles its story: one there is, or one made now. Call it inside every_firm(), under `lock`.

    Returns, by their numbers, stories that turned out to be another: that other.
    """
    by_owner: dict[tuple[int | None, bool], list[New]] = defaultdict(list)
    for each in sorted(new, key=lambda each: (moment_of(each.article), each.article.pk)):
        by_owner[each.article.firm_id, each.article.source.kind == Source.Kind.ASKED].append(each)
    merged: dict[int, Story] = {}
    for (firm_id, is_asked), own in by_owner.items():
        merged |= _Attaching(firm_id, own, is_asked=is_asked).run()
    return merged


def remember(articles: Sequence[Article], fingerprints: Sequence[Fingerprint]) -> None:
    """Keep the fingerprints, and the keys under which these articles are found."""
    ArticleFingerprint.objects.filter(article__in=articles).delete()
    ArticleKey.objects.filter(article__in=articles).delete()
    told = list(zip(articles, fingerprints, strict=True))
    ArticleFingerprint.objects.bulk_create(
        [
            ArticleFingerprint(
                article=article,
                firm_id=article.firm_id,
                moment=moment_of(article),
                data=_data(fingerprint),
                vectors=fingerprint.vectors.astype(np.float16).tobytes(),
            )
            for article, fingerprint in told
        ]
    )
    ArticleKey.objects.bulk_create(
        [
            ArticleKey(article=article, firm_id=article.firm_id, key=hashed(key), moment=moment_of(article))
            for article, fingerprint in told
            for key in sorted(fingerprint.index_keys())
        ],
        batch_size=5000,
    )


def hashed(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1


def prune(batch: int = 5000) -> int:
    """Delete keys under which nothing is sought any more, `batch` rows a transaction, and return how many there were.

    Old are those told that long ago of articles that came that long ago: old news that is loaded now is still to be joined.
    """
    old = ArticleKey.objects.filter(moment__lt=Now() - KEYS_KEPT, article__next_at__lt=Now() - KEYS_KEPT).order_by("pk")
    last, total = 0, 0
    while True:
        with every_firm():
            found = list(old.filter(pk__gt=last).values_list("pk", flat=True)[:batch])  # on, past what is kept: one walk in all
            ArticleKey.objects.filter(pk__in=found).delete()
        total += len(found)
        if len(found) < batch:
            return total
        last = found[-1]


class _Attaching:
    """The articles of one firm, or of everybody, and the stories near them.

    What a person asked to be read alerts nobody, so it has stories of its own, that no other article joins.
    """

    def __init__(self, firm_id: int | None, new: Sequence[New], *, is_asked: bool) -> None:
        self.firm_id, self.new = firm_id, new
        self.is_asked = is_asked
        self.live = LiveStories()
        self.stories: dict[int, Story] = {}
        self.made: dict[int, Story] = {}
        self.over: list[tuple[int, int]] = []  # (survivor, the other) of stories that were there before

    def run(self) -> dict[int, Story]:
        self._load()
        for each, number in zip(self.new, _numbers(len(self.new)), strict=True):
            placed = self.live.place(each.article.pk, each.fingerprint)
            each.story = self._story(each, placed.story, number)
            self.live.add(each.article.pk, each.fingerprint, each.story.pk)
            for other in placed.same:
                self._unite(each.story, self.stories[other])
        Story.objects.bulk_create(self.made.values())
        for story, other in self.over:
            merge(self.stories[story], self.stories[other], WHY_ONE)
        into = {other: story for story, other in self.over}
        return {other: self.stories[_last(into, other)] for other in into}

    def _story(self, each: New, found: int | None, number: int) -> Story:
        story = self.stories.get(found) if found is not None else None
        public = None
        if story and story.firm_id != self.firm_id:  # a private article never joins a public story
            public, story = story, self._pointing_at(story)
        if story is None:
            article = each.article
            story = self.made[number] = self.stories[number] = Story(
                pk=number,
                firm_id=self.firm_id,
                title=article.title,
                published_at=article.published_at,
                received_at=article.received_at,
                is_backfill=article.is_backfill,
                public_story=public,
                state=State.DONE,
            )
            each.is_first = True
        return story

    def _pointing_at(self, public: Story) -> Story | None:
        known = (story for story in self.stories.values() if story.public_story_id == public.pk)
        pointing = Story.objects.live().filter(firm=self.firm_id, public_story=public)
        asked = Q(articles__source__kind=Source.Kind.ASKED)
        own = next(known, None) or pointing.filter(asked if self.is_asked else ~asked).first()
        if own:
            self.stories.setdefault(own.pk, own)
        return own

    def _unite(self, one: Story, two: Story) -> None:
        into = survivor([one, two]) if one.firm_id == two.firm_id == self.firm_id else None
        if into is None or one.pk == two.pk:
            return
        other = two if into is one else one
        self.live.unite(into.pk, [other.pk])
        for each in self.new:
            if each.story is other:
                each.story, each.is_first = into, False
        if self.made.pop(other.pk, None) is None:
            self.over.append((into.pk, other.pk))

    def _load(self) -> None:
        near = _near(NEAR, [(each.article, each.fingerprint) for each in self.new], self.firm_id)
        asked = Q(source__kind=Source.Kind.ASKED)
        alike = asked | Q(firm=None) if self.is_asked else ~asked
        beside = Article.objects.filter(alike, pk__in=near, story__isnull=False).values("story")
        rows = (
            ArticleFingerprint.objects.filter(article__story__in=beside)
            .select_related("article__story__current_analysis")
            .order_by("moment")
        )
        for row in rows:
            story = row.article.story
            if story:
                self.stories.setdefault(story.pk, story)
                self.live.add(row.article_id, _fingerprint(row), story.pk)
        undone = StoryMerge.objects.filter(undone_at__isnull=False).filter(Q(story__in=self.stories) | Q(other__in=self.stories))
        for one, other in undone.values_list("story", "other"):
            self.live.keep_apart(one, other)


def point_at_public(told: Iterable[tuple[Article, Fingerprint]]) -> None:
    """Firms' own stories that were there before: which of them tell of an event that now has a public story as well.

    They point at it from then on. Nothing of everybody's is written here. Call it inside every_firm(), with the articles stored.
    """
    public = [(article, fingerprint) for article, fingerprint in told if article.firm_id is None]
    alone = Story.objects.live().filter(firm__isnull=False, public_story=None)
    near = alone.filter(articles__in=_near(NEAR_PRIVATE, public)) if public else alone.none()
    by_story: dict[int, list[ArticleFingerprint]] = defaultdict(list)
    for row in ArticleFingerprint.objects.filter(article__story__in=near).select_related("article").order_by("moment"):
        by_story[row.article.story_id or 0].append(row)
    if not by_story:
        return
    live = LiveStories()
    stories = {article.story_id for article, _ in public}
    for row in ArticleFingerprint.objects.filter(article__story__in=stories).select_related("article").order_by("moment"):
        live.add(row.article_id, _fingerprint(row), row.article.story_id or 0)
    for story, rows in by_story.items():
        placed = (live.place(row.article_id, _fingerprint(row)).story for row in rows)
        if found := next((each for each in placed if each is not None), None):
            Story.objects.filter(pk=story).update(public_story=found)


def _near(query: str, told: Iterable[tuple[Article, Fingerprint]], *firm_id: int | None) -> set[int]:
    """Articles that share keys with these; `firm_id` where the query asks for it."""
    asked = [(n, key, moment_of(article)) for n, (article, fingerprint) in enumerate(told) for key in fingerprint.index_keys()]
    numbers = [n for n, _, _ in asked]
    keys, worths = [hashed(key) for _, key, _ in asked], [worth(key) for _, key, _ in asked]
    moments = [moment for _, _, moment in asked]
    with connection.cursor() as cursor:
        cursor.execute(query, [numbers, keys, worths, moments, LIVE_HOURS, LIVE_HOURS, *firm_id, MOST_A_KEY, ENOUGH])
        return {row[0] for row in cursor.fetchall()}


def _last(into: dict[int, int], story: int) -> int:
    while story in into:
        story = into[story]
    return story


def _numbers(count: int) -> list[int]:
    """That many ids for stories to be made: they are told apart before they are written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('research_story', 'id')) FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def _data(fingerprint: Fingerprint) -> dict[str, Any]:
    sets = {name: sorted(getattr(fingerprint, name)) for name in SETS}
    return {"key": fingerprint.key, "outlet": fingerprint.outlet, "language": fingerprint.language, **sets}


def _fingerprint(row: ArticleFingerprint) -> Fingerprint:
    return Fingerprint(
        moment=row.moment.timestamp() / 3600,
        vectors=np.frombuffer(row.vectors, dtype=np.float16).astype(np.float32).reshape(-1, SIZE),
        key=row.data["key"],
        outlet=row.data["outlet"],
        language=row.data.get("language", ENGLISH),  # of what was stored before it was told
        **{name: frozenset(row.data.get(name, ())) for name in SETS},
    )
