"""Read this: a person gives a page or a text, and gets its story, for their firm alone."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts import limits
from accounts.access import FirmRequest, member_required
from accounts.doorbell import ring
from accounts.work import State
from research import read_this
from research.access import access_read_request
from research.models import ReadRequest
from research.read_forms import ReadForm

MOST_SHOWN = 20
MOST_AN_HOUR = 60
TOO_MANY = f"That were {MOST_AN_HOUR} in an hour, the most for one person. Nothing was fetched; try again later."


def _may_read(request: FirmRequest) -> None:
    if request.membership.may_only_look:
        raise PermissionDenied("The sample desk is for looking. Nothing was read.")


def _has_room(request: FirmRequest) -> bool:
    """Whether this person may have one more read this hour. Counts it if so."""
    return limits.allow("read", str(request.user.pk), MOST_AN_HOUR, timedelta(hours=1))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def read(request: FirmRequest) -> HttpResponse:
    """What to read, and what was asked for lately."""
    _may_read(request)
    form = ReadForm(request.POST if request.method == "POST" else None, initial={"url": request.GET.get("url", "")})
    if form.is_valid():
        there = read_this.story_at(request.firm.pk, form.cleaned_data["url"])
        if there:
            return redirect(there)
        if _has_room(request):
            return redirect(_ask(request, form))
        form.add_error(None, TOO_MANY)
    made = ReadRequest.objects.of(request.firm).select_related("made_by", "article__story")[:MOST_SHOWN]
    return render(request, "research/read.html", {"form": form, "made": made}, status=422 if form.errors else 200)


def _ask(request: FirmRequest, form: ReadForm) -> ReadRequest:
    if url := form.cleaned_data["url"]:
        made = read_this.ask_for_page(request.membership, url)
        ring("fetch_pages", [made.pk])
    else:
        made = read_this.ask_for_text(request.membership, form.cleaned_data["title"], form.cleaned_data["text"])
        ring("read_articles", [made.article_id] if made.article_id else [])
    return made


@require_safe
@member_required
def read_request(request: FirmRequest, pk: int) -> HttpResponse:
    """How far it is; its story as soon as there is one."""
    made = access_read_request(request.firm, pk)
    if made.article and made.article.story:
        address = made.article.story.get_absolute_url()
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    return render(request, "research/read_request.html", {"made": made})


@require_POST
@member_required
def read_retry(request: FirmRequest, pk: int) -> HttpResponse:
    """Try a page again that could not be read."""
    _may_read(request)
    made = access_read_request(request.firm, pk)
    if made.state == State.QUARANTINED and _has_room(request):
        ReadRequest.objects.filter(pk=made.pk).retry()
        ring("fetch_pages", [made.pk])
    return redirect(made)
