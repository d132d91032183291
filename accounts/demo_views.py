"""A visitor asks for a demo, and confirms it from their mailbox. Each page says the same whether or not the address is known."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import demo as requests
from accounts.demo import BadLink, TooMany
from accounts.forms import DemoForm
from accounts.limits import client_address

COOKIE = "demo"
COOKIE_SECONDS = 24 * 3600
TOO_MANY = (
    "Too many requests came within the last hour. Nothing was stored, and what you typed is still here."
    " Please send it again in an hour."
)


@require_http_methods(["GET", "HEAD", "POST"])
def demo(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/demo.html", {"form": DemoForm(initial={"about": request.GET.get("story", "")})})
    form = DemoForm(request.POST)
    if not form.is_valid():
        return render(request, "accounts/demo.html", {"form": form}, status=422)
    try:
        requests.admit(client_address(request))
    except TooMany:
        form.add_error(None, TOO_MANY)
        return _refused(render(request, "accounts/demo.html", {"form": form}, status=429))
    if not form.is_from_a_program:
        requests.request_demo(form.cleaned_data)
    return _to_sent(form.cleaned_data["email"])


def _refused(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = str(int(requests.HOUR.total_seconds()))
    return response


def _to_sent(address: str, query: str = "") -> HttpResponse:
    """To the page that says what comes next. It knows the address by a cookie: in its own address, logs would keep it."""
    response = redirect(reverse("accounts:demo_sent") + query)
    response.set_cookie(
        COOKIE,
        requests.again_token(address),
        max_age=COOKIE_SECONDS,
        path=reverse("accounts:demo"),
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@require_safe
def demo_sent(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(COOKIE, "")
    try:
        address = requests.read_again(token)
    except BadLink:
        address = token = ""
    context = {"address": address, "token": token, "again": "again" in request.GET}
    return render(request, "accounts/demo_sent.html", context)


@never_cache
@require_POST
def demo_again(request: HttpRequest) -> HttpResponse:
    try:
        address = requests.read_again(request.POST.get("token", ""))
        requests.admit(client_address(request))
    except BadLink:
        return render(request, "accounts/demo_link.html", status=404)
    except TooMany:
        return _refused(render(request, "accounts/demo_link.html", {"too_many": True}, status=429))
    requests.ask_again(address)
    return _to_sent(address, "?again")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def demo_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what is to be confirmed; only the button confirms it, for programs that guard a mailbox open every link."""
    try:
        asked = requests.read_link(token)
    except BadLink as bad:
        return _bad_link(request, bad)
    if request.method == "POST":
        requests.confirm(asked)
        return redirect(request.path)
    return render(request, "accounts/demo_confirm.html", {"asked": asked})


def _bad_link(request: HttpRequest, bad: BadLink) -> HttpResponse:
    if bad.request is None:
        return render(request, "accounts/demo_link.html", status=404)
    if bad.request.confirmed_at:
        return render(request, "accounts/demo_confirm.html", {"asked": bad.request})
    context = {"expired": True, "token": requests.again_token(bad.request.email)}
    return render(request, "accounts/demo_link.html", context, status=410)
