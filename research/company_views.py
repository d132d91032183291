"""The pages of companies."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import FirmRequest, member_required
from portfolios.changes import changes_by, in_words
from portfolios.company_search import MOST_FOUND, search_companies
from portfolios.held import book
from portfolios.joining import CannotJoin, join
from portfolios.models import MasterChange
from research import companies
from research.access import access_company
from research.models import DismissedName
from research.rollups import roll_ups
from research.unknown import beside_holdings

STORIES_A_PAGE = 20
MOST_CHANGES = 20


@require_safe
@member_required
def company_list(request: FirmRequest) -> HttpResponse:
    """The companies that the firm holds, or those that somebody looks for."""
    held, said = book(request.firm), request.GET.get("q", "").strip()
    rows = companies.found_companies(request.firm, said, held) if said else companies.held_companies(request.firm, held)
    context = {"rows": rows, "said": said, "is_cut": bool(said) and len(rows) == MOST_FOUND}
    return render(request, "research/company_list.html", context)


@require_safe
@member_required
def company(request: FirmRequest, slug: str) -> HttpResponse:
    issuer = access_company(slug)
    if issuer.slug != slug:
        return redirect(issuer)
    page = Paginator(companies.stories_about(request.firm, issuer), STORIES_A_PAGE).get_page(request.GET.get("page"))
    positions = companies.positions(request.firm, issuer)
    context = {
        "company": issuer,
        "about": companies.about(issuer),
        "positions": positions,
        "most": max((abs(position.weight) for position in positions if position.weight is not None), default=None),
        "names": companies.names_of(issuer),
        "listings": [(listing, companies.venue_city(listing)) for listing in companies.listings_of(issuer)],
        "links": companies.links_of(issuer),
        "rollups": roll_ups(request.firm, [issuer.pk])[issuer.pk],
        "stories": companies.company_stories(issuer, page),
        "page": page,
    }
    if request.user.has_perm("portfolios.change_issuer"):
        changes = MasterChange.objects.filter(issuer=issuer).select_related("by")[:MOST_CHANGES]
        context["changes"] = [(change, in_words(change)) for change in changes]
    return render(request, "research/company.html", context)


def _sent(request: FirmRequest, name: str) -> str:
    """What a form sent, without the one character that no database takes."""
    return request.POST.get(name, "").replace("\0", "")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
@permission_required("portfolios.change_issuer", raise_exception=True)
def company_join(request: FirmRequest, slug: str) -> HttpResponse:
    """Two companies of the master that are one: looked for, then joined."""
    kept, said = access_company(slug), request.GET.get("q", "").strip()
    if request.method == "POST":
        gone = access_company(_sent(request, "other"))
        try:
            with changes_by(request.user, f"{gone} is {kept}."):
                join(kept, gone)
        except CannotJoin as error:
            messages.warning(request, f"{error}")
        else:
            messages.success(request, f"{gone} is {kept} from now on: names, securities and holdings are here.")
        return redirect(kept)
    found = [each.issuer for each in search_companies(said) if each.issuer != kept]
    return render(request, "research/company_join.html", {"company": kept, "said": said, "found": found})


@require_safe
@member_required
def unknown_names(request: FirmRequest) -> HttpResponse:
    """Names beside the firm's holdings that the master lacks."""
    return render(request, "research/unknown_names.html", {"rows": beside_holdings(request.firm)})


@require_POST
@member_required
@permission_required("portfolios.change_issuer", raise_exception=True)
def dismissals(request: FirmRequest) -> HttpResponse:
    """Do not show that name again."""
    key = _sent(request, "key")[:200]
    DismissedName.objects.get_or_create(key=key, defaults={"dismissed_by": request.user})
    messages.success(request, f"“{request.POST.get('text', key)}” is not shown again.")
    return redirect("research:unknown_names")
