"""Invitations: people join a firm by a link that is signed, works once and for seven days, and was mailed to their address.

The link makes an account for an address that has none. It never signs in an account that exists: its owner signs in first.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.doorbell import ring
from accounts.models import Firm, Invitation, Membership, User
from accounts.outbox import post
from accounts.scope import every_firm

SIGNER = signing.Signer(salt="accounts.invitation")  # when it ends is in the row
VALID_FOR = timedelta(days=7)


class Refused(Exception):
    """An invitation that cannot be made or accepted: what is wrong, and what the person can do about it."""

    def __init__(self, title: str, text: str, status: int = 410, *, sign_in: bool = False) -> None:
        super().__init__(title)
        self.title, self.text, self.status, self.sign_in = title, text, status, sign_in


@transaction.atomic
def invite(firm: Firm, email: str, role: str, by: User, name: str = "") -> Invitation:
    """Invite an address to a firm, and mail the link. An open invitation of the same address is renewed and mailed again.

    Raises Refused for a member of the firm. Who is in another firm is told when they accept, and nobody else is.
    """
    email = email.strip().lower()
    if Membership.objects.of(firm).filter(user=account_of(email)).exists():
        raise Refused("Nobody was invited", f"{email} belongs to {firm.name} already.", 409)
    invitation, _ = Invitation.objects.update_or_create(
        firm=firm,
        email=email,
        accepted_at=None,
        defaults={"role": role, "name": name, "invited_by": by, "expires_at": timezone.now() + VALID_FOR},
    )
    context = {
        "invitation": invitation,
        "firm": firm,
        "by": by,
        "days": VALID_FOR.days,
        "action_url": settings.BASE_URL + path_of(invitation),
        "action_label": "Accept the invitation",
    }
    post("invitation", email, context)
    return invitation


def path_of(invitation: Invitation) -> str:
    """Where the invitation is accepted: whoever has this can."""
    token = SIGNER.sign_object([invitation.pk, invitation.email])
    return reverse("accounts:invitation", kwargs={"token": token})


def account_of(email: str) -> User | None:
    """Whose address this is: their own, or another that they have confirmed."""
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return User.objects.filter(email=email).first() or User.objects.filter(pk__in=confirmed).first()


def open_invitation(token: str, *, lock: bool = False) -> Invitation:
    """The invitation that a link stands for, while it can be accepted. Raises Refused. Call it inside every_firm()."""
    try:
        pk, email = SIGNER.unsign_object(token)
    except signing.BadSignature:
        raise Refused(
            "This link is not whole",
            "It may have been cut off on its way. Open it once more from the mail, or ask whoever invited you to do it again.",
            404,
        ) from None
    rows = Invitation.objects.select_for_update(of=("self",)) if lock else Invitation.objects.all()
    found = rows.select_related("firm", "invited_by").filter(pk=pk, email=email).first()
    if found is None:
        raise Refused("This invitation was withdrawn", "Nothing was stored about you. Ask whoever invited you if that was meant.")
    if found.accepted_at:
        raise Refused(
            "This invitation was used already",
            f"A link works once. The account of {found.email} is there: sign in.",
            sign_in=True,
        )
    if found.expires_at <= timezone.now():
        asked = f" of {found.invited_by.name or found.invited_by.email}" if found.invited_by else ""
        raise Refused("This invitation is too old", f"A link works for {VALID_FOR.days} days. Ask for a new one{asked}.")
    return found


def accept_as_new(token: str, name: str, password: str | None) -> User:
    """Make the account of an invited person, in their firm. Without a password they have none, and need a passkey.

    Raises Refused, also when the address has got an account in the meantime.
    """
    with every_firm(), transaction.atomic():
        invitation = open_invitation(token, lock=True)
        if account_of(invitation.email):
            raise _has_account()
        user = _create(invitation.email, password, name)
        # Whoever has the link reads the mail of this address.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        _join(invitation, user)
    return user


def _create(email: str, password: str | None, name: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, name=name)
    except IntegrityError:  # by another firm's invitation of the same address, just now
        raise _has_account() from None


def _has_account() -> Refused:
    return Refused(
        "There is an account of this address", "Sign in with it, then open the link of the mail again.", 409, sign_in=True
    )


def accept_as(token: str, user: User) -> None:
    """Take a signed-in person who was invited into the firm. Raises Refused."""
    with every_firm(), transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # another firm's invitation is a row of its own
        invitation = open_invitation(token, lock=True)
        if account_of(invitation.email) != user:
            raise Refused("This invitation is somebody else's", f"It was sent to {invitation.email}. Sign in as them.", 403)
        if membership := Membership.objects.filter(user=user).select_related("firm").first():
            raise Refused(
                "You belong to a firm already",
                f"A person works in one firm here, and you in {membership.firm.name}. Ask to be invited at another address.",
                409,
            )
        _join(invitation, user)


def _join(invitation: Invitation, user: User) -> None:
    membership = Membership.objects.create(firm=invitation.firm, user=user, role=invitation.role)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=Now(), accepted_by=user)
    ring("welcome_members", [membership.pk])
