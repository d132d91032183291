"""Sources and the articles that came from them."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, PublicOrFirmRow
from accounts.work import WorkQuerySet, WorkRow

QUIET_FOR = timedelta(minutes=10)


class SourceQuerySet(FirmQuerySet["Source"]):
    def due(self) -> Self:
        """Active feeds whose interval is over and which no worker is fetching."""
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        return self.filter(free, is_active=True, kind=Source.Kind.FEED, next_at__lte=Now())

    def stale(self) -> Self:
        """Active feeds that were not read for ten minutes longer than their interval, or never, though it was tried or is due."""
        late = Q(polled_at__lt=Now() - QUIET_FOR - F("interval_seconds") * timedelta(seconds=1))
        never = Q(polled_at=None) & (Q(failures__gt=0) | Q(next_at__lt=Now() - QUIET_FOR))
        return self.filter(late | never, is_active=True, kind=Source.Kind.FEED)


class Source(PublicOrFirmRow):
    """Where articles come from: everybody's, or one firm's."""

    class Kind(models.TextChoices):
        FEED = "feed", "feed"
        PUSH = "push", "push"
        FILE = "file", "file"
        ASKED = "asked", "asked for by a person"

    class Rights(models.TextChoices):
        READ = "read", "may be read by a model"
        SHOW = "show", "may be shown to people, and sent to no model"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.FEED)
    rights = models.CharField(max_length=8, choices=Rights.choices, default=Rights.READ, help_text="What its licence allows.")
    url = models.URLField(max_length=1000, blank=True)
    interval_seconds = models.PositiveIntegerField(default=300)
    is_active = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    next_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Failed polls in a row.")
    error = models.TextField(blank=True, default="")
    etag = models.CharField(max_length=300, blank=True, default="")
    last_modified = models.CharField(max_length=100, blank=True, default="")
    polled_at = models.DateTimeField(null=True, blank=True, help_text="The last poll that succeeded.")

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "name"], nulls_distinct=False, name="one_source_per_name")]

    def __str__(self) -> str:
        return self.name


class Article(PublicOrFirmRow, WorkRow):
    """One provider's item. `text` is what a reader sees, cleaned when it was stored; quotes and mentions point into it.

    `published_at` is the provider's claim, `received_at` our clock: the latter decides what was known when.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="articles")
    guid = models.CharField(max_length=500)
    url = models.CharField(max_length=2000, blank=True)
    canonical_url = models.CharField(max_length=1000, blank=True)
    source_name = models.CharField(max_length=120, blank=True, help_text="The outlet, where it is not the source itself.")
    title = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=20, blank=True)
    parties = models.JSONField(default=list, blank=True, help_text="Of a filing: name, number and role of each party.")
    flags = models.JSONField(default=list, blank=True, help_text="What looked suspicious in the original.")
    content_hash = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    is_backfill = models.BooleanField(default=False, help_text="It never alerts: old news, or what a person asked for.")
    story = models.ForeignKey("research.Story", on_delete=models.SET_NULL, null=True, blank=True, related_name="articles")
    copy_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Of its story, the one it repeats."
    )

    objects = WorkQuerySet["Article"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "guid"], name="one_article_per_guid"),
            models.UniqueConstraint(
                fields=["firm", "canonical_url"],
                nulls_distinct=False,
                condition=~Q(canonical_url=""),
                name="one_article_per_url",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="article_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def outlet(self) -> str:
        """The name to show for where it came from."""
        return self.source_name or self.source.name


class ArticleRevision(PublicOrFirmRow):
    """What an article said before its provider changed it."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    replaced_at = models.DateTimeField(db_default=Now())

    objects = FirmQuerySet["ArticleRevision"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "revision"], name="one_row_per_revision")]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.revision})"
