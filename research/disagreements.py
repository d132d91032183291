"""Disagreeing with a score: one standing word per person and story, kept for good, and counted for quality."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, F, Q
from django.db.models.functions import Abs, Now

from accounts.models import Firm, Membership
from research.models import Analysis, Disagreement, Story

COUNTED = timedelta(days=90)


class NotTaken(ValueError):
    """Why the disagreement was not taken; nothing was changed."""


def disagree(member: Membership, story: Story, *, sentiment: float | None, impact: float | None, reason: str) -> Disagreement:
    """The person's own scores of the primary company, in place of what they said before. Raises NotTaken."""
    analysis = story.current_analysis
    reading = analysis.primary_reading if analysis else None
    if analysis is None or reading is None:
        raise NotTaken("This story has no score to disagree with.")
    own = Disagreement(
        firm=member.firm,
        story=story,
        analysis=analysis,
        issuer=reading.issuer,
        sentiment_score=sentiment,
        market_impact_score=impact,
        reason=reason,
        made_by=member.user,
    )
    try:
        with transaction.atomic():
            withdraw(member, story)
            own.save()
    except IntegrityError as error:
        raise NotTaken("You said something of it in another window at this moment. Look at the story again.") from error
    return own


def withdraw(member: Membership, story: Story) -> bool:
    """Take back what the person says of the story. False where there was nothing; the row stays, with when and who."""
    own = Disagreement.objects.of(member.firm).standing().filter(story__in=Story.objects.family(story), made_by=member.user)
    return bool(own.update(withdrawn_at=Now(), withdrawn_by=member.user))


def of_story(firm: Firm, story: Story, at: datetime | None = None) -> list[Disagreement]:
    """What the firm's people say of its scores, newest first: today, or at an earlier moment."""
    said = (
        Disagreement.objects.of(firm)
        .filter(story__in=Story.objects.family(story))
        .select_related("made_by", "issuer", "analysis")
    )
    if at is None:
        return list(said.standing())
    return list(said.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at), made_at__lte=at))


@dataclass(frozen=True, slots=True)
class Quality:
    """How often people disagreed with one engine, model and prompt: `disputed` of `scored` analyses; mean differences."""

    engine: str
    model: str
    prompt_version: str
    scored: int
    disputed: int
    sentiment_apart: float | None
    impact_apart: float | None

    @property
    def share(self) -> float:
        return self.disputed / self.scored


def quality() -> list[Quality]:
    """Of the last 90 days, most disputed first. What nobody looked at counts as agreed, so it is a lower bound. Two queries.

    Call it inside every_firm().
    """
    by = ("engine", "model", "prompt_version")
    lately = Analysis.objects.filter(scored_at__gt=Now() - COUNTED).order_by().values_list(*by)
    scored = {tuple(row): count for *row, count in lately.annotate(Count("pk"))}
    ours = Q(analysis__readings__issuer=F("issuer"))
    apart = (
        Disagreement.objects.standing()
        .filter(ours, analysis__scored_at__gt=Now() - COUNTED)
        .order_by()
        .values_list(*(f"analysis__{name}" for name in by))
        .annotate(
            disputed=Count("analysis", distinct=True),
            sentiment_apart=Avg(Abs(F("sentiment_score") - F("analysis__readings__sentiment_score"))),
            impact_apart=Avg(Abs(F("market_impact_score") - F("analysis__readings__market_impact_score"))),
        )
    )
    found = [
        Quality(engine, model, prompt, scored[engine, model, prompt], disputed, sentiment, impact)
        for engine, model, prompt, disputed, sentiment, impact in apart
        if (engine, model, prompt) in scored
    ]
    return sorted(found, key=lambda each: (-each.share, each.engine, each.model))
