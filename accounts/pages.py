"""Pages that explain: the same for everybody, so they read no cookie and set none, and may be kept for a while."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

KEPT_SECONDS = 3600
SECURITY_CONTACT_LASTS = timedelta(days=180)


def page(template: str) -> Callable[[HttpRequest], HttpResponse]:
    """The view of one such page."""

    @require_safe
    @cache_control(public=True, max_age=KEPT_SECONDS)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(render_to_string(template, {"contact": settings.SECURITY_EMAIL}))

    return view


@require_safe
@cache_control(public=True, max_age=KEPT_SECONDS)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness, in the form of RFC 9116. It must say until when it holds: half a year from each reading."""
    expires = (timezone.now() + SECURITY_CONTACT_LASTS).replace(microsecond=0).isoformat()
    lines = [
        f"Contact: {settings.BASE_URL}/security/",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
        f"Policy: {settings.BASE_URL}/security/",
    ]
    if settings.SECURITY_EMAIL:
        lines.insert(0, f"Contact: mailto:{settings.SECURITY_EMAIL}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
