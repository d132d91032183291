"""The ledger of requests to the model: reserved before they are sent, settled after, so that many at once keep to one limit.

A request is written at the most it may cost and counts from then on. It is settled at what the server counted, or, where it did
not, at that most. One whose worker died stays counted: after its time it is settled as if all of it had been spent.

A transaction of a few milliseconds around each end, none while the model is asked. The rows of a day (Spend) are the locks, that
of the installation before that of the firm. What a firm's own story costs counts for both, what everybody's story costs for the
installation alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.text import capfirst

from accounts.scope import every_firm
from research import approvals, budget, llm, prices
from research.budget import Caps, Limit, Used
from research.models import FirmBudget, ModelCall, Spend, Story
from research.notices import tell_of_limits

SETTLING_SECONDS = 60.0  # after the model's deadline: by then whoever lives has settled
BUSY_SECONDS = 3.0
# Kinds of failure for which a server may have worked all the same, and charge for it.
MAY_HAVE_COST = {"timeout", "network", "malformed", "truncated", "refused"}
NEVER_SENT = {"ConnectError", "ConnectTimeout"}
SUMS = ("tokens", "cost", "tokens_held", "cost_held")


class NotAsked(Exception):
    """The model was not asked, and why, in words for readers. `gate` is budget or approval."""

    def __init__(self, gate: str, why: str) -> None:
        super().__init__(why)
        self.gate = gate


class Busy(Exception):
    """What is left of a budget is held by requests under way: to be asked again in a moment."""


@dataclass(frozen=True)
class Bill:
    """What a request took. Cost is null where no price is known."""

    tokens_in: int
    tokens_out: int
    cost: Decimal | None


def counted(
    story: Story,
    messages: Sequence[llm.Message],
    schema: dict[str, Any] | None,
    send: Callable[[], llm.Completion],
    prompt: str | None = None,
) -> llm.Completion:
    """Send one request about that story on the budget, by that prompt if not by ours.

    Raises NotAsked or Busy instead of sending, and what `send` raises.
    """
    call = reserve(story, budget.tokens_at_most(messages, schema), is_repair=len(messages) > 2, prompt=prompt)
    try:
        completion = send()
    except llm.ModelUnavailable as error:
        if error.was_sent:
            _settle_failure(call, error)
        else:
            _take_back(call)
        raise
    bill = settle(call, completion.tokens_in, completion.tokens_out, ModelCall.ANSWERED, completion)
    return replace(completion, cost=bill.cost)


def reserve(story: Story, tokens_in: int, *, is_repair: bool = False, prompt: str | None = None) -> ModelCall:
    """Write a request down at the most it may cost. Raises NotAsked when a limit is reached, and Busy when it is all but."""
    model = settings.OPENAI_MODEL
    with every_firm():
        now = _database_time()
        day = budget.utc_day(now)
        _lock(story.firm_id, day)
        try:
            approvals.require()
        except approvals.NotApproved as error:
            raise NotAsked("approval", str(error)) from None
        _require_room(story.firm_id, day)
        bill = _bill(model, tokens_in, settings.MODEL_REPLY_TOKENS)
        _add(story.firm_id, day, bill, held=True)
        source = story.articles.order_by("received_at", "pk").values_list("source", flat=True).first()
        if story.gated_by:
            Story.objects.filter(pk=story.pk).update(gated_by="")
        return ModelCall.objects.create(
            firm_id=story.firm_id,
            story=story,
            source_id=source,
            model=model[:120],
            prompt_version=llm.prompt_version(prompt),
            is_repair=is_repair,
            day=day,
            asked_at=now,
            # It may wait for one of the worker's slots as long as another request takes.
            expires_at=now + timedelta(seconds=2 * settings.MODEL_DEADLINE_SECONDS + SETTLING_SECONDS),
            tokens_in=bill.tokens_in,
            tokens_out=bill.tokens_out,
            cost=bill.cost,
        )


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _lock(firm_id: int | None, day: date) -> None:
    firms = {None, firm_id}
    Spend.objects.bulk_create([Spend(firm_id=firm, day=day) for firm in firms], ignore_conflicts=True)
    list(_of(firm_id).filter(day=day).order_by(F("firm").asc(nulls_first=True)).select_for_update())


def _of(firm_id: int | None) -> QuerySet[Spend]:
    """The rows that what this firm's stories cost is added to."""
    return Spend.objects.filter(Q(firm=None) | Q(firm=firm_id) if firm_id else Q(firm=None))


def _require_room(firm_id: int | None, day: date) -> None:
    worst = budget.hindrance(limits_of(firm_id, day))
    if worst is None:
        return
    if worst.standing == "busy":
        raise Busy(f"Requests under way hold what is left of {worst.name}.")
    raise NotAsked("budget", f"{capfirst(worst.name)} is spent: read by word rules.")


