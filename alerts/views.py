"""Today, alerts and rules."""

from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import FirmRequest, member_required
from accounts.models import Firm, User
from alerts import today as facts
from alerts.access import access_alert, access_rule, visible_alerts
from alerts.delivery import tell_recipients
from alerts.forms import RuleForm
from alerts.models import Alert, AlertReceipt, AlertRule, Delivery
from alerts.presenting import AlertItem, alert_item
from portfolios.access import access_portfolios
from portfolios.held import book
from research import gating

MOST_ALERTS_ON_TODAY = 12
MOST_ALERTS = 100


@require_safe
@member_required
def today(request: FirmRequest) -> HttpResponse:
    held = book(request.firm)
    stories = list(facts.stories_for(request.firm, held)[: facts.MOST_STORIES])
    rows = facts.story_rows(stories, held)
    context = {
        "brief": facts.brief(request.firm, rows),
        "portfolios": access_portfolios(request.firm),
        "nav_in_alert": facts.nav_in_alert(request.firm, held),
        "stories": rows,
        "newest": max((story.pk for story in stories), default=0),
        "alerts": alert_items(request.firm, request.user, MOST_ALERTS_ON_TODAY),
        "sentiment_by_holding": facts.sentiment_by_holding(request.firm, held),
        "shut": list(gating.what_is_shut(request.firm)),
    }
    return render(request, "alerts/today.html", context)


@require_safe
@member_required
def today_alerts(request: FirmRequest) -> HttpResponse:
    """The live alerts panel alone: what an open page fetches when it hears of one."""
    items = alert_items(request.firm, request.user, MOST_ALERTS_ON_TODAY)
    return render(request, "alerts/today.html#alerts", {"alerts": items})


@require_safe
@member_required
def today_new(request: FirmRequest) -> HttpResponse:
    """How many stories came since the newest one on the page."""
    since = request.GET.get("since", "0")
    newest = int(since) if since.isdecimal() and len(since) < 19 else 0
    count = facts.stories_for(request.firm, book(request.firm)).filter(pk__gt=newest).count()
    return render(request, "alerts/today.html#new", {"new_count": count})


def alert_items(firm: Firm, viewer: User, most: int) -> list[AlertItem]:
    """The newest alerts, with when and how each was sent to the viewer."""
    alerts = list(visible_alerts(firm)[:most])
    sent = Delivery.objects.of(firm).filter(user=viewer, story__in={alert.story_id for alert in alerts})
    lines: dict[tuple[int, int], list[str]] = {}
    for delivery in sent.order_by("pk"):
        state = f"sent {timezone.localtime(delivery.sent_at):%H:%M}" if delivery.sent_at else delivery.get_state_display()
        lines.setdefault((delivery.story_id, delivery.step), []).append(f"{delivery.get_channel_display().capitalize()} {state}")
    return [alert_item(alert, ", ".join(lines.get((alert.story_id, alert.step), []))) for alert in alerts]


@require_safe
@member_required
def alerts(request: FirmRequest) -> HttpResponse:
    return render(request, "alerts/alerts.html", {"alerts": alert_items(request.firm, request.user, MOST_ALERTS)})


@require_POST
@member_required
def acknowledge(request: FirmRequest, pk: int) -> HttpResponse:
    """Say that I have seen to this alert. Saying it twice changes nothing."""
    alert = access_alert(request.firm, pk)
    receipt, _ = AlertReceipt.objects.get_or_create(
        alert=alert, user=request.user, defaults={"firm": request.firm, "seen_at": Now()}
    )
    if receipt.acknowledged_at is None:
        AlertReceipt.objects.filter(pk=receipt.pk).update(acknowledged_at=Now())
        tell_recipients(alert, f"acknowledged:{request.user.pk}")
    if not request.htmx:
        return redirect("alerts:today")
    item = alert_item(access_alert(request.firm, pk))
    return render(request, "alerts/_alert.html", {"item": item})


@require_safe
@member_required
def rules(request: FirmRequest) -> HttpResponse:
    found = AlertRule.objects.of(request.firm).select_related("portfolio").prefetch_related("recipients")
    found = found.annotate(last_alert_at=Max("alerts__raised_at", filter=~Q(alerts__status=Alert.Status.CORRECTED)))
    return render(request, "alerts/rules.html", {"rules": found, "may_edit": request.membership.may_edit_rules})


@member_required
def rule_new(request: FirmRequest) -> HttpResponse:
    return _edit(request, None)


@member_required
def rule(request: FirmRequest, pk: int) -> HttpResponse:
    return _edit(request, access_rule(request.firm, pk))


def _edit(request: FirmRequest, rule: AlertRule | None) -> HttpResponse:
    if not request.membership.may_edit_rules:
        raise PermissionDenied("Your role reads rules, and does not change them.")
    chosen = {"portfolio": request.GET.get("portfolio")} if rule is None else {}
    form = RuleForm(request.POST or None, instance=rule, initial=chosen, firm=request.firm, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("alerts:rules")
    return render(request, "alerts/rule_form.html", {"form": form, "rule": rule}, status=422 if form.errors else 200)
