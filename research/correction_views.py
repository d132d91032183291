"""Where people say that a story is not about a company, or about one that was missed; and where staff judge it."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import FirmRequest, member_required
from accounts.scope import every_firm
from portfolios.company_search import search_companies
from portfolios.models import Issuer
from research import corrections, disagreements
from research.access import access_company, access_correction, access_story
from research.correction_forms import MissingForm, VerdictForm, WrongForm
from research.grounding_counts import SLIPS, grounding_counts
from research.models import Correction, Story
from research.precision import link_precision

MOST_SHOWN = 100
EDIT_MASTER = "portfolios.change_issuer"


def may_correct(request: FirmRequest) -> None:
    """Raises PermissionDenied for those who may only look."""
    if not request.membership.may_correct:
        raise PermissionDenied("The sample desk is for looking. Nothing was changed.")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def wrong_company(request: FirmRequest, pk: int, slug: str) -> HttpResponse:
    """This story is not about that company."""
    may_correct(request)
    story, issuer = access_story(request.firm, pk), access_company(slug)
    mention = corrections.mention_of(story, issuer)
    suggested = corrections.suggested_words(mention) if mention else []
    form = WrongForm(request.POST if request.method == "POST" else None, suggested=suggested)
    if mention is None:
        form.add_error(None, f"We do not link this story to {issuer}.") if form.is_bound else None
    elif form.is_valid():
        context = " ".join(form.cleaned_data.get("context", ()))
        try:
            made = corrections.said_wrong(request.membership, story, issuer, context=context, note=form.cleaned_data["note"])
        except corrections.NotCorrected as error:
            form.add_error(None, f"{error}")
        else:
            return _done(request, story, made, f"Your firm no longer sees this story as one about {issuer}.")
    context_of = {"story": story, "company": issuer, "mention": mention, "form": form}
    return render(request, "research/wrong_company.html", context_of, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def missing_company(request: FirmRequest, pk: int) -> HttpResponse:
    """This story is about that company too."""
    may_correct(request)
    story, said = access_story(request.firm, pk), request.GET.get("q", "").strip()
    found = [(each.issuer.slug, _label(each.issuer)) for each in search_companies(said, most=10)]
    first = {"words": said, "company": found[0][0] if found else ""}
    form = MissingForm(request.POST if request.method == "POST" else None, found=found, initial=first) if found else None
    if form and form.is_valid():
        issuer = access_company(form.cleaned_data["company"])
        words, note = form.cleaned_data["words"], form.cleaned_data["note"]
        try:
            made = corrections.said_missing(request.membership, story, issuer, words, note=note)
        except corrections.NotCorrected as error:
            form.add_error("words", f"{error}")
        else:
            return _done(request, story, made, f"Your firm sees this story as one about {issuer} too.")
    context = {"story": story, "said": said, "form": form}
    return render(request, "research/missing_company.html", context, status=422 if form and form.is_bound else 200)


def _label(issuer: Issuer) -> str:
    ticker, venue = issuer.ticker
    return f"{issuer.name}, {ticker} {venue}" if venue else issuer.name


def _done(request: FirmRequest, story: Story, made: Correction, words: str) -> HttpResponse:
    """Whoever may edit the master has said it for everybody; of a private story there is more to weigh."""
    if request.user.has_perm(EDIT_MASTER) and story.firm_id is None:
        words = _accepted(corrections.accept(made, request.user, made.context.split()))
    messages.success(request, words)
    return redirect(f"{story.get_absolute_url()}#companies")


def _accepted(correction: Correction) -> str:
    learned = correction.taught.get("words") or correction.taught.get("needs_reason") or correction.taught.get("is_new")
    return f"It holds for everybody{', and the name has learned' if learned else ''}. The story is read again."


@require_POST
@member_required
def correction_undo(request: FirmRequest, pk: int) -> HttpResponse:
    may_correct(request)
    correction = access_correction(request.firm, pk)
    try:
        corrections.undo(correction, request.user)
    except corrections.NotCorrected as error:
        messages.warning(request, f"{error}")
    else:
        messages.success(request, f"Taken back: what your firm had said about {correction.issuer}.")
    return redirect(f"{correction.story.get_absolute_url()}#companies")


@require_safe
@member_required
def correction_list(request: FirmRequest) -> HttpResponse:
    """What the firm has corrected; for those who edit the master what all firms have, and how often each name was right."""
    if not request.user.has_perm(EDIT_MASTER):
        own = Correction.objects.of(request.firm).select_related("story", "issuer", "made_by", "judged_by")[:MOST_SHOWN]
        return render(request, "research/corrections.html", {"corrections": own, "may_judge": False})
    with every_firm():
        every = Correction.objects.select_related("story", "issuer", "made_by", "judged_by", "alias", "firm")
        waiting = list(every.unjudged().order_by("pk")[:MOST_SHOWN])
        judged = list(every.exclude(pk__in=[row.pk for row in waiting])[:MOST_SHOWN])
        context = {"waiting": waiting, "corrections": judged, "may_judge": True, "precision": link_precision()}
        context |= {"grounding": grounding_counts(), "slips": SLIPS, "disagreed": disagreements.quality()}
    return render(request, "research/corrections.html", context)


@require_POST
@member_required
@permission_required(EDIT_MASTER, raise_exception=True)
def correction_verdict(request: FirmRequest, pk: int) -> HttpResponse:
    """Whether it holds for everybody."""
    with every_firm():
        correction = get_object_or_404(Correction.objects.unjudged(), pk=pk)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        raise PermissionDenied("No verdict was given. Nothing was changed.")
    if form.cleaned_data["verdict"] == Correction.Verdict.ACCEPTED:
        words, needs_reason = form.cleaned_data["words"].split(), form.cleaned_data["needs_reason"]
        messages.success(request, _accepted(corrections.accept(correction, request.user, words, needs_reason=needs_reason)))
    else:
        corrections.refuse(correction, request.user)
        messages.success(request, "It holds for the firm that said so alone.")
    return redirect("research:corrections")


@require_POST
@member_required
@permission_required(EDIT_MASTER, raise_exception=True)
def correction_revocation(request: FirmRequest, pk: int) -> HttpResponse:
    """It no longer holds for everybody."""
    with every_firm():
        correction = get_object_or_404(Correction.objects.accepted(), pk=pk)
    corrections.revoke(correction, request.user)
    messages.success(request, "It no longer holds for everybody. What was learned from it is forgotten.")
    return redirect("research:corrections")
