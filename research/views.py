"""The story page, and the sample desk's feed."""

from typing import Any

from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import FirmRequest, member_required
from accounts.models import Firm
from research import sample, story_page
from research.access import access_analysis, access_story
from research.models import Analysis


@require_safe
@member_required
def story(request: FirmRequest, pk: int) -> HttpResponse:
    found = access_story(request.firm, pk)
    if found.pk != pk:
        return redirect(found)
    analysis = access_analysis(found)
    articles = list(found.articles.all())
    evidence = list(analysis.evidence.all()) if analysis else []
    context: dict[str, Any] = {
        "story": found,
        "articles": articles,
        "analysis": analysis,
        "clocks": story_page.clocks(found, None),
    }
    if analysis:
        readings, primary = list(analysis.readings.all()), analysis.primary_reading
        sections = story_page.sections(analysis, evidence)
        context |= {
            "readings": readings,
            "primary": primary,
            "clocks": story_page.clocks(found, primary),
            "sections": [section for section in sections if section.key not in ("supports", "against")],
            "weigh": [section for section in sections if section.key in ("supports", "against")],
            "summary_cites": story_page.cites_by_claim(evidence).get("summary", ()),
            "evidence": evidence,
            "affected": story_page.affected_holdings(request.firm, readings),
            "is_quick": analysis.lane == Analysis.Lane.FLASH,
        }
    context["texts"] = [(article, story_page.text_parts(article, evidence)) for article in articles]
    return render(request, "research/story.html", context)


@require_safe
def sample_feed(request: HttpRequest) -> HttpResponse:
    """The sample desk's stories that have been released so far: none before the first sign-in to a sample firm."""
    started_at = Firm.objects.filter(is_sample=True).aggregate(first=Min("sample_started_at"))["first"]
    items = sample.released(started_at, timezone.now())
    return HttpResponse(
        sample.feed_xml(items, request.build_absolute_uri("/")), content_type="application/rss+xml; charset=utf-8"
    )
