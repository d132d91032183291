"""Two stories that are one, or one that is two: by later evidence or by people. It is kept for good, and merging sends nothing.

Alerts stay where they were raised, and follow: whoever asks for a story's alerts asks for its whole family.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.work import State
from research.corrections import read_again
from research.models import Article, Correction, Publication, Story, StoryMerge
from research.quick_readings import read_together

BY_HAND = "A person said that they tell of one event."
TAKEN_OUT = "A person said that these articles tell of another event."


class NotMerged(ValueError):
    """Why stories were not united or taken apart; nothing was changed."""


def survivor(stories: Collection[Story]) -> Story | None:
    """Which of them goes on: the published one, or the one that was first. None where several are published."""
    published = set(Publication.objects.filter(story__in=[story.pk for story in stories]).values_list("story", flat=True))
    if len(published) > 1:
        return None
    return min(stories, key=lambda story: (story.pk not in published, story.received_at, story.pk))


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


# --- by people -------------------------------------------------------------------------------------------


def unite(stories: Collection[Story], by: User) -> Story:
    """These are one story: which of them goes on. Raises NotMerged, and changes nothing. Call it inside every_firm()."""
    own = list(Story.objects.filter(pk__in=[story.pk for story in stories]).order_by("received_at", "pk"))
    if len(own) < 2:
        raise NotMerged("Choose two stories or more.")
    if any(story.merged_into_id for story in own):
        raise NotMerged("One of them went into another story already. Choose that one.")
    if len({story.firm_id for story in own}) > 1:
        raise NotMerged("They do not belong to the same firm: what is private stays so.")
    goes_on = survivor(own)
    if goes_on is None:
        raise NotMerged("More than one of them is on the public pages. Take down all but one first.")
    with transaction.atomic():
        for other in own:
            if other != goes_on:
                merge(goes_on, other, BY_HAND, by)
        read_together([goes_on])
    return goes_on


def split(articles: Collection[Article], by: User) -> Story:
    """These articles of one story tell of another event: their new story. It is read, and may alert. Raises NotMerged."""
    own = list(Article.objects.filter(pk__in=[article.pk for article in articles]).order_by("received_at", "pk"))
    old = own[0].story if own else None
    if old is None or any(article.story_id != old.pk for article in own):
        raise NotMerged("Choose articles of one story.")
    if not Article.objects.filter(story=old).exclude(pk__in=[article.pk for article in own]).exists():
        raise NotMerged("These are all of its articles: nothing would be left of the story.")
    first = own[0]
    with transaction.atomic():
        new = Story.objects.create(
            firm_id=old.firm_id,
            title=first.title,
            published_at=first.published_at,
            received_at=first.received_at,
            state=State.DONE,
        )
        ids = [article.pk for article in own]
        made = StoryMerge.objects.create(firm_id=old.firm_id, story=old, other=new, articles=ids, reason=TAKEN_OUT, made_by=by)
        _take_apart(made, by)
    return new


def undo(made: StoryMerge, by: User) -> None:
    """They are two stories after all, and stay so: what came over goes back, and both are read anew. Inside every_firm()."""
    with transaction.atomic():
        now = StoryMerge.objects.select_for_update().get(pk=made.pk)
        if now.undone_at is None:
            _take_apart(now, by)


def _take_apart(made: StoryMerge, by: User) -> None:
    moved = Article.objects.filter(pk__in=made.articles, story=made.story_id)
    moved.update(story=made.other_id)
    Story.objects.filter(pk=made.other_id).update(merged_into=None)
    both = [made.story_id, made.other_id]
    Article.objects.filter(story__in=both, copy_of__isnull=False).exclude(copy_of__story=F("story")).update(copy_of=None)
    StoryMerge.objects.filter(pk=made.pk).update(undone_at=timezone.now(), undone_by=by)
    tell_times(Story.objects.filter(pk__in=both))
    for story in both:
        read_again(story)


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
