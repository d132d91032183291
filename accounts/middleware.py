"""Which firm a request is for."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.access import membership_of
from accounts.models import Membership
from accounts.scope import every_firm, firm_scope

GetResponse = Callable[[HttpRequest], HttpResponse]


class FirmScope:
    """Runs the whole request in one transaction that sees the signed-in person's firm, and what belongs to everybody."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        membership = membership_of(user) if user.is_authenticated else None
        vars(request).update(membership=membership, firm=membership.firm if membership else None)
        with timezone.override(ZoneInfo(user.time_zone) if user.is_authenticated else None), self._scope(request, membership):
            response = self.get_response(request)
            if response.status_code >= 500 and transaction.get_connection().in_atomic_block:
                transaction.set_rollback(True)
        return response

    def _scope(self, request: HttpRequest, membership: Membership | None) -> AbstractContextManager[None]:
        if request.path.startswith("/admin/") and request.user.is_staff:
            return every_firm()
        return firm_scope(membership.firm) if membership else nullcontext()
