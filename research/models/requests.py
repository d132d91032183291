"""What people ask to be read: a page, or a text of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.scope import FirmRow
from accounts.work import WorkQuerySet, WorkRow
from research.models.articles import Article


class ReadRequest(FirmRow, WorkRow):
    """One page or text that somebody of a firm wants read, for that firm alone. Its work is to fetch the page."""

    url = models.CharField(max_length=2000, blank=True)
    title = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = WorkQuerySet["ReadRequest"].as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="read_request_due")]

    def __str__(self) -> str:
        return self.title or self.url

    def get_absolute_url(self) -> str:
        return f"/read/{self.pk}/"
