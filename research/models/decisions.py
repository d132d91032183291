"""Why a story was or was not sent to a model: one row per story and gate, with what was found there last."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, PublicOrFirmRow
from research.models.stories import Story


class ReadingDecisionQuerySet(FirmQuerySet["ReadingDecision"]):
    def against(self) -> Self:
        return self.filter(passed=False)


class ReadingDecision(PublicOrFirmRow):
    """A gate before the full reading. It belongs to whom the story does, and says nothing of who holds what."""

    class Gate(models.TextChoices):
        RIGHTS = "rights", "rights"
        DUPLICATE = "duplicate", "duplicate"
        RELEVANCE = "relevance", "relevance"
        NOVELTY = "novelty", "novelty"
        BUDGET = "budget", "budget"
        APPROVAL = "approval", "approval"

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="reading_decisions")
    gate = models.CharField(max_length=10, choices=Gate.choices)
    passed = models.BooleanField()
    detail = models.CharField(max_length=300)
    decided_at = models.DateTimeField(db_default=Now())

    objects = ReadingDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["decided_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["story", "gate"], name="one_decision_per_story_and_gate")]
        indexes = [
            # What a new holding may make worth a reading.
            models.Index(fields=["-decided_at"], condition=Q(gate="relevance", passed=False), name="decision_not_held")
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {self.detail}"
