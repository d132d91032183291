"""Which firm a request is for, and what a visitor sees when the database is away."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from psycopg_pool import PoolTimeout

from accounts.access import FirmRequest, membership_of
from accounts.scope import every_firm, firm_scope

GetResponse = Callable[[HttpRequest], HttpResponse]


class FirmScope:
    """Runs the whole request in one transaction that sees the signed-in person's firm, and what belongs to everybody."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: FirmRequest) -> HttpResponse:
        user = request.user
        request.membership = membership_of(user) if user.is_authenticated else None
        request.firm = request.membership.firm if request.membership else None
        with timezone.override(ZoneInfo(user.time_zone) if user.is_authenticated else None), self._scope(request):
            response = self.get_response(request)
            if response.status_code >= 500 and transaction.get_connection().in_atomic_block:
                transaction.set_rollback(True)
        return response

    def _scope(self, request: FirmRequest) -> AbstractContextManager[None]:
        if request.path.startswith("/admin/") and request.user.is_staff:
            scope: AbstractContextManager[None] = every_firm()
        elif request.firm:
            scope = firm_scope(request.firm)
        else:
            scope = nullcontext()
        return scope


class DatabaseDown:
    """Says so, and when to try again, instead of an error page that needs the database itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError, PoolTimeout):
            return self._sorry(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return self._sorry(request) if isinstance(exception, OperationalError | InterfaceError | PoolTimeout) else None

    def _sorry(self, request: HttpRequest) -> HttpResponse:
        return render(None, "503.html", status=503)  # type: ignore[arg-type]
