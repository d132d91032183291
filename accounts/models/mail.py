"""Mail that waits to be sent: to people, visitors and staff. Alerts are deliveries, and have a queue of their own."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.work import WorkQuerySet, WorkRow


class OutgoingMail(WorkRow):
    """One message to one address, written when it was decided on and sent outside the request. What it says is dropped once it
    was sent, for it may carry a link that signs somebody in."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Its Message-ID: two copies show as one.")
    kind = models.CharField(max_length=60, help_text="The template it was written from.")
    to = models.EmailField()
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = WorkQuerySet["OutgoingMail"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="mail_due")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"
