"""The newsroom: a sample firm without people whose stories are on the public pages, so that there is something to read at once.

Its stories go the way of all others: stored, read, checked against the text, published. Nothing on their pages is typed in.
"""

from collections.abc import Iterable

from django.db.models.functions import Now

from accounts.models import Firm
from accounts.scope import every_firm
from config.sample import remove_firm
from research import analysis, ingest, published, reading, sample
from research.feeds import FeedItem
from research.models import Article, Publication, Source, Story

SLUG = "sample-newsroom"


def newsroom() -> Firm | None:
    return Firm.objects.filter(slug=SLUG, is_sample=True).first()


def open_newsroom() -> int:
    """Store, read and publish the sample stories that are not there yet. How many are published.

    What staff took down stays down. A story whose recorded reply has changed is read again, as a new version.
    """
    source = _source()
    stored = ingest.store(source, map(_item, sample.stories()), backfill=True)
    # What was stored by a start that did not get as far as publishing is new still.
    new = stored.new if source.polled_at else _articles(source)
    reading.read_articles(new + stored.revised)
    for story_id in _outdated():
        with every_firm():
            Story.objects.filter(pk=story_id).retry()  # old news is read in full on request only: this is one
        analysis.analyse(story_id)
    _publish(new)
    with every_firm():
        Source.objects.filter(pk=source.pk).update(polled_at=Now())
        return Publication.objects.filter(story__firm=newsroom()).count()


def close_newsroom() -> None:
    """Remove it with all that is in it, the public pages of its stories too."""
    with every_firm():
        if firm := newsroom():
            remove_firm(firm)


def _source() -> Source:
    with every_firm():
        firm = newsroom() or Firm.objects.create(slug=SLUG, name="Sample newsroom", is_sample=True)
        kind = {"kind": Source.Kind.FILE, "is_sample": True}
        return Source.objects.get_or_create(firm=firm, name=sample.SOURCE_NAME, defaults=kind)[0]


def _articles(source: Source) -> list[int]:
    with every_firm():
        return list(Article.objects.filter(source=source).order_by("pk").values_list("pk", flat=True))


def _item(story: sample.SampleStory) -> FeedItem:
    return FeedItem(
        guid=story.guid,
        url=story.url,
        title=story.title,
        html=story.html,
        published_at=story.published_at,
        language="en",
        outlet=story.source_name,
    )


def _outdated() -> list[int]:
    """The stories whose current analysis is not the recorded reply."""
    with every_firm():
        told = Article.objects.filter(source__firm=newsroom(), story__isnull=False)
        said = told.values_list("guid", "story", "story__current_analysis__raw_reply")
        return [story_id for guid, story_id, raw in said if raw != sample.reply_for(guid)]


def _publish(article_ids: Iterable[int]) -> None:
    with every_firm():
        for story in Story.objects.filter(articles__in=list(article_ids), current_analysis__lane="full").order_by("pk"):
            published.publish(story, None)
