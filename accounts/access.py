"""Who is asking, and for which firm. A view gets people and firms from here alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django_htmx.middleware import HtmxDetails

from accounts.models import Firm, Membership, User
from accounts.notices import notice
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
        if request.firm.trial_is_over:
            return _trial_is_over(request)
        return view(request, *args, **kwargs)

    return login_required(inner)


def _trial_is_over(request: FirmRequest) -> HttpResponse:
    ended, kept = (date_format(moment) for moment in (request.firm.trial_ends_at, request.firm.kept_until) if moment)
    text = f"It ended on {ended}. Everything in it is kept until {kept}, and then removed. Ask us to go on with it before that."
    title = f"The trial of {request.firm.name} is over"
    return notice(request, title, text, status=403, link=reverse("accounts:demo"), label="Ask to go on")
