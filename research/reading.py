"""The first reading of new articles, in milliseconds: who is it about, which story is it, and a quick score for each company.

For now each article is its own story. A changed article keeps its story and gives it a new version of its reading.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Now

from accounts.scope import every_firm
from accounts.work import State, attempt
from portfolios.models import Alias, Listing, MasterVersion
from research import sample
from research.corrections import Said, said_of
from research.flash import FLASH_VERSION, FlashReading, flash_reading
from research.mentions import AliasRow, FoundMention, ListingRow, Names, find_mentions, mention_by_words
from research.models import Analysis, Announcement, Article, Mention, Reading, Story, UnknownName
from research.scoring import sentiment_score
from research.unknown_names import FoundName, unknown_names

log = logging.getLogger(__name__)

BATCH = 200


@dataclass
class Draft:
    """What the first look at one article found, before anything is written."""

    article: Article
    found: list[FoundMention]
    scores: dict[int, FlashReading]
    unknown: list[FoundName]
    said: Said


@dataclass
class Read:
    """Ids for the steps that follow: stories that want a full reading, and announcements to the rules."""

    stories: list[int] = field(default_factory=list)
    announcements: list[int] = field(default_factory=list)

    def add(self, other: "Read") -> None:
        self.stories += other.stories
        self.announcements += other.announcements


def read_articles(ids: Iterable[int]) -> Read:
    """Read these articles, those of them that still wait."""
    read = Read()
    waiting = iter(ids)
    while batch := list(islice(waiting, BATCH)):
        with every_firm():
            claimed = Article.objects.claim(batch)
        if claimed:  # the sweep may have rung for what another worker has read by now
            with Article.objects.kept(claimed):
                _read_batch(claimed, read)
    return read


def _read_batch(claimed: Sequence[int], read: Read) -> None:
    try:
        read.add(_read(_load(claimed)))
    except Exception:
        log.exception("A batch of %d articles could not be stored: each is read by itself", len(claimed))
        for article in _load(claimed):
            with attempt(article):
                read.add(_read([article]))


def _load(ids: Sequence[int]) -> list[Article]:
    with every_firm():
        return list(Article.objects.filter(pk__in=ids).select_related("source", "story").order_by("pk"))


def _read(articles: Sequence[Article]) -> Read:
    known = names()
    with every_firm():
        said = said_of(articles)
    by_day = sorted(articles, key=_day)  # names of the past are made once a day
    drafts = [draft for article in by_day if (draft := _look(article, known, said[article.story_id]))]
    with every_firm():
        kept = _untouched(drafts)
        now = said_of(draft.article for draft in kept)
        return _write([draft for draft in kept if now[draft.article.story_id] == draft.said])


def _look(article: Article, known: Names, said: Said) -> Draft | None:
    with attempt(article):
        then = known.on(_day(article))
        found = _as_said(article, find_mentions(then, article.title, article.text), said)
        scores = {mention.issuer_id: _score(article, mention, found) for mention in found}
        return Draft(article, found, scores, _unknown(article, found, then), said)
    return None


def _day(article: Article) -> date:
    """By the names of which day it is read: its own, or that on which it reached us where it says a later one."""
    return min(article.published_at or article.received_at, article.received_at).date()


def _as_said(article: Article, found: Sequence[FoundMention], said: Said) -> list[FoundMention]:
    """What linking found, but where people knew better."""
    added = [mention_by_words(article.title, article.text, issuer, words) for issuer, words in said.missing]
    there = {mention.issuer_id for mention in found}
    new = [mention for mention in added if mention and mention.issuer_id not in there]
    return [mention for mention in found if mention.issuer_id not in said.wrong] + new


def _unknown(article: Article, found: Sequence[FoundMention], known: Names) -> list[FoundName]:
    """Companies that the master lacks, beside one that it has: those are worth adding."""
    if not found:
        return []
    spans = [span for mention in found for span in mention.spans]
    return [name for name in unknown_names(article.title, article.text, spans) if not known.has(name.text)]


def _score(article: Article, mention: FoundMention, found: Sequence[FoundMention]) -> FlashReading:
    others = [span for other in found if other is not mention for span in other.spans]
    return flash_reading(article.title, article.text, mention.spans, others)


def names() -> Names:
    """The automaton over all names of the security master, built again when the master has changed."""
    return _names(MasterVersion.objects.values_list("version", flat=True).first())


@lru_cache(maxsize=1)
def _names(version: UUID | None) -> Names:
    rows = Alias.objects.values_list(
        "issuer_id", "text", "needs_corroboration", "against", "beside", "is_shared", "valid_from", "valid_to"
    )
    aliases = (
        AliasRow(issuer, text, needs, tuple(against.split()), tuple(beside.split()), shared, since, until)
        for issuer, text, needs, against, beside, shared, since, until in rows
    )
    listed = Listing.objects.values_list("security__issuer_id", "mic", "ticker", "valid_from", "valid_to")
    return Names(aliases, [ListingRow(*row) for row in listed])


def _untouched(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, locked, of articles that nobody has changed or read since they were loaded. The others wait, or are done."""
    waiting = Article.objects.filter(pk__in=[draft.article.pk for draft in drafts], state=State.WAITING).order_by("pk")
    now = set(waiting.select_for_update().values_list("pk", "revision", "story"))
    return [draft for draft in drafts if (draft.article.pk, draft.article.revision, draft.article.story_id) in now]


