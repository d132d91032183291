"""The page on which an invited person joins their firm."""

from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.invitations import Refused, accept_as, accept_as_new, account_of, open_invitation
from accounts.models import User
from accounts.notices import notice
from accounts.scope import every_firm


class JoinForm(forms.Form):
    """The name, and a password for those who do not use a passkey instead."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=1000,
        error_messages={"required": "Choose a password, or use a passkey instead."},
        help_text="Twelve characters or more. A few unrelated words are easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, with_passkey: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["password"].required = not with_passkey

    def clean_password(self) -> str | None:
        if not self.fields["password"].required:
            return None
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites whom to what firm; a POST accepts."""
    try:
        with every_firm():
            found = open_invitation(token)
        owner = account_of(found.email)
        context: dict[str, Any] = {"invitation": found, "owner": owner, "is_owner": request.user == owner}
        if owner or request.user.is_authenticated:
            return _with_account(request, token, context)
        return _without_account(request, token, context)
    except Refused as refused:
        link, label = (reverse("account_login"), "Sign in") if refused.sign_in else ("/", "Go to the first page")
        return notice(request, refused.title, refused.text, status=refused.status, link=link, label=label)


def _with_account(request: HttpRequest, token: str, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and context["is_owner"]:
        accept_as(token, cast("User", request.user))
        return redirect("alerts:today")
    return render(request, "accounts/invitation_owner.html", context, status=409 if request.method == "POST" else 200)


def _without_account(request: HttpRequest, token: str, context: dict[str, Any]) -> HttpResponse:
    found = context["invitation"]
    with_passkey = request.POST.get("how") == "passkey"
    form = JoinForm(request.POST or None, initial={"name": found.name}, email=found.email, with_passkey=with_passkey)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/invitation.html", {**context, "form": form}, status=422 if form.is_bound else 200)
    user = accept_as_new(token, form.cleaned_data["name"], form.cleaned_data["password"])
    # They have just shown that the address is theirs: to add a passkey they need not show it again.
    record_authentication(request, user, method="invitation", reauthenticated=True)
    destination = "mfa_add_webauthn" if with_passkey else "alerts:today"
    response: HttpResponse = perform_login(request, user, redirect_url=reverse(destination))
    return response
