"""What is sent to whom, and what the browsers hear."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.scope import FirmQuerySet, FirmRow
from accounts.work import WorkQuerySet, WorkRow
from alerts.models.alerts import Step
from research.models import Story


class Delivery(FirmRow, WorkRow):
    """One message to one person on one channel about one story and step, whatever number of alerts it carries."""

    class Channel(models.TextChoices):
        SCREEN = "screen", "screen"
        EMAIL = "email", "e-mail"

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="+")
    step = models.PositiveSmallIntegerField(choices=Step.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Stays the same however often it is sent.")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = WorkQuerySet["Delivery"].as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["firm", "story", "step", "user", "channel"], name="one_delivery_per_channel"),
        ]
        indexes = [models.Index(fields=["-step", "next_at"], condition=Q(state="waiting"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} to {self.user}: {self.story}"


class StreamEvent(FirmRow):
    """Something the browsers of a firm, or of one person in it, should hear: ids only, numbered after commit by the relay."""

    class Kind(models.TextChoices):
        ALERT = "alert", "alert"
        STORY = "story", "story"

    number = models.PositiveBigIntegerField(null=True, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    object_id = models.PositiveBigIntegerField()
    key = models.CharField(max_length=80, unique=True, help_text="The same event asked for twice is one row.")
    created_at = models.DateTimeField(db_default=Now())

    objects = FirmQuerySet["StreamEvent"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(number=None), name="event_unnumbered"),
            models.Index(fields=["firm", "number"], name="event_of_firm"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
