"""Which firm a request is for, and what those who only look are kept from."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.access import membership_of
from accounts.models import Membership
from accounts.sample_desk import looking_only
from accounts.scope import every_firm, firm_scope

GetResponse = Callable[[HttpRequest], HttpResponse]

# The same for everybody: whose session it is is not even looked up, so that no answer varies by a cookie or sets one.
PUBLIC = (
    "/news/",
    "/how-scores-work/",
    "/privacy/",
    "/terms/",
    "/security/",
    "/status",
    "/sitemap.xml",
    "/robots.txt",
    "/.well-known/",
    "/sample/",
    "/csp-report/",
)
# What a visitor of the sample desk may do all the same: leave, and ask for a demo.
OPEN_TO_VISITORS = ("/accounts/logout/", "/demo/", "/sample-desk/")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class FirmScope:
    """Runs the whole request in one transaction that sees the signed-in person's firm, and what belongs to everybody."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PUBLIC):
            request.user = AnonymousUser()
            vars(request).update(membership=None, firm=None)
            return self.get_response(request)
        user = request.user
        membership = membership_of(user) if user.is_authenticated else None
        vars(request).update(membership=membership, firm=membership.firm if membership else None)
        with timezone.override(ZoneInfo(user.time_zone) if user.is_authenticated else None), self._scope(request, membership):
            response = self._answer(request, membership)
            if response.status_code >= 500 and transaction.get_connection().in_atomic_block:
                transaction.set_rollback(True)
        return response

    def _answer(self, request: HttpRequest, membership: Membership | None) -> HttpResponse:
        if membership is None or not membership.may_only_look or request.path.startswith(OPEN_TO_VISITORS):
            return self.get_response(request)
        # Their account is everybody's who looks around: its pages are closed to them, not only its forms.
        if request.method not in SAFE or request.path.startswith("/accounts/"):
            return looking_only(request)
        with connection.cursor() as cursor:
            # A page that would write something down about whoever opens it fails, rather than do so unseen.
            cursor.execute("SET TRANSACTION READ ONLY")
        return self.get_response(request)

    def _scope(self, request: HttpRequest, membership: Membership | None) -> AbstractContextManager[None]:
        if request.path.startswith("/admin/") and request.user.is_staff:
            return every_firm()
        return firm_scope(membership.firm) if membership else nullcontext()
