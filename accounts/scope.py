"""The two walls between firms.

The first is in the queries: every private row carries its firm, and `of(firm)` is how it is asked for. The second holds when
the first is forgotten: row-level security shows a transaction only the rows of the firm it named, and none if it named none.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Self, TypeVar

from django.db import connection, migrations, models, transaction

RowT_co = TypeVar("RowT_co", bound=models.Model, covariant=True)


class FirmQuerySet(models.QuerySet[RowT_co]):
    def of(self, firm: models.Model) -> Self:
        """The rows of that firm."""
        return self.filter(firm=firm)

    def visible_to(self, firm: models.Model) -> Self:
        """The rows that everybody may see, and those of that firm."""
        return self.filter(models.Q(firm=None) | models.Q(firm=firm))


class FirmRow(models.Model):
    """A row that belongs to one firm."""

    firm = models.ForeignKey("accounts.Firm", on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class PublicOrFirmRow(models.Model):
    """A row that belongs to one firm, or to everybody where `firm` is null."""

    firm = models.ForeignKey("accounts.Firm", on_delete=models.CASCADE, related_name="+", null=True, blank=True)

    class Meta:
        abstract = True


Setting = tuple[str, str]  # app.firm, app.every_firm
NOBODY: Setting = ("", "")
_current: ContextVar[Setting] = ContextVar("firm_scope", default=NOBODY)


def _announce(setting: Setting) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.firm', %s, true), set_config('app.every_firm', %s, true)", setting)


@contextmanager
def _scope(setting: Setting) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _current.get()
        _announce(setting)
        token = _current.set(setting)
        try:
            yield
        finally:
            _current.reset(token)
        # An exception rolls back to the savepoint, and the setting with it. A released savepoint keeps the setting.
        if nested and not connection.needs_rollback:
            _announce(before)


def firm_scope(firm: models.Model) -> AbstractContextManager[None]:
    """A transaction that sees the rows of one firm, and those that belong to everybody."""
    return _scope((str(firm.pk), ""))


def every_firm() -> AbstractContextManager[None]:
    """A transaction that sees the rows of all firms: for the steps that must (matching, the sweep, the relay) and say so."""
    return _scope(("", "on"))


_OWN = "firm_id = NULLIF(current_setting('app.firm', true), '')::bigint"
_EVERY = "current_setting('app.every_firm', true) = 'on'"


def row_security(table: str, *, public: bool = False) -> migrations.RunSQL:
    """The policy of one table, as a migration's operation. Public rows are read by all, and written by cross-firm steps alone."""
    seen = f"firm_id IS NULL OR {_OWN} OR {_EVERY}" if public else f"{_OWN} OR {_EVERY}"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY firm_wall ON {table} USING ({seen}) WITH CHECK ({_OWN} OR {_EVERY});
        """,
        f"DROP POLICY firm_wall ON {table}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;",
    )
