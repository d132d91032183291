"""An administrator's word that the model may be tried again."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.access import FirmRequest, member_required
from accounts.limits import allow
from research import endpoint

MOST_TRIES = 20  # an hour, by all together: each is a request to somebody who refused the last one
HOUR = timedelta(hours=1)


@require_POST
@member_required
def model_probe(request: FirmRequest) -> HttpResponse:
    """Let one request through to a model that is not asked any more."""
    if not (request.membership.is_administrator or request.user.is_staff):
        raise PermissionDenied("Only administrators may have the model tried again.")
    if not allow("model_probe", "all", MOST_TRIES, HOUR):
        messages.warning(request, "It was tried too often within the hour. It is tried again by itself.")
    elif endpoint.try_again():
        messages.success(request, "The next story that waits is sent to the model now. If it answers, this notice goes away.")
    else:
        messages.info(request, "The model is asked already.")
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "alerts:today")
