"""The story page, of today and of earlier."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import FirmRequest, member_required
from research import as_was, story_context
from research.access import access_story


@require_safe
@member_required
def story(request: FirmRequest, pk: int) -> HttpResponse:
    """The story as we read it now, or with ?at= as it was at that moment."""
    found, said = access_story(request.firm, pk), request.GET.get("at", "").strip()
    if found.pk != pk:
        return redirect(f"{found.get_absolute_url()}?{request.GET.urlencode()}".rstrip("?"))
    if not said:
        return render(request, "research/story.html", story_context.of_today(request, found))
    at = min(as_was.said_moment(said), timezone.now())
    return render(request, "research/story.html", story_context.of_then(request, found, at))


@require_safe
@member_required
def story_version(request: FirmRequest, pk: int, version: int) -> HttpResponse:
    """One version of its reading, as the story was when it was made."""
    found = access_story(request.firm, pk)
    if found.pk != pk:
        return redirect(found)
    read = found.analyses.filter(version=version).first()
    if read is None:
        raise Http404("No such story.")
    return render(request, "research/story.html", story_context.of_then(request, found, read.scored_at, version))
