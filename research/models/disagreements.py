"""Where a person disagrees with a score: their own, and why. Shown to their firm beside ours, and never fed to rules."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, FirmRow
from portfolios.models import Issuer
from research.models.analyses import Analysis
from research.models.stories import Story


class DisagreementQuerySet(FirmQuerySet["Disagreement"]):
    def standing(self) -> Self:
        """Those that nobody withdrew or replaced."""
        return self.filter(withdrawn_at=None)


class Disagreement(FirmRow):
    """One person's word on the scores of one company in a story. Never changed: a newer one withdraws the one before.

    `analysis` is the version they had before them. Null scores are those they did not dispute.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="disagreements")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="+")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    sentiment_score = models.FloatField(null=True, blank=True)
    market_impact_score = models.FloatField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DisagreementQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "story", "made_by"], condition=Q(withdrawn_at=None), name="one_standing_disagreement"
            ),
            models.CheckConstraint(
                condition=Q(sentiment_score__range=(-1, 1)) | Q(sentiment_score=None), name="disputed_sentiment_in_range"
            ),
            models.CheckConstraint(
                condition=Q(market_impact_score__range=(0, 1)) | Q(market_impact_score=None), name="disputed_impact_in_range"
            ),
            models.CheckConstraint(
                condition=Q(sentiment_score__isnull=False) | Q(market_impact_score__isnull=False), name="disagrees_with_something"
            ),
        ]

    def __str__(self) -> str:
        return self.reason
