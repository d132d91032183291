"""Firms, the people in them, and those who are invited."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.scope import FirmQuerySet, FirmRow
from accounts.zones import validate_zone


class Firm(models.Model):
    KEPT_AFTER_TRIAL = timedelta(days=30)

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    is_sample = models.BooleanField(default=False)
    sample_started_at = models.DateTimeField(
        null=True, blank=True, help_text="When the sample feed began to release its stories."
    )
    trial_ends_at = models.DateTimeField(null=True, blank=True, help_text="Of a firm that came by a demo request.")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name

    @property
    def trial_is_over(self) -> bool:
        return self.trial_ends_at is not None and self.trial_ends_at <= timezone.now()

    @property
    def kept_until(self) -> datetime | None:
        """When the data of a trial is removed. It goes on instead when its end is taken away."""
        return self.trial_ends_at and self.trial_ends_at + self.KEPT_AFTER_TRIAL


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


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


class MembershipQuerySet(FirmQuerySet["Membership"]):
    def at_work(self) -> Self:
        """Those of active people, in firms whose trial is not over."""
        on = models.Q(firm__trial_ends_at=None) | models.Q(firm__trial_ends_at__gt=Now())
        return self.filter(on, user__is_active=True)


class Membership(FirmRow):
    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "administrator"
        PORTFOLIO_MANAGER = "portfolio_manager", "portfolio manager"
        ANALYST = "analyst", "analyst"
        COMPLIANCE = "compliance", "compliance officer"
        VISITOR = "visitor", "visitor, who may look and change nothing"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now())

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "user"], name="one_membership_per_firm")]

    def __str__(self) -> str:
        return f"{self.user} at {self.firm}"

    @property
    def may_edit_portfolios(self) -> bool:
        return self.role in (self.Role.ADMINISTRATOR, self.Role.PORTFOLIO_MANAGER)

    @property
    def may_edit_rules(self) -> bool:
        return self.role not in (self.Role.COMPLIANCE, self.Role.VISITOR)

    @property
    def is_administrator(self) -> bool:
        return self.role == self.Role.ADMINISTRATOR

    @property
    def may_correct(self) -> bool:
        """Whether they may say that a story is not about a company, or about another."""
        return not self.may_only_look

    @property
    def may_read_replies(self) -> bool:
        """Whether they see what a model wrote, word for word: who works with scores, or answers for them."""
        return self.role != self.Role.VISITOR

    @property
    def may_only_look(self) -> bool:
        return self.role == self.Role.VISITOR


class Invitation(FirmRow):
    """A person asked to join a firm. The link in their mail is signed, and works once."""

    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, choices=Membership.Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = FirmQuerySet["Invitation"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "email"], condition=models.Q(accepted_at=None), name="one_open_invitation_per_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.firm}"
