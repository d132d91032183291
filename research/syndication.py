"""Published stories for other programs: the feed and the sitemap. Every address in them is the installation's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from research.published import Published
from research.structured_data import absolute, description, page_url, scores_in_words

TITLE = "Bellwether: published stories"
ABOUT = "News with summary, sentiment and market impact, and for each statement the words of the source that bear it out."
PAGES = (
    "accounts:landing",
    "research:news",
    "accounts:demo",
    "accounts:how_scores_work",
    "accounts:security",
    "accounts:privacy",
    "accounts:terms",
)


def feed(stories: Sequence[Published]) -> str:
    """RSS 2.0, in the order given."""
    channel = Rss201rev2Feed(
        title=TITLE,
        link=absolute(reverse("research:news")),
        description=ABOUT,
        language="en",
        feed_url=absolute(reverse("research:news_feed")),
    )
    for each in stories:
        channel.add_item(
            title=each.story.title,
            link=page_url(each),
            description=" ".join(dict.fromkeys((scores_in_words(each), description(each)))),
            unique_id=page_url(each),
            pubdate=each.story.published_at or each.story.received_at,
        )
    written: str = channel.writeString("utf-8")
    return written


class Ours(Sitemap[Any]):
    """Of this installation, whatever name it was asked by."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return str(urlsplit(settings.BASE_URL).scheme)

    def get_domain(self, site: Any = None) -> str:
        return str(urlsplit(settings.BASE_URL).netloc)


class PageSitemap(Ours):
    def items(self) -> Sequence[str]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(item)


class StorySitemap(Ours):
    def __init__(self, stories: Sequence[Published]) -> None:
        self.stories = stories

    def items(self) -> Sequence[Published]:
        return self.stories

    def lastmod(self, item: Published) -> datetime:
        analysis = item.story.current_analysis
        return analysis.scored_at if analysis else item.published_at


def sitemap(stories: Sequence[Published]) -> str:
    """The published stories, and the pages that are for everybody."""
    return render_to_string("sitemap.xml", {"urlset": PageSitemap().get_urls() + StorySitemap(stories).get_urls()})