def _write(drafts: Sequence[Draft]) -> Read:
    """Stories, mentions, analyses and readings of these articles, in a handful of queries."""
    _attach_stories(drafts)
    articles = [draft.article for draft in drafts]
    Mention.objects.filter(article__in=articles).delete()
    Mention.objects.bulk_create([_mention(draft.article, found) for draft in drafts for found in draft.found])
    UnknownName.objects.filter(article__in=articles).delete()
    UnknownName.objects.bulk_create([_unknown_row(draft.article, name) for draft in drafts for name in draft.unknown])
    analyses = _add_analyses([draft for draft in drafts if draft.found or _was_analysed(draft.article)])
    fresh = [Announcement(firm_id=analysis.firm_id, analysis=analysis) for analysis in analyses if not analysis.story.is_backfill]
    announcements = [announcement.pk for announcement in Announcement.objects.bulk_create(fresh)]
    Article.objects.bulk_update(articles, ["story"])
    Article.objects.filter(pk__in=[article.pk for article in articles]).update(state=State.DONE, lease_until=None, error="")
    return Read([analysis.story_id for analysis in analyses if analysis.story.state == State.WAITING], announcements)


def _was_analysed(article: Article) -> bool:
    """A change that takes the last company out of a story is a reading too: of nobody, so that its alerts are corrected."""
    return article.story is not None and article.story.current_analysis_id is not None


def _attach_stories(drafts: Sequence[Draft]) -> None:
    new = [draft for draft in drafts if draft.article.story is None]
    again = [draft.article.story for draft in drafts if draft.article.story and full_reading_wanted(draft)]
    for draft, story in zip(new, Story.objects.bulk_create([_story(draft) for draft in new]), strict=True):
        draft.article.story = story
    for story in again:
        story.state = State.WAITING
    Story.objects.filter(pk__in=[story.pk for story in again]).update(
        state=State.WAITING, attempts=0, deferrals=0, error="", next_at=Now()
    )


def _story(draft: Draft) -> Story:
    article = draft.article
    return Story(
        firm_id=article.firm_id,
        title=article.title,
        published_at=article.published_at,
        received_at=article.received_at,
        is_backfill=article.is_backfill,
        state=State.WAITING if full_reading_wanted(draft) else State.DONE,
    )


def full_reading_wanted(draft: Draft) -> bool:
    """Whether a model will read it as well: fresh news about a company we know, where there is a model to ask."""
    has_reader = settings.MODEL_CONFIGURED or (
        draft.article.source.is_sample and sample.reply_for(draft.article.guid) is not None
    )
    return bool(draft.found) and not draft.article.is_backfill and has_reader


def _mention(article: Article, found: FoundMention) -> Mention:
    return Mention(
        firm_id=article.firm_id,
        article=article,
        issuer_id=found.issuer_id,
        relevance=found.relevance,
        tier=found.tier,
        in_headline=found.in_headline,
        words=found.words[:200],
        count=found.count,
        resolved_by=found.resolved_by[:120],
        confidence=found.confidence,
        others=[{"issuer": other.issuer_id, "why": other.why} for other in found.others],
    )


def _unknown_row(article: Article, name: FoundName) -> UnknownName:
    ticker = name.ticker.rpartition(":")[2]
    return UnknownName(
        firm_id=article.firm_id,
        article=article,
        key=name.key[:200],
        text=name.text[:200],
        ticker=ticker[:20],
        count=name.count,
        reason=name.reason[:40],
    )


def _add_analyses(drafts: Sequence[Draft]) -> list[Analysis]:
    stories = [draft.article.story for draft in drafts if draft.article.story]
    newest = dict(Analysis.objects.filter(story__in=stories).values_list("story").annotate(Max("version")))
    analyses = Analysis.objects.bulk_create([_analysis(draft, newest.get(draft.article.story_id, 0) + 1) for draft in drafts])
    Reading.objects.bulk_create(
        [
            _reading(analysis, found, draft.scores[found.issuer_id])
            for draft, analysis in zip(drafts, analyses, strict=True)
            for found in draft.found
        ]
    )
    for story, analysis in zip(stories, analyses, strict=True):
        story.current_analysis = analysis
    Story.objects.bulk_update(stories, ["current_analysis"])
    return analyses


def _analysis(draft: Draft, version: int) -> Analysis:
    article = draft.article
    main = max(draft.found, key=lambda found: found.relevance, default=None)
    return Analysis(
        firm_id=article.firm_id,
        story=article.story,
        version=version,
        supersedes_id=article.story.current_analysis_id if article.story else None,
        lane=Analysis.Lane.FLASH,
        engine=Analysis.Engine.RULES,
        prompt_version=FLASH_VERSION,
        input_hash=article.content_hash,
        primary_issuer_id=main.issuer_id if main else None,
        confidence=draft.scores[main.issuer_id].confidence if main else None,
        received_at=article.received_at,
    )


def _reading(analysis: Analysis, found: FoundMention, score: FlashReading) -> Reading:
    return Reading(
        firm_id=analysis.firm_id,
        analysis=analysis,
        issuer_id=found.issuer_id,
        p_positive=score.p_positive,
        p_neutral=score.p_neutral,
        p_negative=score.p_negative,
        sentiment_score=sentiment_score(score.p_positive, score.p_negative),
        market_impact_score=score.market_impact,
        relevance=found.relevance,
    )
