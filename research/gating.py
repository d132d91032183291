"""Stories for which no model is asked, by the budget or for want of an approval: they go on with the quick reading, at once.

When the gate opens again (another day, another month, a higher limit, an approval), those of the last hours are asked for after
all, the ones that matter most first, a few with each sweep, and only while the new day's budget is nearly whole: yesterday's news
must not take it from today's.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.text import capfirst

from accounts.doorbell import ring
from accounts.models import Firm
from accounts.scope import every_firm
from accounts.work import State
from research import approvals, budget, gates, spending
from research.attaching import lock
from research.models import Analysis, Announcement, Reading, Story
from research.quick_readings import ask_for_full_readings, tell_quickly
from research.spending import NotAsked

STILL_NEWS = timedelta(hours=12)
MOST_AT_ONCE = 20  # of each sweep, every 15 s
OPEN_AGAIN = "A model may be asked again"
MOST_OF_THE_DAY = Decimal("0.25")  # of a daily budget


def hold(story: Story, gate: NotAsked) -> None:
    """Put the story aside with its reason, and let the rules decide on its quick reading now: no full one is to come."""
    with every_firm():
        story.give_up(str(gate))
        Story.objects.filter(pk=story.pk).update(gated_by=gate.gate)
        gates.keep({story: [gates.Met(gates.Gate(gate.gate), False, str(gate).rstrip("."))]})
        quick = Announcement.objects.filter(
            analysis__story=story.pk,
            analysis=F("analysis__story__current_analysis"),
            analysis__lane=Analysis.Lane.FLASH,
            state=State.DONE,
        )
        told = list(quick.values_list("pk", flat=True))
        Announcement.objects.filter(pk__in=told).retry()
        ring("match_alerts", told)


def tell_meanwhile(story_id: int) -> None:
    """The full reading of what was added to a story is not to be had now: the rules hear of its quick scores."""
    with every_firm():
        lock()
        story = Story.objects.select_related("current_analysis").get(pk=story_id)
        read = story.current_analysis
        if read and read.lane == Analysis.Lane.FULL and story.asked_at and story.asked_at > read.scored_at:
            ring("match_alerts", tell_quickly([story]))


def ask_again() -> list[int]:
    """Put stories back to the model's work whose gate has opened. Their ids."""
    with every_firm():
        gated = Story.objects.live().filter(state=State.QUARANTINED, received_at__gt=Now() - STILL_NEWS).exclude(gated_by="")
        if not gated.exists() or not approvals.is_approved():
            return []
        day = spending.today()
        shut = [firm_id for firm_id in set(gated.values_list("firm", flat=True)) if not _is_open(firm_id, day)]
        if None in shut:
            return []
        main = Reading.objects.filter(
            analysis=OuterRef("current_analysis"), issuer=OuterRef("current_analysis__primary_issuer")
        ).values("market_impact_score")
        weighty = gated.exclude(firm__in=[firm for firm in shut if firm]).annotate(impact=Subquery(main))
        stories = list(weighty.order_by(F("impact").desc(nulls_last=True), "-pk")[:MOST_AT_ONCE])
        gates.keep({story: [gates.Met(gates.Gate(story.gated_by), True, OPEN_AGAIN)] for story in stories})
        asked = ask_for_full_readings([story.pk for story in stories])
        shut_by_others = {story.pk for story in stories} - asked
        Story.objects.filter(pk__in=shut_by_others, state=State.QUARANTINED).update(state=State.DONE, error="")
        Story.objects.filter(pk__in=[story.pk for story in stories]).update(gated_by="")
    return sorted(asked)


def _is_open(firm_id: int | None, day: date) -> bool:
    limits = spending.limits_of(firm_id, day)
    daily = [limit.share for limit in limits if limit.period == "day"]
    return budget.hindrance(limits) is None and all(share < MOST_OF_THE_DAY for share in daily)


def what_is_shut(firm: Firm) -> Iterator[str]:
    """In sentences, what keeps a firm's new stories from being read in full just now."""
    if not settings.MODEL_CONFIGURED:
        return
    if not approvals.is_approved():
        yield "The model or its prompt has changed and is not approved yet: new stories are read by word rules."
    spent = [limit for limit in spending.limits_of(firm.pk, spending.today()) if limit.standing == "spent"]
    if spent:
        which = spent[0]  # that of the installation, where both are
        whose = "stories of your own sources" if which.is_firms else "new stories"
        yield f"{capfirst(which.name)} (UTC) is spent: {whose} are read by word rules."
