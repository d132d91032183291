from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import outbox
from accounts.access import membership_of
from accounts.account_letters import LETTERS
from accounts.models import Firm, User

REAUTHENTICATION = {
    "reauthenticate": "Use the password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey or security key",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation: there is no open sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This email address and password do not belong together.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This is not your password.",
        "too_many_login_attempts": "Too many attempts failed. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """All of allauth's mails, outside the request: an address that has an account takes no longer than one that has none."""
        outbox.post("account", email, LETTERS[template_prefix].context({"email": email, **context}))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff who belong to no firm have no Today page: they come for the administration pages."""
        user = request.user
        if user.is_authenticated and user.is_staff and membership_of(user) is None:
            return reverse("admin:index")
        url: str = super().get_login_redirect_url(request)
        return url

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The first is the one asked for: of somebody without a password their passkey, and not a recovery code."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        named = [method | {"description": REAUTHENTICATION[method["id"]]} for method in methods]
        return sorted(named, key=lambda method: str(method["id"]) == "mfa_reauthenticate")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        membership = membership_of(user)
        if membership and (membership.firm.is_sample or membership.firm.trial_ends_at):
            # The sample feed waits for somebody to watch it.
            Firm.objects.filter(pk=membership.firm_id, sample_started_at=None).update(sample_started_at=Now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response
