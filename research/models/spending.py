"""What was spent on models, on whose account, and which of them may be asked."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, FirmRow, PublicOrFirmRow
from research.budget import Caps
from research.models.articles import Source
from research.models.stories import Story


class ModelCall(PublicOrFirmRow):
    """One request to a model: written before it is sent, at the most it may cost, and settled when the answer is there.

    `outcome` is answered, or why there is no answer (the kinds of research/answers.py); lost where the worker died.
    """

    UNDER_WAY, ANSWERED, LOST = "", "answered", "lost"

    story = models.ForeignKey(Story, on_delete=models.SET_NULL, null=True, blank=True, related_name="model_calls")
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model = models.CharField(max_length=120, help_text="As it was asked for.")
    answered_by = models.CharField(max_length=120, blank=True, help_text="What the server called itself.")
    prompt_version = models.CharField(max_length=12)
    is_repair = models.BooleanField(default=False, help_text="Asked once more, because the first reply could not be used.")
    day = models.DateField(help_text="Of UTC, on whose budget it is.")
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(help_text="By then the worker that asked is dead, if it has not settled.")
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    tokens_in = models.PositiveIntegerField()
    tokens_out = models.PositiveIntegerField()
    cost = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True, help_text="US dollars; null: no price known."
    )
    is_estimated = models.BooleanField(default=True, help_text="The server did not count: the most it may have been.")
    latency_ms = models.PositiveIntegerField(null=True, blank=True)

    objects = FirmQuerySet["ModelCall"].as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["day", "firm"], name="model_call_day"),
            models.Index(fields=["expires_at"], condition=Q(settled_at=None), name="model_call_under_way"),
            models.Index(fields=["model", "prompt_version"], name="model_call_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.model}, {self.asked_at:%Y-%m-%d %H:%M}"


class Spend(PublicOrFirmRow):
    """What a day has taken: of the whole installation where `firm` is null, else of that firm's own stories.

    The sums of ModelCall, changed in the same transactions. The row is the lock that keeps many at once under a limit. What is
    held belongs to requests under way, at the most they may cost, and is part of the sums.
    """

    day = models.DateField()
    tokens = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=6, default=Decimal(0))
    tokens_held = models.BigIntegerField(default=0)
    cost_held = models.DecimalField(max_digits=16, decimal_places=6, default=Decimal(0))

    objects = FirmQuerySet["Spend"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["firm", "day"], nulls_distinct=False, name="one_spend_per_day"),
            models.CheckConstraint(condition=Q(tokens_held__gte=0, cost_held__gte=0), name="nothing_held_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.tokens} tokens"


def _money() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="US dollars. Empty: no limit.",
    )


class FirmBudget(FirmRow):
    """What a firm's own stories may cost. It comes on top of the installation's limits, which hold for all stories together."""

    daily_cost = _money()
    monthly_cost = _money()
    daily_tokens = models.PositiveBigIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    monthly_tokens = models.PositiveBigIntegerField(null=True, blank=True, help_text="Empty: no limit.")

    objects = FirmQuerySet["FirmBudget"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm"], name="one_budget_per_firm")]

    def __str__(self) -> str:
        return f"Budget of {self.firm}"

    @property
    def caps(self) -> Caps:
        return Caps(self.daily_cost, self.monthly_cost, self.daily_tokens, self.monthly_tokens)


class BudgetNotice(models.Model):
    """That the operator was told: once for each key, however many notice at once."""

    key = models.CharField(max_length=120, unique=True)
    told_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.key


class ModelApproval(models.Model):
    """A model and a prompt that may read stories: who said so, when and why. What was approved once may be gone back to."""

    model = models.CharField(max_length=120)
    prompt_version = models.CharField(max_length=12)
    endpoint = models.CharField(max_length=253, help_text="The host that is asked.")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.model} with prompt {self.prompt_version}"

    @property
    def pair(self) -> tuple[str, str]:
        return self.model, self.prompt_version
