"""The only way a view gets at rules and alerts: those of one's own firm."""

from django.db.models import Prefetch
from django.http import Http404

from accounts.models import Firm
from alerts.models import Alert, AlertReceipt, AlertRule
from alerts.models.alerts import AlertQuerySet


def visible_alerts(firm: Firm) -> AlertQuerySet:
    """The firm's alerts with what an item about one shows, newest first, in a number of queries that does not grow."""
    receipts = AlertReceipt.objects.select_related("user").order_by("acknowledged_at")
    return (
        Alert.objects.of(firm)
        .select_related("rule__portfolio", "story", "issuer", "analysis")
        .prefetch_related("issuer__securities__listings", Prefetch("receipts", receipts))
        .order_by("-raised_at", "-pk")
    )


def access_alert(firm: Firm, pk: int) -> Alert:
    alert = visible_alerts(firm).filter(pk=pk).first()
    if alert is None:
        raise Http404("No such alert.")
    return alert


def access_rule(firm: Firm, pk: int) -> AlertRule:
    rule = AlertRule.objects.of(firm).filter(pk=pk).first()
    if rule is None:
        raise Http404("No such rule.")
    return rule