def limits_of(firm_id: int | None, day: date) -> list[Limit]:
    """All limits that a story of this firm, or of everybody, is under."""
    found = budget.limits(settings.MODEL_CAPS, *used(None, day))
    caps = firm_caps(firm_id) if firm_id else None
    return [*found, *budget.limits(caps, *used(firm_id, day), is_firms=True)] if caps else found


def firm_caps(firm_id: int) -> Caps | None:
    row = FirmBudget.objects.filter(firm=firm_id).first()
    return row.caps if row else None


def used(firm_id: int | None, day: date) -> tuple[Used, Used]:
    """What that day has taken, and its month up to it, of one firm or of the whole installation. One query."""
    rows = Spend.objects.filter(firm=firm_id, day__gte=budget.month_of(day), day__lt=budget.month_after(day))
    today = month = Used()
    for row_day, *sums in rows.values_list("day", *SUMS):
        taken = Used(*sums)
        month += taken
        today = taken if row_day == day else today
    return today, month


def today() -> date:
    """The day of UTC by the database's clock."""
    return budget.utc_day(_database_time())


def _bill(model: str, tokens_in: int, tokens_out: int) -> Bill:
    price = prices.price_of(model, settings.MODEL_PRICES)
    return Bill(tokens_in, tokens_out, price.cost(tokens_in, tokens_out) if price else None)


def _add(firm_id: int | None, day: date, bill: Bill, *, held: bool) -> None:
    tokens, cost = bill.tokens_in + bill.tokens_out, bill.cost or Decimal(0)
    more: dict[str, Any] = {"tokens": F("tokens") + tokens, "cost": F("cost") + cost}
    if held:
        more |= {"tokens_held": F("tokens_held") + tokens, "cost_held": F("cost_held") + cost}
    _of(firm_id).filter(day=day).update(**more)


def _settle_failure(call: ModelCall, error: llm.ModelUnavailable) -> None:
    """A request without an answer: what the server counted, nothing if it did no work, or else the most it may have been."""
    tokens_in, tokens_out = error.tokens
    may_have_cost = error.kind in MAY_HAVE_COST and str(error) not in NEVER_SENT and not str(error).startswith("HTTP ")
    if not may_have_cost:
        tokens_in, tokens_out = tokens_in or 0, tokens_out or 0
    settle(call, tokens_in, tokens_out, error.kind)


def _take_back(call: ModelCall) -> None:
    """Nothing was sent, so there was no request."""
    with every_firm():
        row = ModelCall.objects.select_for_update().get(pk=call.pk)
        if row.settled_at is None:
            _lock(row.firm_id, row.day)
            _release(row.firm_id, row.day, Bill(row.tokens_in, row.tokens_out, row.cost))
            row.delete()


def settle(
    call: ModelCall, tokens_in: int | None, tokens_out: int | None, outcome: str, completion: llm.Completion | None = None
) -> Bill:
    """Put what was counted in place of what was held; what was not counted stays at the most it may have been."""
    with every_firm():
        row = ModelCall.objects.select_for_update().get(pk=call.pk)
        was = Bill(row.tokens_in, row.tokens_out, row.cost)
        if row.settled_at is not None:  # it came after its time, and was settled at its most
            return was
        _lock(row.firm_id, row.day)
        is_estimated = tokens_in is None or tokens_out is None
        known = was.tokens_in if tokens_in is None else tokens_in, was.tokens_out if tokens_out is None else tokens_out
        bill = _bill(row.model, *known) if was.cost is not None else Bill(*known, None)
        _release(row.firm_id, row.day, was)
        _add(row.firm_id, row.day, bill, held=False)
        row.tokens_in, row.tokens_out, row.cost = bill.tokens_in, bill.tokens_out, bill.cost
        row.is_estimated, row.outcome = is_estimated, outcome
        row.answered_by = completion.model if completion else ""
        row.latency_ms = completion.latency_ms if completion else None
        row.save()
        ModelCall.objects.filter(pk=row.pk).update(settled_at=Now())
        tell_of_limits(limits_of(row.firm_id, row.day), row.firm_id, row.day)
    return bill


def _release(firm_id: int | None, day: date, was: Bill) -> None:
    tokens, cost = was.tokens_in + was.tokens_out, was.cost or Decimal(0)
    _of(firm_id).filter(day=day).update(
        tokens=F("tokens") - tokens,
        cost=F("cost") - cost,
        tokens_held=F("tokens_held") - tokens,
        cost_held=F("cost_held") - cost,
    )


def settle_lost() -> int:
    """Requests whose worker died: spent, at the most they may have been. How many there were."""
    with every_firm():
        lost = list(ModelCall.objects.filter(settled_at=None, expires_at__lt=Now()).order_by("pk")[:200])
        for call in lost:
            settle(call, None, None, ModelCall.LOST)
    return len(lost)
