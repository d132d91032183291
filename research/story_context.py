"""What the story page shows, put together: of today, and as it was at an earlier moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.access import FirmRequest
from accounts.models import Firm
from accounts.work import State
from research import as_was, disagreements, price_after, story_page
from research.access import access_analysis
from research.affected import affected
from research.disagreeing import sources_disagree
from research.disputed import disputed
from research.gates import why_not_read
from research.links import linked_companies
from research.models import Analysis, Article, Reading, Story
from research.piece import kind_of_all
from research.timeline import Timeline, timeline


def of_today(request: FirmRequest, story: Story) -> dict[str, Any]:
    """The newest reading, with what it means for the firm and what its people may do about it."""
    analysis, articles = access_analysis(story), list(story.articles.all())
    told = timeline(request.firm, story, articles, _primary_id(analysis), corrections=story.corrections.all())
    context = _common(request.firm, story, analysis, articles, told) | {
        "may_act": request.membership.may_correct,
        "versions": as_was.versions(story),
        "disagreements": disagreements.of_story(request.firm, story),
        "why_not_read": why_not_read(story),
    }
    if analysis:
        readings = list(analysis.readings.all())
        prices, span = price_after.prices_around(story, readings), price_after.span_named(request.GET.get("span", ""))
        context |= {
            "affected": affected(request.firm, readings, prices.moves(readings, span)),
            "price": prices.after(analysis.primary_reading, span),
            "span": span,
            "spans": price_after.SPANS,
            "waits": story.error if story.state == State.WAITING else "",
        }
    return context


def of_then(request: FirmRequest, story: Story, at: datetime, version: int | None = None) -> dict[str, Any]:
    """What was known at that moment, and nothing of what came later: no prices since, no holdings of today, nothing to do."""
    analysis, now = as_was.analysis_at(request.firm, story, at, version), list(story.articles.all())
    if analysis and not analysis.readings.all():
        analysis = None  # it reads nobody, so it measures nothing
    articles = as_was.articles_at(story, now, at)
    told = timeline(request.firm, story, articles, _primary_id(analysis), now=at) if articles else None
    return _common(request.firm, story, analysis, articles, as_was.timeline_at(told, articles, now, at)) | {
        "then": at,
        "then_version": version,
        "may_act": False,
        "versions": as_was.versions(story, at),
        "disagreements": disagreements.of_story(request.firm, story, at),
    }


def _primary_id(analysis: Analysis | None) -> int | None:
    primary = analysis.primary_reading if analysis else None
    return primary.issuer_id if primary else None


def _common(
    firm: Firm, story: Story, analysis: Analysis | None, articles: Sequence[Article], told: Timeline | None
) -> dict[str, Any]:
    evidence = list(analysis.evidence.all()) if analysis else []
    primary = analysis.primary_reading if analysis else None
    context: dict[str, Any] = {
        "story": story,
        "kind": kind_of_all(article.title for article in articles),
        "articles": articles,
        "analysis": analysis,
        "clocks": story_page.clocks(story, primary),
        "texts": [(article, story_page.text_parts(article, evidence)) for article in articles],
        "timeline": told,
        "sources_disagree": sources_disagree(articles),
    }
    if analysis:
        context |= story_page.reading_context(analysis, evidence, articles) | {
            "linked": linked_companies(list(analysis.readings.all()), articles),
            "so_far": story_page.so_far(analysis),
            "disputed": _disputed(primary, told),
        }
    return context


def _disputed(primary: Reading | None, told: Timeline | None) -> list[str]:
    if primary is None:
        return []
    probabilities = (primary.p_positive, primary.p_neutral, primary.p_negative)
    return disputed(probabilities, primary.sentiment_score, told.press_median if told else None)
