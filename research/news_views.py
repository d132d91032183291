"""The public pages of published stories. They are the same for everybody: no firm, no session, one cheap query once drawn."""

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolios import formats
from research import card, published, story_page, structured_data, syndication
from research.editions import answer
from research.published import Published, access_published, published_stories
from research.scoring import impact_word, sentiment_label

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
PAGE_SIZE = 20
FEED_SIZE = 50
SITEMAP_SIZE = 40_000  # a sitemap may have 50,000 addresses
LAST_PAGE = 1000


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    page = _page_number(request.GET.get("page", "1"))
    start = (page - 1) * PAGE_SIZE
    stories = published_stories(start, start + PAGE_SIZE + 1, in_brief=True)
    if page > 1 and not stories:
        raise Http404("No such page.")
    return answer(request, f"list {page}", _edition(stories), HTML, lambda: _list_page(stories[:PAGE_SIZE], page, len(stories)))


@require_safe
def news_story(request: HttpRequest, slug: str) -> HttpResponse:
    found = access_published(slug)
    if found.slug != slug:
        return redirect(found, permanent=True)
    return answer(request, "story", found.edition, HTML, lambda: _story_page(found))


@require_safe
def news_card(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of link previews."""
    found = access_published(slug)
    return answer(request, "card", found.edition, "image/png", lambda: _card(found))


@require_safe
def news_feed(request: HttpRequest) -> HttpResponse:
    return _listing(request, "feed", RSS, published_stories(0, FEED_SIZE, in_brief=True), syndication.feed)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return _listing(request, "sitemap", XML, published_stories(0, SITEMAP_SIZE, in_brief=True), syndication.sitemap)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but the pages that hold a secret in their address or ask for a password."""
    closed = ("/accounts/", "/admin/", "/demo/confirm/", "/invitation/", "/csp-report/")
    where = structured_data.absolute(reverse("research:sitemap"))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {where}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LAST_PAGE):
        raise Http404("No such page.")
    return int(text)


def _edition(stories: Sequence[Published]) -> str:
    return " ".join(each.edition for each in stories)


def _listing(
    request: HttpRequest, kind: str, content_type: str, stories: list[Published], write: Callable[[Sequence[Published]], str]
) -> HttpResponse:
    def draw() -> str:
        published.complete(stories)
        return write(stories)

    return answer(request, kind, _edition(stories), content_type, draw)


def _list_page(stories: list[Published], page: int, found: int) -> str:
    published.complete(stories)
    context = {
        "stories": stories,
        "page": page,
        "next_page": page + 1 if found > PAGE_SIZE else None,
        "url": structured_data.absolute(reverse("research:news")) + (f"?page={page}" if page > 1 else ""),
    }
    with timezone.override(UTC):
        return render_to_string("news/list.html", context)


def _story_page(shown: Published) -> str:
    published.complete([shown], quoted=[shown])
    # Everybody reads the same page, so its first clock is nobody's desk; the second is that of the company's exchange.
    with timezone.override(UTC):
        return render_to_string("news/story.html", _story_context(shown))


def _story_context(shown: Published) -> dict[str, Any]:
    story, analysis = shown.story, shown.story.current_analysis
    articles = list(story.articles.all())
    evidence = list(analysis.evidence.all()) if analysis else []
    return {
        "shown": shown,
        "story": story,
        "slug": shown.slug,
        "url": structured_data.page_url(shown),
        "card_url": structured_data.card_url(shown),
        "description": structured_data.description(shown),
        "scores_in_words": structured_data.scores_in_words(shown),
        "data": structured_data.in_script(structured_data.article_data(shown)),
        "sources": [(article, structured_data.source_url(article)) for article in articles],
        "articles": articles,
        "is_sample": shown.is_sample,
        "clocks": story_page.clocks(story, shown.reading),
        "analysis": analysis,
        "readings": list(analysis.readings.all()) if analysis else [],
        # Whole texts are shown where they are our own; those of others are quoted, and read where they were published.
        "texts": [(article, story_page.text_parts(article, evidence)) for article in articles if article.source.is_sample],
        **(story_page.reading_context(analysis, evidence, articles) if analysis else {}),
    }


def _card(shown: Published) -> bytes:
    published.complete([shown])
    story, sentiment, impact = shown.story, shown.sentiment, shown.impact
    return card.draw(
        card.Card(
            title=story.title,
            company=_company(shown),
            dated=formats.day((story.published_at or story.received_at).astimezone(UTC)),
            sentiment=sentiment,
            sentiment_text=formats.signed(sentiment),
            sentiment_word=sentiment_label(sentiment),
            impact=impact,
            impact_text=formats.number(impact),
            impact_word=impact_word(impact),
        )
    )


def _company(shown: Published) -> str:
    """The company that the scores are about, with its ticker where it has one."""
    if shown.reading is None:
        return ""
    issuer = shown.reading.issuer
    ticker, venue = issuer.ticker
    return f"{issuer.name} ({ticker} {venue})" if venue else issuer.name
