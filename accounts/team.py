"""The people of a firm, for its administrators: who is in it, who is invited, and inviting."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import FirmRequest, member_required
from accounts.invitations import Refused, invite
from accounts.limits import allow
from accounts.models import Invitation, Membership

MOST_A_DAY = 20  # of mails that a firm has us send to addresses it types in
ROLES = [choice for choice in Membership.Role.choices if choice[0] != Membership.Role.VISITOR]


class InviteForm(forms.Form):
    email = forms.EmailField(label="Work email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label="Name", max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Membership.Role.ANALYST)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def team(request: FirmRequest) -> HttpResponse:
    """Members and open invitations; a POST invites."""
    _require_administrator(request)
    form = InviteForm(request.POST or None)
    if form.is_valid() and _invited(request, form):
        messages.success(request, f"The invitation is on its way to {form.cleaned_data['email']}.")
        return redirect("accounts:team")
    context: dict[str, Any] = {
        "form": form,
        "members": Membership.objects.of(request.firm).select_related("user").order_by("user__name", "user__email"),
        "invitations": Invitation.objects.of(request.firm).filter(accepted_at=None).order_by("-created_at"),
    }
    return render(request, "accounts/team.html", context, status=422 if form.is_bound else 200)


def _invited(request: FirmRequest, form: InviteForm) -> bool:
    if not allow("invite", str(request.firm.pk), MOST_A_DAY, timedelta(days=1)):
        form.add_error(None, f"{MOST_A_DAY} invitations a day is the most. Nobody was invited: try again tomorrow.")
        return False
    try:
        invite(request.firm, by=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error("email", refused.text)
        return False
    return True


@require_POST
@member_required
def withdraw(request: FirmRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation that was not accepted yet: its link stops working."""
    invitation = Invitation.objects.of(request.firm).filter(pk=pk, accepted_at=None).first()
    if invitation is None:
        raise Http404("No such invitation.")
    _require_administrator(request)
    invitation.delete()
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect("accounts:team")


def _require_administrator(request: FirmRequest) -> None:
    if not request.membership.is_administrator:
        raise PermissionDenied("The people of your firm are looked after by its administrators.")
