"""A story as it was at an earlier moment: the analysis, its articles and their words as we knew them then, and nothing later."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.http import Http404
from django.utils import timezone

from accounts.models import Firm
from research.models import Analysis, Article, ArticleRevision, Correction, Reading, Story, StoryMerge
from research.timeline import Timeline

FIRST_YEAR, LAST_YEAR = 1900, 2999
MOST_VERSIONS = 50


def said_moment(text: str) -> datetime:
    """The moment of an address: ISO 8601, without an offset in the reader's time zone. 404 if it is none."""
    said = text.strip()
    try:
        # The plus sign of an offset, which few escape, arrives as a blank.
        at = datetime.fromisoformat(said.replace(" ", "+") if "T" in said else said)
    except ValueError:
        raise Http404("That is no moment.") from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Http404("That is no moment.")
    return at if at.tzinfo else timezone.make_aware(at)


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the list of them. `sentiment` is its primary company's, None: not measured."""

    version: int
    lane: str
    engine: str
    scored_at: datetime
    sentiment: float | None

    @property
    def lane_words(self) -> str:
        return Analysis.Lane(self.lane).label


def versions(story: Story, at: datetime | None = None) -> list[Version]:
    """The versions there are, or were at that moment, newest first. One query."""
    primary = Reading.objects.filter(analysis=OuterRef("pk"), issuer=OuterRef("primary_issuer"))
    known = Analysis.objects.filter(story=story).order_by("-version")
    known = known.filter(scored_at__lte=at) if at else known
    known = known.annotate(sentiment=Subquery(primary.values("sentiment_score")[:1]))
    return [Version(*row) for row in known.values_list("version", "lane", "engine", "scored_at", "sentiment")[:MOST_VERSIONS]]


def analysis_at(firm: Firm, story: Story, at: datetime, version: int | None = None) -> Analysis | None:
    """The newest version of that moment, or the one of that number, with the readings that the firm believed then."""
    corrected = Correction.objects.of(firm).filter(
        Q(undone_at=None) | Q(undone_at__gt=at),
        kind=Correction.Kind.WRONG,
        made_at__lte=at,
        story=OuterRef("analysis__story"),
        issuer=OuterRef("issuer"),
    )
    readings = Reading.objects.filter(~Exists(corrected)).select_related("issuer").order_by("-relevance")
    known = Analysis.objects.filter(story=story, scored_at__lte=at).select_related("primary_issuer")
    known = known.filter(version=version) if version else known
    return (
        known.prefetch_related(
            Prefetch("readings", readings.prefetch_related("issuer__securities__listings")),
            "evidence__article__source",
            "second_order__issuer",
        )
        .order_by("-version")
        .first()
    )


def articles_at(story: Story, articles: Iterable[Article], at: datetime) -> list[Article]:
    """Those that had reached us and were in the story by then, each in the words of then. Two queries."""
    merges = StoryMerge.objects.filter(story=story, made_at__gt=at, undone_at=None).values_list("articles", flat=True)
    came_later = {pk for pks in merges for pk in pks}
    known = [each for each in articles if each.received_at <= at and each.pk not in came_later]
    replaced = ArticleRevision.objects.filter(article__in=known, replaced_at__gt=at).order_by("-revision")
    before = {revision.article_id: revision for revision in replaced}  # of several, the first that was replaced after it
    return [_in_words_of(article, before.get(article.pk)) for article in known]


def _in_words_of(article: Article, revision: ArticleRevision | None) -> Article:
    if revision is None:
        return article
    then = copy(article)
    then.title, then.text, then.revision = revision.title, revision.text, revision.revision
    return then


def timeline_at(timeline: Timeline | None, articles: Sequence[Article], now: Sequence[Article], at: datetime) -> Timeline | None:
    """Without merges that came later; and without the press median where texts changed since: it is of their new words."""
    if timeline is None:
        return None
    revised = {article.pk: article.revision for article in now}
    is_changed = any(article.revision != revised[article.pk] for article in articles)
    merges = tuple(merge for merge in timeline.merges if merge.made_at <= at)
    return replace(timeline, merges=merges, press_median=None if is_changed else timeline.press_median)
