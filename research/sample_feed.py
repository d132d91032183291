"""The feed of the sample stories: each sample or trial firm's own, released from its first sign-in on."""

from datetime import datetime
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Firm
from research.sample import feed_xml, released

SIGNER = signing.Signer(salt="research.sample_feed")


def feed_path(firm: Firm | None = None) -> str:
    """Where the feed of the sample desk is, or that of one firm, signed: it tells when somebody first signed in there."""
    path = reverse("research:sample_feed")
    return f"{path}?{urlencode({'firm': SIGNER.sign(str(firm.pk))})}" if firm else path


def started_at(signed: str | None) -> datetime | None:
    """When the clock of a feed began to run: of the firm its address names, or of the sample desk. Raises BadSignature."""
    if signed is None:
        first: datetime | None = Firm.objects.filter(is_sample=True).aggregate(first=Min("sample_started_at"))["first"]
        return first
    return Firm.objects.filter(pk=SIGNER.unsign(signed)).values_list("sample_started_at", flat=True).first()


@require_safe
def sample_feed(request: HttpRequest) -> HttpResponse:
    """The stories that have been released so far: none before the first sign-in to the firm."""
    try:
        since = started_at(request.GET.get("firm"))
    except signing.BadSignature:
        raise Http404("No such feed.") from None
    content = feed_xml(released(since, timezone.now()), request.build_absolute_uri("/"))
    return HttpResponse(content, content_type="application/rss+xml; charset=utf-8")
