"""Readings of stories. An analysis is never changed: a newer version supersedes it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, PublicOrFirmRow
from accounts.work import WorkQuerySet, WorkRow
from portfolios.models import Issuer
from research.models.articles import Article
from research.models.stories import Story


class Analysis(PublicOrFirmRow):
    class Lane(models.TextChoices):
        FULL = "full", "full reading"
        FLASH = "flash", "quick reading"

    class Engine(models.TextChoices):
        MODEL = "model", "a model"
        RECORDED = "recorded", "a recorded reply of a model"
        RULES = "rules", "word rules"

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="analyses")
    version = models.PositiveIntegerField()
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by")
    lane = models.CharField(max_length=8, choices=Lane.choices)
    engine = models.CharField(max_length=10, choices=Engine.choices)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=12)
    input_hash = models.CharField(max_length=64)
    raw_reply = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    sections = models.JSONField(default=dict, blank=True, help_text="Text by section key.")
    primary_issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    event = models.JSONField(default=dict, blank=True)
    horizon = models.CharField(max_length=12, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    dropped = models.JSONField(default=list, blank=True, help_text="What the reply said that the text does not bear out.")
    derived = models.JSONField(
        default=list, blank=True, help_text="Figures of its prose that follow from those of the text, and how."
    )
    was_repaired = models.BooleanField(
        default=False, help_text="Whether the model was asked a second time, because of what was wrong."
    )
    tokens_in = models.PositiveIntegerField(null=True, blank=True)
    tokens_out = models.PositiveIntegerField(null=True, blank=True)
    cost = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    received_at = models.DateTimeField(help_text="When the newest article it read had reached us.")
    scored_at = models.DateTimeField(db_default=Now())

    objects = FirmQuerySet["Analysis"].as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(fields=["story", "firm", "version"], nulls_distinct=False, name="one_analysis_per_version"),
            models.CheckConstraint(condition=Q(confidence=None) | Q(confidence__range=(0, 1)), name="confidence_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.story} (version {self.version})"

    @property
    def primary_reading(self) -> "Reading | None":
        """The reading of the primary issuer: the overall scores are its scores."""
        return next((reading for reading in self.readings.all() if reading.issuer_id == self.primary_issuer_id), None)


class Announcement(PublicOrFirmRow, WorkRow):
    """A new analysis that the alert rules have not seen yet. Written with it, so that a crash in between loses nothing."""

    analysis = models.OneToOneField(Analysis, on_delete=models.CASCADE, related_name="announcement")

    objects = WorkQuerySet["Announcement"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="announcement_due")]

    def __str__(self) -> str:
        return f"{self.analysis}"


class Reading(PublicOrFirmRow):
    """One analysis × one issuer. Null means not measured."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="readings")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="readings")
    p_positive = models.FloatField(null=True, blank=True)
    p_neutral = models.FloatField(null=True, blank=True)
    p_negative = models.FloatField(null=True, blank=True)
    sentiment_score = models.FloatField(null=True, blank=True, help_text="P(positive) − P(negative).")
    market_impact_score = models.FloatField(null=True, blank=True)
    impact_probability = models.FloatField(null=True, blank=True)
    relevance = models.FloatField()
    role = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = FirmQuerySet["Reading"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["analysis", "issuer"], name="one_reading_per_issuer"),
            models.CheckConstraint(
                condition=Q(p_positive=None, p_neutral=None, p_negative=None, sentiment_score=None)
                | Q(
                    p_positive__range=(0, 1),
                    p_neutral__range=(
                        1 - F("p_positive") - F("p_negative") - 0.001,
                        1 - F("p_positive") - F("p_negative") + 0.001,
                    ),
                    p_negative__range=(0, 1),
                    sentiment_score__range=(F("p_positive") - F("p_negative") - 0.001, F("p_positive") - F("p_negative") + 0.001),
                ),
                name="sentiment_is_its_probabilities",
            ),
            models.CheckConstraint(
                condition=Q(market_impact_score=None) | Q(market_impact_score__range=(0, 1)), name="impact_in_range"
            ),
            models.CheckConstraint(
                condition=Q(impact_probability=None) | Q(impact_probability__range=(0, 1)), name="impact_probability_in_range"
            ),
            models.CheckConstraint(condition=Q(relevance__range=(0, 100)), name="reading_relevance_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer}: {self.sentiment_score}"


class SecondOrderEffect(PublicOrFirmRow):
    """A company that an event reaches through another. Without scores: the story says too little of it. No rule reads it."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="second_order")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)

    objects = FirmQuerySet["SecondOrderEffect"].as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["analysis", "issuer"], name="one_second_order_effect")]

    def __str__(self) -> str:
        return f"{self.issuer}, {self.role}: {self.reason}"


class Evidence(PublicOrFirmRow):
    """A quote that stands word for word in an article's text, from `start` to `end` (characters)."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="evidence")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    claim = models.CharField(max_length=20, help_text="The section it bears out.")
    quote = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    objects = FirmQuerySet["Evidence"].as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "number"], name="one_quote_per_number"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="quote_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.quote
