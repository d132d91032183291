"""What the model cost in a month, by day, model, source and firm: of all firms for staff, else of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.models import Firm
from portfolios.bars import bar_chart
from portfolios.charts import NARROW, WIDE
from portfolios.formats import compact_money, day
from research import budget, prices, spending
from research.budget import Caps, Limit, Period, Used
from research.models import FirmBudget, ModelCall

EVERYBODYS = "Public stories"
UNKNOWN_SOURCE = "No source on record"
PERIODS: tuple[tuple[Period, str], ...] = (("day", "Today"), ("month", "This month"))


@dataclass(frozen=True)
class CostRow:
    """One line of a table. Cost is null where no price is known; `unpriced` are the requests it leaves out."""

    name: str
    requests: int
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    unpriced: int
    estimated: int

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True)
class StandingRow:
    """What a day or a month has taken, of which limit; `limit` is null where there is none."""

    whose: str
    period: str
    amount: str
    most: str
    limit: Limit | None

    @property
    def state(self) -> str:
        if self.limit is None:
            return "no limit"
        if self.limit.standing == "spent":
            return "spent: word rules read"
        return "nearly spent" if self.limit.is_near else "within the limit"


def calls_of(firm: Firm | None, month: date) -> QuerySet[ModelCall]:
    """The requests of that month, of a firm's own stories, or of all with None."""
    calls = ModelCall.objects.filter(day__gte=budget.month_of(month), day__lt=budget.month_after(month))
    return calls.filter(firm=firm) if firm else calls


def _summed(calls: QuerySet[ModelCall], *by: str) -> QuerySet[ModelCall, dict[str, Any]]:
    summed: QuerySet[ModelCall, dict[str, Any]] = (
        calls.order_by()
        .values(*by)
        .annotate(
            requests=Count("pk"),
            sum_in=Sum("tokens_in"),
            sum_out=Sum("tokens_out"),
            sum_cost=Sum("cost"),
            unpriced=Count("pk", filter=Q(cost=None)),
            estimated=Count("pk", filter=Q(is_estimated=True)),
        )
    )
    return summed


def _row(name: str, sums: dict[str, Any]) -> CostRow:
    return CostRow(name, sums["requests"], sums["sum_in"], sums["sum_out"], sums["sum_cost"], sums["unpriced"], sums["estimated"])


def rows_by(calls: QuerySet[ModelCall], by: str, unnamed: str = "") -> list[CostRow]:
    """By model, source__name or firm__name: the dearest first."""
    sums = _summed(calls, by).order_by(F("sum_cost").desc(nulls_last=True), F("sum_in").desc(), by)
    return [_row(each[by] or unnamed, each) for each in sums]


def rows_by_day(calls: QuerySet[ModelCall], month: date, today: date) -> list[tuple[date, CostRow | None]]:
    """Every day of the month up to today; null for one without a request."""
    found = {each["day"]: _row(day(each["day"]), each) for each in _summed(calls, "day")}
    last = min(today, budget.month_after(month) - timedelta(days=1))
    first = budget.month_of(month)
    return [(first + timedelta(days=n), found.get(first + timedelta(days=n))) for n in range((last - first).days + 1)]


def total(rows: Iterable[CostRow]) -> CostRow:
    """The sum of rows; its cost is null when none of them has one."""
    listed = list(rows)
    costs = [row.cost for row in listed if row.cost is not None]
    return CostRow(
        "All",
        sum(row.requests for row in listed),
        sum(row.tokens_in for row in listed),
        sum(row.tokens_out for row in listed),
        sum(costs, Decimal(0)) if costs else None,
        sum(row.unpriced for row in listed),
        sum(row.estimated for row in listed),
    )


def chart(days: list[tuple[date, CostRow | None]], *, in_money: bool) -> list[str]:
    """The days as bars, in two sizes: in US dollars, or in tokens where no price is known."""
    values = [_height(row, in_money=in_money) for _, row in days]
    labels = [f"{at.day} {at:%b}" for at, _ in days]
    unit = "US dollars" if in_money else "tokens"
    top = max(values, default=0.0)
    peak = labels[values.index(top)] if top else "none"
    sentence = f"What the model took on each day, in {unit}. The most was {_said(top, in_money=in_money)}, on {peak}."
    return [
        bar_chart(values, labels, sentence, size=size, said=lambda level: _said(level, in_money=in_money))
        for size in (NARROW, WIDE)
    ]


def _height(row: CostRow | None, *, in_money: bool) -> float:
    if row is None:
        return 0.0
    return float(row.cost or 0) if in_money else float(row.tokens)


def _said(amount: float, *, in_money: bool) -> str:
    if in_money:
        places = 2 if amount >= 0.1 or amount == 0 else 4
        return f"${amount:,.{places}f}"
    return compact_money(amount, "XXX").replace("XXX", "").replace("¤", "").strip()


def standings(firm: Firm | None) -> list[StandingRow]:
    """Today and this month against the limits: of the installation and of every firm that has some, or of one firm."""
    today = spending.today()
    if firm:
        return _standings(firm.name, spending.firm_caps(firm.pk) or Caps(), *spending.used(firm.pk, today), is_firms=True)
    found = _standings("Installation", settings.MODEL_CAPS, *spending.used(None, today))
    for row in FirmBudget.objects.select_related("firm").order_by("firm__name"):
        limited = _standings(row.firm.name, row.caps, *spending.used(row.firm_id, today), is_firms=True)
        found += [each for each in limited if each.limit]
    return found


def _standings(whose: str, caps: Caps, of_day: Used, of_month: Used, *, is_firms: bool = False) -> list[StandingRow]:
    set_ = {(limit.period, limit.measure): limit for limit in budget.limits(caps, of_day, of_month, is_firms=is_firms)}
    rows = []
    for (period, title), used in zip(PERIODS, (of_day, of_month), strict=True):
        cost, tokens = set_.get((period, "cost")), set_.get((period, "tokens"))
        money, counted = f"${used.cost:,.2f}", f"{used.tokens:,} tokens"
        if cost:
            rows.append(StandingRow(whose, title, money, f"${cost.most:,.2f}", cost))
        if tokens:
            rows.append(StandingRow(whose, title, counted, f"{tokens.most:,.0f} tokens", tokens))
        if not (cost or tokens):  # of a model without a price the sum of costs is no figure
            rows.append(StandingRow(whose, title, f"{money}, {counted}" if used.cost else counted, "", None))
    return rows


def price_rows() -> tuple[list[prices.Price], prices.Price | None]:
    """The table of prices, and the one of the model in use; null when it has none."""
    table = list(settings.MODEL_PRICES)
    return table, prices.price_of(settings.OPENAI_MODEL, table)


EXPORTED = ("day", "firm__name", "source__name", "model", "prompt_version")


def export_rows(firm: Firm | None, month: date) -> list[list[str]]:
    """The month as cells with a head: by day, firm, source, model and prompt. An empty cost is one that is not known."""
    head = ["day_utc", "firm", "source", "model", "prompt_version", "requests", "tokens_in", "tokens_out", "cost_usd"]
    cells = [[*head, "requests_without_price", "requests_estimated"]]
    for each in _summed(calls_of(firm, month), *EXPORTED).order_by(*EXPORTED):
        cost = "" if each["sum_cost"] is None else f"{each['sum_cost']:f}"
        names = [each["day"].isoformat(), each["firm__name"] or "", each["source__name"] or "", each["model"]]
        counts = [each["requests"], each["sum_in"], each["sum_out"], cost, each["unpriced"], each["estimated"]]
        cells.append([*names, each["prompt_version"], *map(str, counts)])
    return cells
