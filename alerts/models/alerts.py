"""Alerts, who saw them, and why a story did or did not become one."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.scope import FirmQuerySet, FirmRow
from alerts.models.rules import AlertRule
from portfolios.models import Issuer
from research.models import Analysis, Story


class Step(models.IntegerChoices):
    """How severe. Zero is a correction of what was said before."""

    CORRECTION = 0, "correction"
    NOTICE = 1, "alert"
    HIGH = 2, "high"
    CRITICAL = 3, "critical"


class AlertQuerySet(FirmQuerySet["Alert"]):
    def open(self) -> Self:
        """Alerts that nobody has acknowledged."""
        return self.exclude(receipts__acknowledged_at__isnull=False)


class Alert(FirmRow):
    """A rule fired on a story: at most once per severity step. The scores are those it was raised, or last confirmed, with."""

    class Status(models.TextChoices):
        PROVISIONAL = "provisional", "provisional"
        CONFIRMED = "confirmed", "confirmed"
        CORRECTED = "corrected", "corrected"

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="alerts")
    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="+")
    step = models.PositiveSmallIntegerField(choices=Step.choices)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="+")
    sentiment_score = models.FloatField()
    market_impact_score = models.FloatField()
    relevance = models.FloatField()
    weight = models.FloatField()
    status = models.CharField(max_length=12, choices=Status.choices)
    is_doubted = models.BooleanField(default=False, help_text="The story's text looks made to steer a model.")
    correction = models.CharField(max_length=300, blank=True, help_text="What the full reading found instead.")
    raised_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When a full reading confirmed or corrected it.")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "story", "step"], name="one_alert_per_step"),
            models.CheckConstraint(
                condition=Q(sentiment_score__range=(-1, 1), market_impact_score__range=(0, 1), relevance__range=(0, 100)),
                name="alert_scores_in_range",
            ),
        ]
        indexes = [models.Index(fields=["firm", "-raised_at"], name="alert_newest")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.story}"


class AlertReceipt(FirmRow):
    """One person's view of an alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="receipts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = FirmQuerySet["AlertReceipt"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "user"], name="one_receipt_per_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.alert}"


class Decision(FirmRow):
    """One gate that a story met on its way to a rule, with what was measured there."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="decisions")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="+")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    gate = models.CharField(max_length=20)
    passed = models.BooleanField()
    detail = models.CharField(max_length=200)
    decided_at = models.DateTimeField(db_default=Now())

    objects = FirmQuerySet["Decision"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "analysis", "issuer", "gate"], name="one_decision_per_gate"),
        ]
        indexes = [models.Index(fields=["story", "rule"], name="decision_of_story")]

    def __str__(self) -> str:
        return f"{self.gate}: {self.detail}"
