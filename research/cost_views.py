"""What the model costs, and which model may read: for those who run the installation, and for a firm's administrators."""

import csv
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import FirmRequest, member_required
from accounts.models import Firm
from accounts.scope import every_firm, firm_scope
from portfolios.cells import guarded
from research import approvals, budget, costs, model_card, spending

SEE_ALL = "research.view_modelcall"
APPROVE = "research.add_modelapproval"
FIRST_MONTH = date(2000, 1, 1)  # none has a month before that, and the calendar has a first


class ApprovalForm(forms.Form):
    """`model` and `prompt` are what the page named: what is configured may have changed since."""

    model = forms.CharField(widget=forms.HiddenInput)
    prompt = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(label="Why, and what it was compared with", max_length=300, required=False)


def _whose(request: FirmRequest) -> Firm | None:
    """Whose costs are shown: None is everybody's. Refuses those who may see none."""
    if request.user.has_perm(SEE_ALL):
        return None
    if not request.membership.is_administrator:
        raise PermissionDenied("What the model costs is looked after by the administrators of your firm.")
    return request.firm


def _scope(firm: Firm | None) -> AbstractContextManager[None]:
    return firm_scope(firm) if firm else every_firm()


def _month(request: FirmRequest, today: date) -> date:
    """The month asked for, as 2026-11; this one for anything else."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return budget.month_of(today)
    return min(max(asked, FIRST_MONTH), budget.month_of(today))


@require_safe
@member_required
def cost_list(request: FirmRequest) -> HttpResponse:
    """A month of requests by day, model, source and firm, and what is left of the limits."""
    firm = _whose(request)
    with _scope(firm):
        today = spending.today()
        month = _month(request, today)
        calls = costs.calls_of(firm, month)
        models = costs.rows_by(calls, "model")
        all_of_it = costs.total(models)
        days = costs.rows_by_day(calls, month, today)
        table, price = costs.price_rows()
        context: dict[str, Any] = {
            "whose": firm,
            "month": month,
            "before": budget.month_of(month - timedelta(days=1)),
            "after": budget.month_after(month) if budget.month_after(month) <= today else None,
            "standings": costs.standings(firm),
            "total": all_of_it,
            "days": [row for _, row in days if row],
            "charts": costs.chart(days, in_money=all_of_it.cost is not None) if all_of_it.requests else [],
            "groups": [
                ("Model", models),
                ("Source", costs.rows_by(calls, "source__name", costs.UNKNOWN_SOURCE)),
                *([] if firm else [("Firm", costs.rows_by(calls, "firm__name", costs.EVERYBODYS))]),
            ],
            "prices": table,
            "price": price,
            "model": settings.OPENAI_MODEL,
            "is_approved": approvals.is_approved(),
        }
    return render(request, "research/costs.html", context)


@require_safe
@member_required
def cost_export(request: FirmRequest) -> HttpResponse:
    firm = _whose(request)
    with _scope(firm):
        month = _month(request, spending.today())
        rows = costs.export_rows(firm, month)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="costs-{month:%Y-%m}.csv"'
    csv.writer(response).writerows([guarded(cell) for cell in row] for row in rows)
    return response


@require_safe
@member_required
def models(request: FirmRequest) -> HttpResponse:
    """The model card, and the approval that a changed model or prompt waits for. Figures are of the stories that one may see."""
    with _scope(_whose(request)):
        context = {
            "entries": model_card.entries(),
            "configured": approvals.configured(),
            "is_approved": approvals.is_approved(),
            "may_approve": request.user.has_perm(APPROVE),
            "form": ApprovalForm(),
        }
    return render(request, "research/models.html", context)


@require_POST
@member_required
@permission_required(APPROVE, raise_exception=True)
def model_approval(request: FirmRequest) -> HttpResponse:
    """Approve what is configured now: not something else that was configured when the page was drawn."""
    now, form = approvals.configured(), ApprovalForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "Nothing was approved: the note has 300 characters at most.")
    elif (form.cleaned_data["model"], form.cleaned_data["prompt"]) != now.pair:
        messages.warning(request, "Nothing was approved: the model or the prompt has changed since this page was opened.")
    elif not approvals.is_approved():
        approvals.approve(request.user, form.cleaned_data["note"])
        messages.success(request, f"Approved: {now}. Stories of the last hours are read in full within minutes.")
    return redirect("research:models")
