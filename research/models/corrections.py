"""What people say of links: a story is not about that company, or it is about one that was missed. And names we do not know."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, FirmRow, PublicOrFirmRow
from accounts.work import WorkQuerySet, WorkRow
from portfolios.models import Alias, Issuer
from research.models.articles import Article
from research.models.stories import Story


class CorrectionQuerySet(WorkQuerySet["Correction"]):
    def standing(self) -> Self:
        """Those that nobody took back."""
        return self.filter(undone_at=None)

    def wrong(self) -> Self:
        return self.standing().filter(kind=Correction.Kind.WRONG)

    def unjudged(self) -> Self:
        """Those on which staff have yet to say whether they hold for everybody."""
        return self.standing().filter(verdict="")

    def accepted(self) -> Self:
        """Those that hold for everybody, whatever the firm says by now."""
        return self.filter(verdict=Correction.Verdict.ACCEPTED)


class Correction(FirmRow, WorkRow):
    """One person's word on one company in one story. It holds for their firm at once, and for everybody when staff accept it.

    Its state as work: waiting until the firm's alerts have heard of it.
    """

    class Kind(models.TextChoices):
        WRONG = "wrong", "wrong company"
        MISSING = "missing", "missing company"

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "holds for everybody"
        REFUSED = "refused", "holds for the firm alone"
        REVOKED = "revoked", "no longer holds for everybody"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="corrections")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, help_text="As they stand in the article.")
    resolved_by = models.CharField(max_length=120, blank=True, help_text="Why we had linked it.")
    alias = models.ForeignKey(Alias, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    alias_source = models.CharField(max_length=8, blank=True, help_text="Where the name had come from.")
    context = models.CharField(max_length=300, blank=True, help_text="Words of the text that tell, and from which to learn.")
    taught = models.JSONField(default=dict, blank=True, help_text="What the name learned from it: words, needs_reason, is_new.")
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "story", "issuer"], condition=Q(undone_at=None), name="one_standing_correction"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="correction_due"),
            models.Index(fields=["issuer", "kind"], name="correction_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.issuer}"


class UnknownName(PublicOrFirmRow):
    """A company that an article names beside one we know, and that the security master lacks."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="unknown_names")
    key = models.CharField(max_length=200, help_text="The name as it is compared.")
    text = models.CharField(max_length=200)
    ticker = models.CharField(max_length=20, blank=True)
    count = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=40, help_text="What says that it is a company.")

    objects = FirmQuerySet["UnknownName"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "key"], name="one_unknown_name_per_article")]
        indexes = [models.Index(fields=["key"], name="unknown_name_key")]

    def __str__(self) -> str:
        return self.text


class DismissedName(models.Model):
    """A name that staff do not want to add: it is no company, or none that matters."""

    key = models.CharField(max_length=200, unique=True)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.key
