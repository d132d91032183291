"""What the frame of every page shows."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from django.http import HttpRequest

from alerts.models import Alert
from research.models import Source

PATIENCE = timedelta(minutes=10)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The count of open alerts, and the sources that have gone quiet: a quiet screen must not be a blind one."""
    firm = getattr(request, "firm", None)
    if firm is None:
        return {}
    late = Q(polled_at__lt=Now() - PATIENCE - F("interval_seconds") * timedelta(seconds=1)) | Q(polled_at=None, failures__gt=0)
    stale = Source.objects.visible_to(firm).filter(late, is_active=True, kind=Source.Kind.FEED)
    return {
        "open_alerts": Alert.objects.of(firm).open().count(),
        "stale_sources": list(stale[:5]),
        "model_configured": settings.MODEL_CONFIGURED,
        "embedded": settings.EMBEDDED,
    }
