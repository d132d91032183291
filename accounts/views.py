"""The first page with its demo form, and a person's own settings."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.access import FirmRequest
from accounts.forms import DemoForm
from accounts.models import User


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("alerts:today")
    return render(request, "landing.html", {"form": DemoForm()})


@require_POST
@login_required
def theme(request: FirmRequest) -> HttpResponse:
    """Choose light, dark, or as the device has it, and go back to the page it was chosen on."""
    chosen = request.POST.get("theme")
    if chosen in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    return redirect(back)
