"""Importing holdings, in three steps with an address each: send, look, apply."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import FirmRequest, member_required
from portfolios import uploads
from portfolios.access import access_portfolio_to_edit, access_upload
from portfolios.forms import ColumnsForm, UploadForm
from portfolios.import_words import needs_in_words

MOST_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def portfolio_import(request: FirmRequest, slug: str) -> HttpResponse:
    """Takes a file or pasted cells, and goes on to the preview. Nothing in the portfolio changes here."""
    found = access_portfolio_to_edit(request.membership, slug)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        data, name = form.sent()
        return redirect("portfolios:upload", slug, uploads.keep(found, data, name, request.user).pk)
    context = {"portfolio": found, "form": form}
    return render(request, "portfolios/portfolio_import.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def upload(request: FirmRequest, slug: str, pk: int) -> HttpResponse:
    """The preview; a POST says what the columns are, and shows it anew."""
    found = access_upload(request.membership, slug, pk)
    if found.applied_at:
        return render(request, "portfolios/upload.html", {"portfolio": found.portfolio, "upload": found})
    look = uploads.preview(found)
    width = len(look.layout.columns) if look.layout else 0
    form = ColumnsForm(request.POST if request.method == "POST" else None, width=width)
    wrong = " ".join(str(text) for texts in form.errors.values() for text in texts)
    if form.is_valid():
        wrong = uploads.choose_columns(found, form.columns(), has_header=form.cleaned_data["header"])
        if not wrong:
            return redirect("portfolios:upload", slug, pk)
    context = {
        "portfolio": found.portfolio,
        "upload": found,
        "look": look,
        "result": look.result,
        "needs": needs_in_words(look.result.needs),
        "choices": ColumnsForm.CHOICES,
        "columns": _columns(look, form if form.is_valid() else None),
        "wrong": wrong,
        "most_shown": MOST_SHOWN,
    }
    return render(request, "portfolios/upload.html", context, status=422 if wrong else 200)


@require_POST
@member_required
def upload_application(request: FirmRequest, slug: str, pk: int) -> HttpResponse:
    """Applies it: all of it, or with `good` its good rows alone. The upload's page then says what that did."""
    found = access_upload(request.membership, slug, pk)
    try:
        uploads.apply(found, good_only="good" in request.POST, seen=request.POST.get("seen", ""))
    except uploads.NotApplied as reason:
        messages.warning(request, str(reason))
    return redirect("portfolios:upload", slug, pk)


def _columns(look: uploads.Preview, chosen: ColumnsForm | None) -> list[tuple[int, str, str]]:
    """Each column's place, header and what it is taken for, or was chosen to be just now."""
    if look.layout is None:
        return []
    taken = chosen.columns() if chosen else look.layout.columns
    return [(place, header, column) for place, (header, column) in enumerate(zip(look.header, taken, strict=True))]
