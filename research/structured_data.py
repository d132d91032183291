"""What a published story's page says of itself to link previews and search engines."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from portfolios import formats
from portfolios.models import Issuer
from research.card import SIZE
from research.models import Article
from research.published import Published
from research.scoring import impact_word, sentiment_label

LONGEST_DESCRIPTION = 300
LONGEST_HEADLINE = 110
WRITTEN_BY_A_MODEL = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
# Inside a script element these begin or end markup; in JSON they may as well be written as numbers.
MARKUP = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def page_url(published: Published) -> str:
    return absolute(published.get_absolute_url())


def card_url(published: Published) -> str:
    """Its picture's address, which changes with the edition: who kept the older picture kept it under the older address."""
    return absolute(f"{reverse('research:news_card', args=[published.slug])}?v={published.edition[:8]}")


def source_url(article: Article) -> str:
    """Where the article can be read; empty for sample articles, whose addresses lead nowhere, and for what is no web address."""
    try:
        is_address = urlsplit(article.url).scheme in ("http", "https")
    except ValueError:  # feeds link to what they like: "http://[unclosed"
        is_address = False
    return article.url if is_address and not article.source.is_sample else ""


def scores_in_words(published: Published) -> str:
    """One sentence: “Sentiment +0.45, moderately positive; market impact 0.35, modest.”"""
    sentiment, impact = published.sentiment, published.impact
    said = sentiment_label(sentiment) if sentiment is None else f"{formats.signed(sentiment)}, {sentiment_label(sentiment)}"
    felt = impact_word(impact) if impact is None else f"{formats.number(impact)}, {impact_word(impact)}"
    return f"Sentiment {said}; market impact {felt}."


def description(published: Published) -> str:
    """The summary, cut at a word; the scores in words where there is none."""
    analysis = published.story.current_analysis
    summary = analysis.summary if analysis else ""
    return Truncator(summary or scores_in_words(published)).chars(LONGEST_DESCRIPTION)


def article_data(published: Published) -> dict[str, Any]:
    """The story in the words of schema.org, as an article of analysis: that a program wrote it, about whom, and from what."""
    story, url = published.story, page_url(published)
    analysis = story.current_analysis
    house = {"@type": "Organization", "name": "Bellwether", "url": absolute("/")}
    return {
        "@context": "https://schema.org",
        "@type": "AnalysisNewsArticle",
        "headline": Truncator(story.title).chars(LONGEST_HEADLINE),
        "description": description(published),
        "url": url,
        "mainEntityOfPage": url,
        "image": {"@type": "ImageObject", "url": card_url(published), "width": SIZE[0], "height": SIZE[1]},
        "datePublished": (story.published_at or story.received_at).isoformat(),
        "dateModified": (analysis.scored_at if analysis else story.received_at).isoformat(),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "author": house,
        "publisher": house,
        "digitalSourceType": WRITTEN_BY_A_MODEL,
        "about": [_company(reading.issuer) for reading in (analysis.readings.all() if analysis else ())],
        "isBasedOn": [_source(article) for article in story.articles.all()],
    }


def _company(issuer: Issuer) -> dict[str, str]:
    listing = issuer.primary_listing
    symbol = {"tickerSymbol": f"{listing.mic} {listing.ticker}"} if listing else {}
    return {"@type": "Corporation", "name": issuer.name, **symbol}


def _source(article: Article) -> dict[str, Any]:
    url = source_url(article)
    outlet = {"@type": "Organization", "name": article.outlet}
    return {"@type": "NewsArticle", "headline": article.title, "publisher": outlet, **({"url": url} if url else {})}


def in_script(data: dict[str, Any]) -> SafeString:
    """JSON that stays JSON inside a script element, whatever stands in it."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(MARKUP))  # noqa: S308 - nothing in it can end the element
