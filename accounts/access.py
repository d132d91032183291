"""Who is asking, and for which firm. A view gets people and firms from here alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from accounts.models import Firm, Membership, User
from accounts.scope import every_firm


class FirmRequest(HttpRequest):
    """A request of somebody signed in, with their firm and their role in it."""

    user: User
    firm: Firm
    membership: Membership
    htmx: HtmxDetails


def membership_of(user: User) -> Membership | None:
    """The membership a person signs in with: the first they were given."""
    with every_firm():
        return Membership.objects.filter(user=user).select_related("firm").order_by("pk").first()


View = Callable[..., HttpResponse]


def member_required(view: View) -> View:
    """Sign-in first; and a person without a firm is told so instead of shown an empty one."""

    @wraps(view)
    def inner(request: FirmRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.firm:
            raise PermissionDenied("You are signed in, but belong to no firm yet. Ask your administrator for an invitation.")
        return view(request, *args, **kwargs)

    return login_required(inner)
