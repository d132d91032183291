"""Keys for programs, and how often something may be done."""

import hashlib
import secrets
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now

from accounts.models.people import Firm, User
from accounts.scope import FirmQuerySet, FirmRow


class ApiTokenQuerySet(FirmQuerySet["ApiToken"]):
    def valid(self) -> Self:
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=Now()), revoked_at=None)


class ApiToken(FirmRow):
    """A key for programs. Only its hash is kept: the key itself is shown once, to the person who made it."""

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(key: str) -> str:
        # The key has 256 random bits, so a fast hash is enough: there is no dictionary to try.
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, firm: Firm, name: str, created_by: User | None = None, **fields: Any) -> tuple["ApiToken", str]:
        """A new token, and its key to show once."""
        key = "bw_" + secrets.token_urlsafe(32)
        return cls.objects.create(firm=firm, name=name, created_by=created_by, digest=cls.digest_of(key), **fields), key


class Limit(models.Model):
    """How often something was done since its window began: counted in the database, so that all processes count together."""

    key = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
