"""Two stories that are one: the articles of the one go over to the other, which goes on. It is kept for good, and sends nothing.

Alerts stay where they were raised, and follow: whoever asks for a story's alerts asks for its whole family.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.work import State
from research.models import Article, Correction, Publication, Story, StoryMerge


def survivor(one: Story, two: Story) -> Story | None:
    """Which of the two goes on: the published one, or the one that was first. None where both are published."""
    published = set(Publication.objects.filter(story__in=[one.pk, two.pk]).values_list("story", flat=True))
    if len(published) == 2:
        return None
    if published:
        return one if one.pk in published else two
    return min(one, two, key=lambda story: (story.received_at, story.pk))


def merge(story: Story, other: Story, reason: str, by: User | None = None) -> StoryMerge:
    """Put the articles of `other` into `story`. Call it inside every_firm(), in a transaction."""
    articles = list(Article.objects.filter(story=other).order_by("pk").values_list("pk", flat=True))
    made = StoryMerge.objects.create(
        firm_id=story.firm_id, story=story, other=other, articles=articles, reason=reason, made_by=by
    )
    Article.objects.filter(pk__in=articles).update(story=story)
    Story.objects.filter(Q(pk=other.pk) | Q(merged_into=other)).update(merged_into=story)
    Story.objects.filter(pk=other.pk).update(state=State.DONE, lease_until=None)
    Story.objects.filter(firm__isnull=False, public_story=other).update(public_story=story)
    said_here = Correction.objects.standing().filter(story=story, firm=OuterRef("firm"), issuer=OuterRef("issuer"))
    Correction.objects.filter(~Exists(said_here), story=other).update(story=story)
    tell_times([story])
    return made


def undo(made: StoryMerge, by: User) -> None:
    """They are two stories after all, and stay so: what came over goes back. Call it inside every_firm(), in a transaction."""
    now = StoryMerge.objects.select_for_update().get(pk=made.pk)
    if now.undone_at is not None:
        return
    Article.objects.filter(pk__in=now.articles, story=now.story_id).update(story=now.other_id)
    Story.objects.filter(pk=now.other_id).update(merged_into=None)
    StoryMerge.objects.filter(pk=now.pk).update(undone_at=timezone.now(), undone_by=by)
    tell_times(Story.objects.filter(pk__in=[now.story_id, now.other_id]))


def tell_times(stories: Iterable[Story]) -> None:
    """A story began with the first of its articles, and is old news only if all of them are. Two queries."""
    own = {story.pk: story for story in stories}
    told: dict[int, list[tuple[datetime | None, datetime, bool]]] = defaultdict(list)
    rows = Article.objects.filter(story__in=own).values_list("story", "published_at", "received_at", "is_backfill")
    for pk, published, received, is_backfill in rows:
        told[pk or 0].append((published, received, is_backfill))
    for pk, rows_of_story in told.items():
        story = own[pk]
        story.published_at = min((published for published, _, _ in rows_of_story if published), default=None)
        story.received_at = min(received for _, received, _ in rows_of_story)
        story.is_backfill = all(is_old for _, _, is_old in rows_of_story)
    Story.objects.bulk_update(own.values(), ["published_at", "received_at", "is_backfill"])
