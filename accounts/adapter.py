from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from accounts.access import membership_of
from accounts.models import Firm, User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation: there is no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        membership = membership_of(user)
        if membership and membership.firm.is_sample:
            # The sample feed waits for somebody to watch it.
            Firm.objects.filter(pk=membership.firm_id, sample_started_at=None).update(sample_started_at=Now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response
