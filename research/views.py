"""The story page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import FirmRequest, member_required
from research import price_after, story_page
from research.access import access_analysis, access_story
from research.affected import affected
from research.links import linked_companies
from research.timeline import timeline


@require_safe
@member_required
def story(request: FirmRequest, pk: int) -> HttpResponse:
    found = access_story(request.firm, pk)
    if found.pk != pk:
        return redirect(found)
    analysis = access_analysis(found)
    articles = list(found.articles.all())
    evidence = list(analysis.evidence.all()) if analysis else []
    primary = analysis.primary_reading if analysis else None
    context: dict[str, Any] = {
        "story": found,
        "articles": articles,
        "analysis": analysis,
        "clocks": story_page.clocks(found, primary),
        "texts": [(article, story_page.text_parts(article, evidence)) for article in articles],
        "timeline": timeline(
            request.firm, found, articles, primary.issuer_id if primary else None, corrections=found.corrections.all()
        ),
    }
    if analysis:
        readings = list(analysis.readings.all())
        prices, span = price_after.prices_around(found, readings), price_after.span_named(request.GET.get("span", ""))
        context |= story_page.reading_context(analysis, evidence, articles) | {
            "linked": linked_companies(readings, articles),
            "so_far": story_page.so_far(analysis),
            "affected": affected(request.firm, readings, prices.moves(readings, span)),
            "price": prices.after(primary, span),
            "span": span,
            "spans": price_after.SPANS,
        }
    return render(request, "research/story.html", context)
