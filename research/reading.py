"""The first reading of new articles, in milliseconds: who is it about, which story is it, and a quick score for each company.

A changed article keeps its story and gives it a new version of its reading; one that joins a story does so if it adds something.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from uuid import UUID

from django.conf import settings

from accounts.scope import every_firm
from accounts.work import State, attempt
from portfolios.models import Alias, Listing, MasterVersion
from research import gates, sample
from research.additions import mark_copies
from research.attaching import New, attach, lock, moment_of, point_at_public, remember
from research.corrections import Said, said_of
from research.fingerprints import Fingerprint, fingerprint
from research.flash import FlashReading, flash_reading
from research.mentions import AliasRow, FoundMention, ListingRow, Names, find_mentions, mention_by_words
from research.merging import tell_times
from research.models import Analysis, Article, Mention, Source, Story, UnknownName
from research.quick_readings import MORE_TO_COME, ask_for_full_readings, read_together, tell_quickly
from research.unknown_names import FoundName, unknown_names

log = logging.getLogger(__name__)

BATCH = 200


@dataclass
class Draft:
    """What the first look at one article found, before anything is written."""

    article: Article
    found: list[FoundMention]
    scores: dict[int, FlashReading]
    fingerprint: Fingerprint
    unknown: list[FoundName]
    said: Said
    joined: bool = False  # a story that was there


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
        lock()
        kept = _untouched(drafts)
        now = said_of(draft.article for draft in kept)
        return _write([draft for draft in kept if now[draft.article.story_id] == draft.said])


def _look(article: Article, known: Names, said: Said) -> Draft | None:
    with attempt(article):
        then = known.on(_day(article))
        found = _as_said(article, find_mentions(then, article.title, article.text), said)
        scores = {mention.issuer_id: _score(article, mention, found) for mention in found}
        moment = moment_of(article).timestamp() / 3600
        told = fingerprint(article.title, article.text, found, article.outlet, moment)
        return Draft(article, found, scores, told, _unknown(article, found, then), said)
    return None


def _day(article: Article) -> date:
    """By the names of which day it is read: its own, or that on which it reached us where it says a later one."""
    return moment_of(article).date()


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
    placed = _place(drafts)
    _keep(drafts)
    tell_times({_story(draft) for draft in drafts if draft.joined})
    at_once, soon = _ask(placed)
    told = {_story(draft).pk: _story(draft) for draft in placed.telling if _wants_quick_reading(draft, soon)}
    read_together(story for story in placed.merged.values() if story.pk not in told)
    return Read(sorted(at_once), tell_quickly(told.values()))


@dataclass
class Placed:
    """Drafts with a story each. `telling` are those that changed, began or add to theirs, `copies` the others: they repeat it.
    `merged`: by their numbers, stories that went into another.
    """

    telling: list[Draft]
    copies: list[Draft]
    merged: dict[int, Story]


def _place(drafts: Sequence[Draft]) -> Placed:
    new = {draft.article.pk: New(draft.article, draft.fingerprint) for draft in drafts if draft.article.story is None}
    merged = attach(list(new.values()))
    for draft in drafts:
        each = new.get(draft.article.pk)
        draft.article.story = each.story if each else merged.get(draft.article.story_id or 0, draft.article.story)
        draft.joined = each is not None and not each.is_first
    joined = [each for each in new.values() if not each.is_first]
    adding = mark_copies(joined)
    telling = [draft for draft in drafts if not draft.joined or draft.article.pk in adding]
    return Placed(telling, [draft for draft in drafts if draft not in telling], merged)


def _story(draft: Draft) -> Story:
    if draft.article.story is None:
        raise ValueError(f"Article {draft.article.pk} was given no story.")
    return draft.article.story


def _keep(drafts: Sequence[Draft]) -> None:
    """What was found in the articles, in place of what was found before, and that they are read."""
    articles = [draft.article for draft in drafts]
    Article.objects.bulk_update(articles, ["story", "copy_of"])
    Mention.objects.filter(article__in=articles).delete()
    Mention.objects.bulk_create([_mention(draft, found) for draft in drafts for found in draft.found])
    UnknownName.objects.filter(article__in=articles).delete()
    UnknownName.objects.bulk_create([_unknown_row(draft.article, name) for draft in drafts for name in draft.unknown])
    remember(articles, [draft.fingerprint for draft in drafts])
    point_at_public((draft.article, draft.fingerprint) for draft in drafts)
    Article.objects.filter(pk__in=[article.pk for article in articles]).update(state=State.DONE, lease_until=None, error="")


def _ask(placed: Placed) -> tuple[set[int], set[int]]:
    """Ask for full readings of what has something to tell. The stories to be read at once, and all that are read soon.

    One that was read waits for more to come. What a model may not read adds nothing to what one has read.
    """
    wanted = [draft for draft in placed.telling if full_reading_wanted(draft)]
    first = {_story(draft).pk for draft in wanted if not (draft.joined and _is_read_in_full(_story(draft)))}
    later = {_story(draft).pk for draft in wanted if gates.may_be_read(draft.article)} - first
    at_once = ask_for_full_readings(first)
    soon = at_once | ask_for_full_readings(later, MORE_TO_COME)
    gates.keep_copies((_story(draft), draft.article) for draft in placed.copies if _story(draft).pk not in first | later)
    return at_once, soon


def _wants_quick_reading(draft: Draft, soon: Collection[int]) -> bool:
    """A change that takes the last company out of a story is a reading too: of nobody, so that its alerts are corrected.

    What adds to a story that was read in full waits for the next full reading, where one comes soon: a quick one takes the
    summary away. Where none does, the rules must hear of it all the same.
    """
    story = _story(draft)
    if draft.joined and _is_read_in_full(story):
        return bool(draft.found) and story.pk not in soon
    return bool(draft.found) or story.current_analysis_id is not None


def _is_read_in_full(story: Story) -> bool:
    return story.current_analysis is not None and story.current_analysis.lane == Analysis.Lane.FULL


def full_reading_wanted(draft: Draft) -> bool:
    """Whether a model will read it as well: fresh news, or what a person asked for, about a company we know, if there is one."""
    has_reader = settings.MODEL_CONFIGURED or (
        draft.article.source.is_sample and sample.reply_for(draft.article.guid) is not None
    )
    is_wanted = not draft.article.is_backfill or draft.article.source.kind == Source.Kind.ASKED
    return bool(draft.found) and is_wanted and has_reader


def _mention(draft: Draft, found: FoundMention) -> Mention:
    score = draft.scores[found.issuer_id]
    return Mention(
        firm_id=draft.article.firm_id,
        article=draft.article,
        issuer_id=found.issuer_id,
        relevance=found.relevance,
        tier=found.tier,
        in_headline=found.in_headline,
        words=found.words[:200],
        count=found.count,
        resolved_by=found.resolved_by[:120],
        confidence=found.confidence,
        others=[{"issuer": other.issuer_id, "why": other.why} for other in found.others],
        p_positive=score.p_positive,
        p_neutral=score.p_neutral,
        p_negative=score.p_negative,
        market_impact_score=score.market_impact,
        score_confidence=score.confidence,
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
