"""“Try the sample desk”: anybody may look around in the sample firm, as a visitor who can change nothing in it."""

from datetime import timedelta

from allauth.account.utils import perform_login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.limits import allow, client_address
from accounts.models import Membership, User
from accounts.notices import notice
from accounts.scope import every_firm

VISITOR = "visitor@sample.example"
MOST_PER_ADDRESS = 10
MOST_IN_ALL = 300
WINDOW = timedelta(hours=1)
STAY = timedelta(hours=4)


def visitor_of_the_sample() -> User | None:
    """Whom visitors are signed in as, or None where no sample firm is loaded."""
    with every_firm():
        found = Membership.objects.filter(
            user__email=VISITOR, user__is_active=True, role=Membership.Role.VISITOR, firm__is_sample=True
        )
        membership = found.select_related("user").first()
        return membership.user if membership else None


def _offer_demo(request: HttpRequest, title: str, text: str, status: int) -> HttpResponse:
    return notice(request, title, text, status=status, link=reverse("accounts:demo"), label="Request a demo")


def looking_only(request: HttpRequest, status: int = 403) -> HttpResponse:
    """What a visitor is told who would change something, and where a script asked for it, where to be told."""
    text = "Everybody shares this firm, so nothing can be changed in it, and nothing was. In a trial of your own you could."
    answer = _offer_demo(request, "The sample desk is for looking", text, status)
    if request.headers.get("HX-Request") and status == 403:
        answer["HX-Redirect"] = reverse("accounts:sample_desk")
    return answer


# The button stands on pages that set no cookie, so there is no token to send with it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sample_desk(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        was_refused = request.method != "POST" and request.user.email == VISITOR
        return looking_only(request, status=200) if was_refused else redirect("alerts:today")
    if request.method != "POST" or not _is_from_our_own_page(request):
        return redirect("accounts:landing")
    visitor = visitor_of_the_sample()
    if visitor is None:
        text = "This installation has no sample firm to look around in. Ask for a demo, and you get a firm of your own to try."
        return _offer_demo(request, "There is no sample desk here", text, 404)
    if not (
        allow("sample-desk", client_address(request), MOST_PER_ADDRESS, WINDOW)
        and allow("sample-desk", "all", MOST_IN_ALL, WINDOW)
    ):
        text = "Too many visits were begun within the hour. Try again in an hour, or ask for a demo."
        return _offer_demo(request, "The sample desk is full", text, 429)
    # Without a mailbox, and so without a confirmed address: nobody else gets in like this.
    response: HttpResponse = perform_login(request, visitor, email_verification="none", redirect_url=reverse("alerts:today"))
    request.session.set_expiry(STAY)
    return response


def _is_from_our_own_page(request: HttpRequest) -> bool:
    """What the token would tell: whether another site's page sent the browser here. Browsers say so; programs need not."""
    origin = request.headers.get("Origin")
    return origin is None or origin == settings.BASE_URL or origin.partition("://")[2] == request.get_host()
