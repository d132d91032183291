"""Whether a sign-in still holds, for connections that outlive a request: asked for many of them in a few queries."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from accounts.models import Membership, User
from accounts.scope import every_firm


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who a session belongs to, and the hash of the password it was opened with."""

    session_key: str
    user_id: int
    auth_hash: str


def sign_in_of(session_key: str) -> SignIn | None:
    """The sign-in that a session cookie's value stands for, whether or not it still holds."""
    # Not Django's get_user(): that may change the session's key, and a stream cannot send the new cookie.
    session = SessionStore(session_key).load()
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    return SignIn(session_key, int(session[SESSION_KEY]), session.get(HASH_SESSION_KEY, ""))


def firms_of(sign_ins: Collection[SignIn]) -> dict[SignIn, int]:
    """The id of the firm that each sign-in opens now. Those that opens none are left out: session ended or expired, password
    changed, person disabled or removed from the firm, its trial over. The firm is that of `access.membership_of`. Two queries."""
    keys = {sign_in.session_key for sign_in in sign_ins}
    people = {sign_in.user_id for sign_in in sign_ins}
    live = set(Session.objects.filter(session_key__in=keys, expire_date__gt=Now()).values_list("session_key", flat=True))
    with every_firm():
        active = Membership.objects.at_work().filter(user_id__in=people).select_related("user")
        members = {member.user_id: member for member in active.order_by("user_id", "pk").distinct("user_id")}
    return {
        sign_in: members[sign_in.user_id].firm_id
        for sign_in in sign_ins
        if sign_in.session_key in live
        and sign_in.user_id in members
        and _same_password(members[sign_in.user_id].user, sign_in.auth_hash)
    }


def _same_password(user: User, auth_hash: str) -> bool:
    now = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(auth_hash, accepted) for accepted in now)
