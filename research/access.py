"""The only way a view gets at stories and articles: those of everybody, and those of one's own firm."""

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404

from accounts.models import Firm
from research.models import Analysis, Article, Reading, Story, StoryQuerySet


def visible_stories(firm: Firm) -> StoryQuerySet:
    """Stories the firm may see, with what a row about one shows, in a number of queries that does not grow."""
    readings = Reading.objects.select_related("issuer").prefetch_related("issuer__securities__listings").order_by("-relevance")
    return (
        Story.objects.live()
        .visible_to(firm)
        .select_related("current_analysis__primary_issuer")
        .prefetch_related(
            Prefetch("current_analysis__readings", readings),
            Prefetch("articles", Article.objects.select_related("source").order_by("received_at", "pk")),
        )
    )


def access_story(firm: Firm, pk: int) -> Story:
    """That story, or 404 if it does not exist or is another firm's. A merged one gives the story it went into."""
    story = visible_stories(firm).filter(pk=pk).first()
    if story is None:
        merged = Story.objects.visible_to(firm).filter(pk=pk).values_list("merged_into", flat=True).first()
        story = visible_stories(firm).filter(pk=merged).first() if merged else None
    if story is None:
        raise Http404("No such story.")
    return story


def access_analysis(story: Story) -> Analysis | None:
    """The story's newest reading, with its evidence; none while it reads nobody, for then it measures nothing."""
    analysis = story.current_analysis
    if analysis is None or not analysis.readings.all():
        return None
    prefetch_related_objects([analysis], "evidence__article__source")
    return analysis
