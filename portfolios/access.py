"""The only way a view gets a portfolio. One of another firm, and one that there is not, are told apart by nothing."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Firm, Membership
from portfolios.models import Portfolio, Upload


def access_portfolios(firm: Firm) -> QuerySet[Portfolio]:
    """The firm's portfolios, each with its `position_count`."""
    return Portfolio.objects.of(firm).annotate(position_count=Count("holdings"))


def access_portfolio(firm: Firm, slug: str) -> Portfolio:
    """Raises Http404."""
    return get_object_or_404(Portfolio.objects.of(firm), slug=slug)


def access_portfolio_to_edit(membership: Membership, slug: str) -> Portfolio:
    """Raises Http404, and PermissionDenied for those whose role is to read."""
    portfolio = access_portfolio(membership.firm, slug)
    if not membership.may_edit_portfolios:
        raise PermissionDenied("Only administrators and portfolio managers may change a portfolio. Nothing was changed.")
    return portfolio


def access_upload(membership: Membership, slug: str, pk: int) -> Upload:
    """What was sent to be imported into that portfolio. Raises as access_portfolio_to_edit does."""
    portfolio = access_portfolio_to_edit(membership, slug)
    return get_object_or_404(Upload.objects.of(membership.firm).select_related("portfolio"), pk=pk, portfolio=portfolio)


def may_make_portfolios(membership: Membership) -> None:
    """Raises PermissionDenied for those whose role is to read."""
    if not membership.may_edit_portfolios:
        raise PermissionDenied("Only administrators and portfolio managers may make a portfolio. Nothing was made.")
