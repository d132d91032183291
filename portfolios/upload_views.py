"""Importing holdings, in three steps with an address each: send, look, apply."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import FirmRequest, member_required
from portfolios import uploads
from portfolios.access import access_portfolio_to_edit, access_upload
from portfolios.forms import ColumnsForm, UploadForm
from portfolios.imports import ImportResult

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
        "choices": ColumnsForm.CHOICES,
        "columns": _columns(look, form if form.is_valid() else None),
        "wrong": wrong,
        "most_shown": MOST_SHOWN,
    }
    return render(request, "portfolios/upload.html", context, status=422 if wrong else 200)


@require_POST
@member_required
def upload_application(request: FirmRequest, slug: str, pk: int) -> HttpResponse:
    """Applies it: all of it, or with `good` its good rows alone."""
    found = access_upload(request.membership, slug, pk)
    try:
        result = uploads.apply(found, good_only="good" in request.POST)
    except uploads.AppliedBefore:
        return redirect("portfolios:upload", slug, pk)
    if result.is_refused:
        return redirect("portfolios:upload", slug, pk)
    messages.success(request, in_words(result))
    return redirect("portfolios:portfolio", slug)


def in_words(result: ImportResult) -> str:
    """What an import did."""
    rows = result.applied + result.unchanged
    said = [
        f"{rows:,} row{'' if rows == 1 else 's'} imported: {result.applied:,} new or changed, {result.unchanged:,} as before."
    ]
    if result.removed:
        said.append(f"{len(result.removed):,} removed.")
    if result.left_out:
        said.append(f"{result.left_out:,} left out. Nothing else was changed in the portfolio.")
    return " ".join(said)


def _columns(look: uploads.Preview, chosen: ColumnsForm | None) -> list[tuple[int, str, str]]:
    """Each column's place, header and what it is taken for, or was chosen to be just now."""
    if look.layout is None:
        return []
    taken = chosen.columns() if chosen else look.layout.columns
    return [(place, header, column) for place, (header, column) in enumerate(zip(look.header, taken, strict=True))]
