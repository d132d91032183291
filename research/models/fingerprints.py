"""What is kept of an article to find those that tell of the same event."""

from django.db import models
from django.db.models import Q

from accounts.scope import FirmQuerySet, PublicOrFirmRow
from research.models.articles import Article


class ArticleFingerprint(PublicOrFirmRow):
    """See research.fingerprints.Fingerprint. `vectors`: two rows of 256 half-precision numbers."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="fingerprint")
    moment = models.DateTimeField()
    data = models.JSONField()
    vectors = models.BinaryField()

    objects = FirmQuerySet["ArticleFingerprint"].as_manager()

    def __str__(self) -> str:
        return f"{self.article_id}"


class ArticleKey(PublicOrFirmRow):
    """A key under which an article is found, with its time: what is near in time is read, and nothing of the archive."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField(help_text="The first 63 bits of its hash.")
    moment = models.DateTimeField()

    objects = FirmQuerySet["ArticleKey"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["key", "moment"], include=["article", "firm"], name="articles_by_key"),
            # Firms' own are few among everybody's: these are found without passing by all of those.
            models.Index(
                fields=["key", "moment"],
                include=["article", "firm"],
                condition=Q(firm__isnull=False),
                name="private_articles_by_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.key}"
