"""The only way a view gets at stories and articles: those of everybody, and those of one's own firm."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Firm
from accounts.scope import FirmQuerySet
from portfolios.models import Issuer
from research.models import Analysis, Article, Correction, Reading, ReadRequest, Story, StoryQuerySet


def believed_readings(firm: Firm) -> FirmQuerySet[Reading]:
    """Readings of companies that the firm does not say the story is not about."""
    wrong = Correction.objects.of(firm).wrong().filter(story=OuterRef("analysis__story"), issuer=OuterRef("issuer"))
    return Reading.objects.filter(~Exists(wrong))


def visible_stories(firm: Firm, *, with_texts: bool = False) -> StoryQuerySet:
    """Stories the firm may see, with what a row about one shows, in a number of queries that does not grow.

    A story may have a hundred articles: their texts come only where they are shown. What the firm corrected is not read: the
    company is neither in `readings` nor the primary one. `corrections` are its own.
    """
    readings = believed_readings(firm).select_related("issuer").prefetch_related("issuer__securities__listings")
    corrections = Correction.objects.of(firm).standing().select_related("issuer", "made_by")
    articles = Article.objects.select_related("source").order_by("received_at", "pk")
    return (
        Story.objects.live()
        .visible_to(firm)
        .select_related("current_analysis__primary_issuer")
        .prefetch_related(
            Prefetch("current_analysis__readings", readings.order_by("-relevance")),
            Prefetch("corrections", corrections.prefetch_related("issuer__securities__listings")),
            Prefetch("articles", articles if with_texts else articles.defer("text")),
        )
    )


def stories_about(firm: Firm, issuers: Collection[int]) -> StoryQuerySet:
    """Stories whose current analysis reads one of these companies, by what the firm believes, or to which it added one."""
    read = believed_readings(firm).filter(issuer__in=issuers).values("analysis")
    added = Correction.objects.of(firm).standing().filter(kind=Correction.Kind.MISSING, issuer__in=issuers).values("story")
    return visible_stories(firm).filter(Q(current_analysis__in=read) | Q(pk__in=added))


def access_story(firm: Firm, pk: int) -> Story:
    """That story, or 404 if it does not exist or is another firm's. A merged one gives the story it went into."""
    stories = visible_stories(firm, with_texts=True)
    story = stories.filter(pk=pk).first()
    if story is None:
        merged = Story.objects.visible_to(firm).filter(pk=pk).values_list("merged_into", flat=True).first()
        story = stories.filter(pk=merged).first() if merged else None
    if story is None:
        raise Http404("No such story.")
    return story


def access_analysis(story: Story) -> Analysis | None:
    """The story's newest reading, with its evidence; none while it reads nobody, for then it measures nothing."""
    analysis = story.current_analysis
    if analysis is None or not analysis.readings.all():
        return None
    prefetch_related_objects([analysis], "evidence__article__source", "second_order__issuer")
    return analysis


def access_company(slug: str) -> Issuer:
    """That company, or 404: companies are everybody's. One that turned out to be another gives the other."""
    found = get_object_or_404(Issuer.objects.select_related("joined_into"), slug=slug)
    return found.joined_into or found


def access_correction(firm: Firm, pk: int) -> Correction:
    """That correction of the firm, or 404."""
    return get_object_or_404(Correction.objects.of(firm).select_related("story", "issuer"), pk=pk)


def access_read_request(firm: Firm, pk: int) -> ReadRequest:
    """That request to read something, or 404 if it does not exist or is another firm's; with its story as far as there is one."""
    return get_object_or_404(ReadRequest.objects.of(firm).select_related("article__story"), pk=pk)
