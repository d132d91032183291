"""Stories on the public pages, and the only door to them for a visitor, who belongs to no firm.

Only what is everybody's or a sample firm's goes through it: that is asked when a story is published, and again when it is read.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.db.models import OuterRef, Prefetch, Q, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.text import slugify

from accounts.models import User
from accounts.scope import every_firm
from research.models import Analysis, Article, Evidence, Publication, Reading, Story, StoryQuerySet

LONGEST_SLUG = 80
FOR_EVERYBODY = Q(firm=None) | Q(firm__is_sample=True)


class NotPublishable(Exception):
    """Why a story cannot go on the public pages, in words for staff."""


@dataclass(frozen=True)
class Published:
    """A story as the public pages show it. `slug` is its address; `published_at` is when staff put it there."""

    story: Story
    slug: str
    published_at: datetime

    @property
    def edition(self) -> str:
        """Changes with the story's reading, and with nothing that a page does not show."""
        said = (self.story.pk, self.story.title, self.story.current_analysis_id, self.slug, self.published_at.isoformat())
        return hashlib.sha256(repr(said).encode()).hexdigest()[:20]

    @property
    def reading(self) -> Reading | None:
        """That of the company the scores are about; none while nobody is read."""
        analysis = self.story.current_analysis
        return analysis.primary_reading if analysis else None

    @property
    def is_sample(self) -> bool:
        """Whether any of its articles is sample data."""
        return any(article.source.is_sample for article in self.story.articles.all())

    @property
    def sentiment(self) -> float | None:
        return self.reading.sentiment_score if self.reading else None

    @property
    def impact(self) -> float | None:
        return self.reading.market_impact_score if self.reading else None

    def get_absolute_url(self) -> str:
        return f"/news/{self.slug}/"


def publish(story: Story, by: User | None) -> Publication:
    """Put a story on the public pages; where it is there already, nothing changes. Raises NotPublishable."""
    with every_firm():
        found = Story.objects.select_related("merged_into").get(pk=story.pk)
        shown = found.merged_into or found
        if shown.firm and not shown.firm.is_sample:
            raise NotPublishable("It belongs to a firm. Only stories of everybody and of sample firms are published.")
        if shown.current_analysis is None or shown.current_analysis.lane != Analysis.Lane.FULL:
            raise NotPublishable("It has no full analysis.")
        publication, _ = Publication.objects.get_or_create(
            story=shown, defaults={"slug": _free_slug(shown.title), "published_by": by}
        )
        return publication


def unpublish(story: Story) -> bool:
    """Take a story off the public pages, under the addresses of those that went into it too. Whether it was there."""
    with every_firm():
        gone, _ = Publication.objects.filter(Q(story=story) | Q(story__merged_into=story)).delete()
        return bool(gone)


def access_published(slug: str) -> Published:
    """The published story at that address, or 404. One query: complete() loads what only its page shows.

    A story that went into another gives that one, with the address that one has if it is published itself.
    """
    with every_firm():
        found = next(_published(_shown(slug=slug)), None)
    if found is None:
        raise Http404("No such story.")
    return found


def published_stories(start: int = 0, end: int | None = None, *, in_brief: bool = False) -> list[Published]:
    """The published stories from `start` to before `end`, the newest news first. One query.

    Those `in_brief` come without sections and what was left out of them, which cannot be asked for later.
    """
    with every_firm():
        stories = _shown().order_by("-received_at", "-pk")
        if in_brief:
            stories = stories.defer("current_analysis__raw_reply", "current_analysis__sections", "current_analysis__dropped")
        return list(_published(stories[start:end]))


def complete(shown: Sequence[Published], *, quoted: Sequence[Published] = ()) -> None:
    """Load the companies read and the sources of these stories, and the quotes of those `quoted`: four queries, or five."""
    quotes = Evidence.objects.select_related("article__source").defer("article__text")
    with every_firm():
        prefetch_related_objects(
            [each.story for each in shown],
            Prefetch("articles", Article.objects.select_related("source").order_by("received_at", "pk")),
            Prefetch("current_analysis__readings", Reading.objects.select_related("issuer").order_by("-relevance", "pk")),
            "current_analysis__readings__issuer__securities__listings",
        )
        prefetch_related_objects([each.story for each in quoted], Prefetch("current_analysis__evidence", quotes))


def _shown(**publications: str) -> StoryQuerySet:
    """The stories that publications show: their own, or the one that theirs went into."""
    chosen = Publication.objects.filter(**publications).values(shown=Coalesce("story__merged_into", "story"))
    # Two look-ups by index: one condition for both would read every publication for each story.
    leads_here = Publication.objects.filter(story__merged_into=OuterRef("pk")).order_by("pk")
    return (
        Story.objects.live()
        .filter(FOR_EVERYBODY, pk__in=chosen)
        .select_related("current_analysis__primary_issuer")
        .defer("current_analysis__raw_reply")
        .annotate(
            slug=Coalesce("publication__slug", Subquery(leads_here.values("slug")[:1])),
            public_since=Coalesce("publication__published_at", Subquery(leads_here.values("published_at")[:1])),
        )
    )


def _published(stories: StoryQuerySet) -> Iterator[Published]:
    for story in stories:
        found = vars(story)
        yield Published(story, found["slug"], found["public_since"])


def _free_slug(title: str) -> str:
    """An address from the title's words that no publication has."""
    words = slugify(title) or "story"
    tails = ("" if number == 1 else f"-{number}" for number in count(1))
    slugs = (_shortened(words, LONGEST_SLUG - len(tail)) + tail for tail in tails)
    return next(slug for slug in slugs if not Publication.objects.filter(slug=slug).exists())


def _shortened(slug: str, most: int) -> str:
    """Cut after a whole word."""
    return slug if len(slug) <= most else slug[: most + 1].rpartition("-")[0] or slug[:most]
