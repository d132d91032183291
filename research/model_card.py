"""The model card: each approval of a model and a prompt, with the figures that are known of the two together."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Func, IntegerField, Q, Sum

from research import approvals
from research.models import Analysis, Evidence, ModelApproval, ModelCall

MOST_SHOWN = 50


@dataclass(frozen=True)
class Figures:
    """Of one model with one prompt; null is not measured. `unusable` are replies that had to be asked for again."""

    requests: int = 0
    stories: int = 0
    refused: int = 0
    unusable: int = 0
    median_ms: float | None = None
    cost_per_story: Decimal | None = None
    analyses: int = 0
    quotes_kept: int | None = None
    left_out: int | None = None


@dataclass(frozen=True)
class Entry:
    approval: ModelApproval
    figures: Figures
    is_current: bool


class _Median(Aggregate):
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class _Length(Func):
    function = "jsonb_array_length"
    output_field = IntegerField()


def entries() -> list[Entry]:
    """All approvals, newest first. A number of queries that does not grow with them; figures of the firms in scope."""
    found = list(ModelApproval.objects.select_related("approved_by")[:MOST_SHOWN])
    figures, now = _figures(), approvals.configured().pair
    current = next((row.pk for row in found if row.pair == now), None)
    return [Entry(row, figures.get(row.pair, Figures()), row.pk == current) for row in found]


def _figures() -> dict[tuple[str, str], Figures]:
    called = (
        ModelCall.objects.order_by()
        .exclude(settled_at=None)
        .values("model", "prompt_version")
        .annotate(
            requests=Count("pk"),
            stories=Count("story", distinct=True),
            refused=Count("pk", filter=Q(outcome="refused")),
            unusable=Count("pk", filter=Q(is_repair=True)),
            median=_Median("latency_ms"),
            sum_cost=Sum("cost"),
        )
    )
    grounding = _grounding()
    return {
        (row["model"], row["prompt_version"]): Figures(
            requests=row["requests"],
            stories=row["stories"],
            refused=row["refused"],
            unusable=row["unusable"],
            median_ms=row["median"],
            cost_per_story=row["sum_cost"] / row["stories"] if row["sum_cost"] is not None and row["stories"] else None,
            **grounding.get((row["model"], row["prompt_version"]), {}),
        )
        for row in called
    }


def _grounding() -> dict[tuple[str, str], dict[str, Any]]:
    """By pair: analyses, the quotes they keep, and what was left out of them. The model's name is the one it was asked by."""
    names = ModelCall.objects.exclude(answered_by="").order_by().values_list("answered_by", "model", "prompt_version").distinct()
    asked_as = {(answered_by, prompt): model for answered_by, model, prompt in names}
    read = Analysis.objects.filter(engine=Analysis.Engine.MODEL).order_by().values("model", "prompt_version")
    dropped = read.annotate(analyses=Count("pk"), left_out=Sum(_Length(F("dropped"))))
    quoted = (
        Evidence.objects.filter(analysis__engine=Analysis.Engine.MODEL)
        .order_by()
        .values_list("analysis__model", "analysis__prompt_version")
        .annotate(Count("pk"))
    )
    kept = {(model, prompt): count for model, prompt, count in quoted}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in dropped:
        pair = row["model"], row["prompt_version"]
        own = found.setdefault((asked_as.get(pair, pair[0]), pair[1]), {"analyses": 0, "quotes_kept": 0, "left_out": 0})
        own["analyses"] += row["analyses"]
        own["left_out"] += row["left_out"] or 0
        own["quotes_kept"] += kept.get(pair, 0)
    return found
