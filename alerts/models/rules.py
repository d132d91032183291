"""What a firm wants to hear about, and the stories that wait for their full reading."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.scope import FirmQuerySet, FirmRow
from accounts.work import WorkQuerySet, WorkRow
from alerts import rules
from portfolios.models import Portfolio
from research.models import Analysis, Story


class AlertRuleQuerySet(FirmQuerySet["AlertRule"]):
    def holding(self, issuer_ids: list[int]) -> Self:
        """Active rules on the portfolios that hold one of these issuers: the cost is that of the holders alone."""
        return self.filter(is_active=True, portfolio__holdings__issuer__in=issuer_ids).distinct()


class AlertRule(FirmRow):
    """Fires on a story when the reading of a holding's own issuer passes every clause."""

    name = models.CharField(max_length=120)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="alert_rules")
    min_impact = models.FloatField(default=0.3, help_text="Market impact score from which the rule fires, 0 to 1.")
    high_impact = models.FloatField(null=True, blank=True, help_text="From here on it alerts again, as high.")
    critical_impact = models.FloatField(null=True, blank=True, help_text="From here on it alerts again, as critical.")
    min_sentiment = models.FloatField(default=0.35, help_text="Size of the sentiment score, whatever its sign, 0 to 1.")
    min_relevance = models.FloatField(default=50, help_text="How much the story is about the company, 0 to 100.")
    min_weight = models.FloatField(default=0.01, help_text="Size of the position as a share of NAV: 0.01 is 1 %.")
    patience_seconds = models.PositiveIntegerField(default=60, help_text="How long to wait for the full reading.")
    max_age_hours = models.PositiveIntegerField(default=24, help_text="Older news never alerts.")
    is_active = models.BooleanField(default=True)
    recipients = models.ManyToManyField(User, through="RuleRecipient", related_name="+")

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["firm", "name"], name="one_rule_per_name"),
            models.CheckConstraint(
                condition=Q(
                    min_impact__range=(0, 1), min_sentiment__range=(0, 1), min_relevance__range=(0, 100), min_weight__range=(0, 1)
                ),
                name="rule_clauses_in_range",
            ),
            models.CheckConstraint(
                condition=(Q(high_impact=None) | Q(high_impact__gt=F("min_impact"), high_impact__lte=1))
                & (Q(critical_impact=None) | Q(critical_impact__gt=F("high_impact"), critical_impact__lte=1)),
                name="steps_ascend",
                violation_error_message="Each step must be above the one before it: alert, then high, then critical.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def clauses(self) -> rules.Clauses:
        return rules.Clauses(
            impact=self.min_impact,
            high=self.high_impact,
            critical=self.critical_impact,
            sentiment=self.min_sentiment,
            relevance=self.min_relevance,
            weight=self.min_weight,
        )

    @property
    def sentence(self) -> str:
        """The rule in words."""
        return rules.sentence(self.clauses)


class RuleRecipient(FirmRow):
    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="rule_recipients")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    objects = FirmQuerySet["RuleRecipient"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "user"], name="one_recipient_row")]

    def __str__(self) -> str:
        return f"{self.user} hears {self.rule}"


class Candidate(FirmRow, WorkRow):
    """A story that a rule may fire on, waiting until `next_at` (its decide-at) for the full reading."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="candidates")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(Analysis, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = WorkQuerySet["Candidate"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "story"], name="one_candidate_per_story")]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="candidate_due")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.story}"
