"""Firms, the people in them, and the visitors who ask for a demo."""

import hashlib
import secrets
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from accounts.scope import FirmQuerySet, FirmRow
from accounts.zones import is_zone


class Firm(models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    is_sample = models.BooleanField(default=False)
    sample_started_at = models.DateTimeField(
        null=True, blank=True, help_text="When the sample feed began to release its stories."
    )
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


def validate_zone(name: str) -> None:
    if not is_zone(name):
        raise ValidationError(f"“{name}” is not a time zone of the IANA list. Europe/London is one.")


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "", "as the device"
        LIGHT = "light", "light"
        DARK = "dark", "dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    theme = models.CharField(max_length=5, blank=True, default=Theme.SYSTEM, choices=Theme.choices)
    alert_email = models.BooleanField(default=True, help_text="Send my alerts by e-mail too.")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="Works for us: may open the administration pages.")
    date_joined = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.email

    @property
    def initials(self) -> str:
        """Two letters for the account button."""
        words = (self.name or self.email).split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class Membership(FirmRow):
    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "administrator"
        PORTFOLIO_MANAGER = "portfolio_manager", "portfolio manager"
        ANALYST = "analyst", "analyst"
        COMPLIANCE = "compliance", "compliance officer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now())

    objects = FirmQuerySet["Membership"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "user"], name="one_membership_per_firm")]

    def __str__(self) -> str:
        return f"{self.user} at {self.firm}"

    @property
    def may_edit_portfolios(self) -> bool:
        return self.role in (self.Role.ADMINISTRATOR, self.Role.PORTFOLIO_MANAGER)

    @property
    def may_edit_rules(self) -> bool:
        return self.role != self.Role.COMPLIANCE


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


class DemoRequest(models.Model):
    """A visitor who asked for a demo. It belongs to us, not to a firm: staff see it in the administration pages."""

    class Status(models.TextChoices):
        NEW = "new", "new"
        CONTACTED = "contacted", "contacted"
        CLOSED = "closed", "closed"

    firm_name = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    role = models.CharField(max_length=80, blank=True)
    holds = models.CharField(max_length=200, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    consented_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name}, {self.firm_name}"
