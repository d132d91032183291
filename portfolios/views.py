"""The pages of portfolios and the upload of holdings files."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import FirmRequest, member_required
from portfolios.access import access_portfolio, access_portfolio_to_edit, access_portfolios
from portfolios.delimited import MOST_BYTES
from portfolios.forms import HoldingsForm
from portfolios.imports import import_holdings
from portfolios.portfolio_page import book_of, holdings_csv, holdings_of, line, missing_for


@require_safe
@member_required
def portfolio_list(request: FirmRequest) -> HttpResponse:
    return render(request, "portfolios/portfolio_list.html", {"portfolios": access_portfolios(request.firm)})


@require_safe
@member_required
def portfolio(request: FirmRequest, slug: str) -> HttpResponse:
    found = access_portfolio(request.firm, slug)
    holdings = holdings_of(found)
    book = book_of(found, holdings)
    context = {
        "portfolio": found,
        "book": book,
        "holdings": [line(holding) for holding in holdings],
        "total_weight": book.net_weight,
        "missing": missing_for(found, holdings),
        "may_edit": request.membership.may_edit_portfolios,
    }
    return render(request, "portfolios/portfolio.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def portfolio_import(request: FirmRequest, slug: str) -> HttpResponse:
    """Shows the form; a POST imports the file, or with `check` only says what it would change."""
    found = access_portfolio_to_edit(request.membership, slug)
    form = HoldingsForm(request.POST, request.FILES) if request.method == "POST" else HoldingsForm()
    check = "check" in request.POST
    result = None
    if form.is_valid():
        result = import_holdings(found, form.cleaned_data["file"].read(MOST_BYTES + 1), dry_run=check)
    refused = form.is_bound and (result is None or result.is_refused)
    context = {"portfolio": found, "form": form, "result": result, "is_check": check}
    return render(request, "portfolios/portfolio_import.html", context, status=422 if refused else 200)


@require_safe
@member_required
def portfolio_csv(request: FirmRequest, slug: str) -> HttpResponse:
    found = access_portfolio(request.firm, slug)
    disposition = {"Content-Disposition": f'attachment; filename="{found.slug}.csv"'}
    return HttpResponse(holdings_csv(found), content_type="text/csv; charset=utf-8", headers=disposition)
