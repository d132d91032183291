"""The pages of portfolios."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import FirmRequest, member_required
from portfolios.access import access_portfolio, access_portfolios, may_make_portfolios
from portfolios.forms import PortfolioForm
from portfolios.portfolio_page import book_of, holdings_csv, holdings_of, line, missing_for


@require_safe
@member_required
def portfolio_list(request: FirmRequest) -> HttpResponse:
    context = {"portfolios": access_portfolios(request.firm), "may_edit": request.membership.may_edit_portfolios}
    return render(request, "portfolios/portfolio_list.html", context)


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
def portfolio_new(request: FirmRequest) -> HttpResponse:
    """Makes an empty portfolio, and goes on to what is to be in it."""
    may_make_portfolios(request.membership)
    form = PortfolioForm(request.POST or None, firm=request.firm)
    if form.is_valid():
        return redirect("portfolios:import", form.save().slug)
    return render(request, "portfolios/portfolio_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@member_required
def portfolio_csv(request: FirmRequest, slug: str) -> HttpResponse:
    found = access_portfolio(request.firm, slug)
    disposition = {"Content-Disposition": f'attachment; filename="{found.slug}.csv"'}
    return HttpResponse(holdings_csv(found), content_type="text/csv; charset=utf-8", headers=disposition)
