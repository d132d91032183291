"""What is known of the model's server: how to ask it, and whether it is any use to ask now. Of the whole installation."""

from typing import Self
from urllib.parse import urlsplit

from django.db import models

REMEDIES = {
    "auth": "It does not take our key: give it another one (OPENAI_API_KEY).",
    "quota": "The account has nothing left: add credit, or raise its limit.",
    "config": "Address or model are wrong: see OPENAI_BASE_URL and OPENAI_MODEL.",
}


class ModelEndpointQuerySet(models.QuerySet["ModelEndpoint"]):
    def open(self) -> Self:
        """Those that are not asked: their circuit is open."""
        return self.exclude(opened_at=None)


class ModelEndpoint(models.Model):
    """One address and model. The row is what all processes go by, and what a restart finds again.

    While its circuit is open (`opened_at`) nothing is sent, but for one try at a time from `probe_at` on.
    """

    base_url = models.CharField(max_length=500)
    model = models.CharField(max_length=120)
    response_format = models.CharField(max_length=12, blank=True, help_text="Empty: not learned yet.")
    temperature = models.BooleanField(default=True, help_text="Whether it takes a temperature.")
    limit_name = models.CharField(max_length=24, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)
    believed_until = models.DateTimeField(null=True, blank=True, help_text="Where a passing failure may have taught it.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row, of the kind that may pass.")
    opened_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True, help_text="When one request may be tried again.")
    kind = models.CharField(max_length=12, blank=True, help_text="Of what opened the circuit: quota, auth, server, …")
    reason = models.CharField(max_length=300, blank=True)
    key_digest = models.CharField(
        max_length=12, blank=True, help_text="Of the key that was refused: another one is tried at once."
    )

    objects = ModelEndpointQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["base_url", "model"], name="one_row_per_endpoint")]

    def __str__(self) -> str:
        return f"{self.model} at {self.host}"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def remedy(self) -> str:
        """What somebody has to do before it is of use again."""
        return REMEDIES.get(self.kind, "It is tried again by itself.")
