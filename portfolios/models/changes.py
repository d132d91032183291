"""Who changed the security master, and what."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from portfolios.models.master import Issuer


class MasterChange(models.Model):
    """One row of the master as a person left it. Written by the database itself; neither changed nor removed.

    `by` and `issuer` are numbers without a constraint: what was done stays told when the person or the company is gone.
    """

    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    why = models.CharField(max_length=300, blank=True)
    issuer = models.ForeignKey(Issuer, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="changes")
    table = models.CharField(max_length=40)
    row = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
