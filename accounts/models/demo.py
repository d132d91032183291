"""Visitors who asked for a demo."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.people import Firm, User


class DemoRequest(models.Model):
    """A visitor who asked for a demo. It belongs to us, not to a firm: staff see it in the administration pages.

    It enters their queue when its address was confirmed: until then anybody may have typed it.
    """

    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "address not confirmed"
        NEW = "new", "new"
        CONTACTED = "contacted", "contacted"
        PROVISIONED = "provisioned", "has a trial"
        CLOSED = "closed", "closed"

    firm_name = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    email_key = models.CharField(max_length=254, db_index=True, help_text="The mailbox, however its address is written.")
    role = models.CharField(max_length=80, blank=True)
    holds = models.CharField(max_length=200, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    about = models.CharField(max_length=200, blank=True, help_text="The published story they came from.")
    consented_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.UNCONFIRMED)
    is_duplicate = models.BooleanField(default=False, help_text="The same mailbox or firm had asked before.")
    is_disposable = models.BooleanField(default=False, help_text="An address of a service for throw-away mailboxes.")
    owner = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"is_staff": True},
        help_text="Who of us looks after it.",
    )
    notes = models.TextField(blank=True, help_text="Ours; the visitor never sees them.")
    trial = models.OneToOneField(
        Firm, on_delete=models.SET_NULL, null=True, blank=True, related_name="demo_request", help_text="The firm they were given."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name}, {self.firm_name}"
