"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from alerts.events import position
from alerts.models import Alert
from research.endpoint import stopped
from research.models import Source


def shell(request: HttpRequest) -> dict[str, Any]:
    """The count of open alerts, where the stream goes on from, and the sources that went quiet: that must not look like calm.

    To administrators it also says that the model is not asked any more.
    """
    firm = getattr(request, "firm", None)
    if firm is None:
        return {}
    membership = getattr(request, "membership", None)
    mends = membership is not None and (membership.is_administrator or getattr(request.user, "is_staff", False))
    return {
        "model_stopped": stopped() if mends else None,
        "open_alerts": Alert.objects.of(firm).open().count(),
        "stale_sources": list(Source.objects.visible_to(firm).stale()[:5]),
        "stream_position": position(firm),
        "model_configured": settings.MODEL_CONFIGURED,
        "embedded": settings.EMBEDDED,
    }
