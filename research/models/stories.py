"""Stories, and who they are about."""

from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import cached_property

from accounts.scope import FirmQuerySet, PublicOrFirmRow
from accounts.work import State, WorkQuerySet, WorkRow
from portfolios.models import Issuer
from research.models.articles import Article
from research.piece import Kind, kind_of_all
from research.suspicion import FLAGS, is_suspect

MOST_LOOKED_AT = 5  # rows that are put into quarantine instead are passed over


class StoryQuerySet(WorkQuerySet["Story"]):
    def live(self) -> Self:
        """Stories that were not merged into another."""
        return self.filter(merged_into=None)

    def first_due(self) -> Self:
        """Those that are due, in the order in which they are read: held names first, then those that wait longest."""
        return self.due().order_by("-priority", "next_at", "pk")

    def claim_first(self) -> int | None:
        """Take the one that is to be read first, as `claim` does. None when none is due."""
        with transaction.atomic():
            for _ in range(MOST_LOOKED_AT):
                # One row a time is locked: what others may take must not look taken, or their bells would ring for nothing.
                found = list(self.first_due().select_for_update(skip_locked=True).values_list("pk", flat=True)[:1])
                if not found or self.claim(found):
                    return found[0] if found else None
        return None

    def family(self, story: "Story") -> Self:
        """That story and those that went into it: alerts stay where they were raised."""
        return self.filter(Q(pk=story.pk) | Q(merged_into=story))


class Story(PublicOrFirmRow, WorkRow):
    """The articles about one event. Its state as work is that of its full reading: waiting, or done."""

    title = models.CharField(max_length=500)
    published_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    is_backfill = models.BooleanField(default=False)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When a full reading was last asked for.")
    gated_by = models.CharField(
        max_length=10,
        blank=True,
        choices=[("budget", "the budget"), ("approval", "a missing approval")],
        help_text="No model was asked.",
    )
    priority = models.PositiveSmallIntegerField(
        default=0, help_text="1: it is read first, since somebody holds one of its companies, or asked for it."
    )
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    public_story = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Of a firm's own story: the public one.",
    )
    current_analysis = models.ForeignKey(
        "research.Analysis", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="The newest reading."
    )

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "stories"
        indexes = [
            models.Index(fields=["-priority", "next_at"], condition=Q(state="waiting"), name="story_due_first"),
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="story_due"),
            models.Index(fields=["-received_at"], name="story_newest"),
            models.Index(fields=["-received_at"], condition=~Q(gated_by=""), name="story_gated"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unanalysed(self) -> bool:
        """Whether the full reading was tried and given up: `error` says why, and people are told."""
        return self.state == State.QUARANTINED

    @property
    def kind(self) -> Kind | None:
        """What it is where none of its articles reports an event; they are fetched with it where there are many stories."""
        return kind_of_all(article.title for article in self.articles.all())

    @property
    def is_gated(self) -> bool:
        """Whether no model was asked, by the budget or for want of an approval: it was not tried, and may be asked again."""
        return self.is_unanalysed and bool(self.gated_by)

    @cached_property
    def marks(self) -> list[str]:
        """What looks made to steer a model, where no article of it is free of that: else those that are were read."""
        flags = list(self.articles.filter(copy_of=None).values_list("flags", flat=True))
        is_doubtful = bool(flags) and all(is_suspect(own) for own in flags)
        return [flag for flag in FLAGS if is_doubtful and any(flag in own for own in flags)]

    def get_absolute_url(self) -> str:
        return f"/stories/{self.pk}/"


class StoryMerge(PublicOrFirmRow):
    """Two stories turned out to be one. Kept for good: who or what said so, when, and which articles went over."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="merges", help_text="The one that goes on.")
    other = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    articles = models.JSONField(help_text="Ids of the articles that went over.")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = FirmQuerySet["StoryMerge"].as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.other} → {self.story}"


class Publication(models.Model):
    """A story that staff have put on the public pages: who did, when, and under which address.

    It stands outside the wall between firms, and its story may stand behind it: only stories of everybody and of sample firms are
    published, and `research.published` alone reads them through this row.
    """

    story = models.OneToOneField(Story, on_delete=models.CASCADE, related_name="publication")
    slug = models.SlugField(max_length=120, unique=True)
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-published_at", "-pk"]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/news/{self.slug}/"


class Mention(PublicOrFirmRow):
    """An issuer in an article, and why we think so."""

    class Tier(models.TextChoices):
        PRIMARY = "primary", "primary"
        SECONDARY = "secondary", "secondary"
        PASSING = "passing", "passing"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="mentions")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="mentions")
    relevance = models.FloatField(help_text="0 to 100; above 75 is significant.")
    tier = models.CharField(max_length=10, choices=Tier.choices)
    in_headline = models.BooleanField()
    words = models.CharField(max_length=200, help_text="As they stand in the article.")
    count = models.PositiveIntegerField(default=1)
    resolved_by = models.CharField(max_length=120)
    confidence = models.FloatField()
    others = models.JSONField(default=list, help_text="Companies that the words might have meant, and why they do not.")
    # What the quick reading made of this article alone; null is not measured.
    p_positive = models.FloatField(null=True, blank=True)
    p_neutral = models.FloatField(null=True, blank=True)
    p_negative = models.FloatField(null=True, blank=True)
    market_impact_score = models.FloatField(null=True, blank=True)
    score_confidence = models.FloatField(null=True, blank=True)

    objects = FirmQuerySet["Mention"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "issuer"], name="one_mention_per_issuer"),
            models.CheckConstraint(condition=Q(relevance__range=(0, 100)), name="relevance_in_range"),
            models.CheckConstraint(condition=Q(confidence__range=(0, 1)), name="mention_confidence_in_range"),
        ]

    def __str__(self) -> str:
        return f"“{self.words}” is {self.issuer}"
