"""What the operator is told of by mail, once for each period: a budget that is used up by four fifths, and one that is spent."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from accounts.models import Firm
from accounts.outbox import post
from research import budget
from research.budget import Limit
from research.models import BudgetNotice


def tell_of_limits(limits: Sequence[Limit], firm_id: int | None, day: date) -> None:
    """Tell STAFF_EMAIL of limits that are near or reached, where that was not told yet. Call it where they have just changed."""
    for limit in limits:
        if not limit.is_near:
            continue
        whose = f"firm {firm_id}" if limit.is_firms else "all"
        began = day if limit.period == "day" else budget.month_of(day)
        key = f"{whose}:{limit.period}:{began}"
        fresh = _first(f"{key}:near")
        if limit.standing == "spent":
            fresh = _first(f"{key}:spent")
        if fresh and settings.STAFF_EMAIL:
            firm = Firm.objects.get(pk=firm_id) if firm_id and limit.is_firms else None
            _tell(limit, firm, day)


def _first(key: str) -> bool:
    """Whether nobody was told under that key before. Of many at once one is first."""
    return BudgetNotice.objects.get_or_create(key=key)[1]


def _tell(limit: Limit, firm: Firm | None, day: date) -> None:
    context = {
        "limit": limit,
        "percent": f"{limit.share:.0%}",
        "whose": f"the budget of {firm.name}" if firm else "the budget of the installation",
        "period": budget.PERIODS[limit.period],
        "amount": amount(limit),
        "until": budget.ends(limit.period, day),
        "page": f"{settings.BASE_URL}/costs/",
    }
    post("budget", settings.STAFF_EMAIL, context)


def amount(limit: Limit) -> str:
    """How much of how much: $8.20 of $10.00, or 8,200 of 10,000 tokens."""
    if limit.measure == "cost":
        return f"${limit.settled:,.2f} of ${limit.most:,.2f}"
    return f"{limit.settled:,.0f} of {limit.most:,.0f} tokens"
