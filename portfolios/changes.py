"""Changes that people make to the security master: each is kept with who, when and why, by the database itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from portfolios.models import MasterChange

_NOUNS = {
    "portfolios_issuer": ("Company", "name"),
    "portfolios_alias": ("Name", "text"),
    "portfolios_security": ("Security", "name"),
    "portfolios_listing": ("Listing", "ticker"),
    "portfolios_relation": ("Relation", "kind"),
}
_UNSAID = {"id", "source"}
_WORDS = {True: "yes", False: "no", None: "none", "": "none"}


@contextmanager
def changes_by(user: User, why: str = "") -> Iterator[None]:
    """In one transaction: what is changed in the master within is noted as done by that person."""
    with transaction.atomic():
        before = _said_by()
        _say(f"{user.pk}", why)
        yield
        _say(*before)  # not in a finally: after an error nothing is left to note


def _said_by() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.changed_by', true), current_setting('app.changed_why', true)")
        person, why = cursor.fetchone()
    return person or "", why or ""


def _say(person: str, why: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.changed_by', %s, true), set_config('app.changed_why', %s, true)", (person, why))


def in_words(change: MasterChange) -> str:
    """What was changed, in one sentence: “Name “Apple”: needs corroboration no → yes”."""
    noun, title = _NOUNS[change.table]
    before, after = change.before or {}, change.after or {}
    subject = f"{noun} “{(after or before).get(title, '')}”"
    if not before:
        return f"{subject} added"
    if not after:
        return f"{subject} removed"
    said = [
        f"another {name.removesuffix('_id').replace('_', ' ')}"
        if name.endswith("_id")
        else f"{name.replace('_', ' ')} {_said(before.get(name))} → {_said(value)}"
        for name, value in after.items()
        if value != before.get(name) and name not in _UNSAID
    ]
    return f"{subject}: {', '.join(said)}" if said else f"{subject} confirmed"


def _said(value: Any) -> str:
    return _WORDS[value] if isinstance(value, bool | None) or value == "" else f"“{value}”"
