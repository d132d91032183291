"""What somebody sent to be imported, until they have decided on it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, FirmRow
from portfolios.models.book import Portfolio


class Upload(FirmRow):
    """A holdings file, or cells that were pasted, as they came: looked at on a preview, then applied or left to be pruned."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200, blank=True, help_text="Of the file; empty for pasted cells.")
    data = models.BinaryField()
    columns = models.JSONField(default=dict, blank=True, help_text="What a person said each column is, by its place from 0.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="What applying it did, in words.")

    objects = FirmQuerySet["Upload"].as_manager()

    def __str__(self) -> str:
        return self.name or "pasted cells"
