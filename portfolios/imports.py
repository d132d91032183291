"""A holdings file into a portfolio: all of it, or nothing, or by choice its good rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from portfolios.columns import Layout
from portfolios.holdings_file import FileRow, HoldingsFile, Problem, problem, read_holdings
from portfolios.identification import identify, in_row_order
from portfolios.models import CashBalance, Holding, Portfolio, Security
from portfolios.valuation import BATCH, revalue


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a portfolio stands: its number of positions, and NAV in its base currency, None where not measured."""

    holdings: int
    nav: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """One position or cash balance that the file changes; None is where there was, or will be, none."""

    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`rows` is what the file has, `applied` those that are new or changed, `unchanged` those the portfolio had already.

    `left_out` counts the rows that a person chose to leave out, because of `problems` that then refuse nothing.
    """

    rows: int
    applied: int
    unchanged: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    changes: tuple[Change, ...]
    before: Standing
    after: Standing
    left_out: int = 0

    @property
    def is_refused(self) -> bool:
        return bool(self.problems) and not self.left_out

    @property
    def removed(self) -> list[Change]:
        """The positions and balances that the file does not have."""
        return [change for change in self.changes if change.after is None]

    def as_json(self) -> dict[str, Any]:
        """The fields that `manage.py import_holdings` prints."""
        return {
            "rows": self.rows,
            "applied": self.applied,
            "unchanged": self.unchanged,
            "problems": [asdict(found) for found in self.problems],
            "before": _standing_json(self.before),
            "after": _standing_json(self.after),
        }


def import_holdings(
    portfolio: Portfolio, data: bytes, *, dry_run: bool = False, said: Layout | None = None, good_only: bool = False
) -> ImportResult:
    """Make the portfolio's positions those of the file, and value it; cash balances too where the file has cash rows.

    Positions that the file lacks are removed. Nothing changes if anything in the file is wrong, or on a dry run, whose result
    says what would have changed. The same file twice changes nothing the second time. `said` is what its columns are, where a
    person said so. With `good_only` the rows with a problem are left out, and nothing is removed: what they meant is not known.
    """
    file = read_holdings(data, said)
    with transaction.atomic():
        book = Portfolio.objects.select_for_update().get(pk=portfolio.pk)
        before = _standing(book)
        securities, unidentified = identify(file.rows)
        problems = in_row_order((*file.problems, *unidentified, *_empty(file)))
        good = _good_rows(file, securities, problems) if good_only else () if problems else file.rows
        if not good:
            return ImportResult(file.row_count, 0, 0, problems, file.warnings, (), before, before)
        changes = (
            *_replace_positions(book, good, securities, remove=not problems),
            *_replace_cash(book, good, remove=not problems),
        )
        revalue(book)
        applied = sum(1 for change in changes if change.after is not None)
        after = _standing(book)
        if dry_run:
            transaction.set_rollback(True)
    bad = {found.row for found in problems} | {row.row for row in file.rows}
    left_out = len(bad - {row.row for row in good})
    return ImportResult(file.row_count, applied, len(good) - applied, problems, file.warnings, changes, before, after, left_out)


def _good_rows(file: HoldingsFile, securities: dict[int, Security], problems: Sequence[Problem]) -> tuple[FileRow, ...]:
    """The rows without a problem, and without one that another row on the same security or currency has: two rows on one security
    would each be half of the position. None where the file as a whole is wrong."""
    bad = {found.row for found in problems}
    if None in bad:
        return ()
    doubtful = {_position(row, securities) for row in file.rows if row.row in bad}
    return tuple(row for row in file.rows if row.row not in bad and _position(row, securities) not in doubtful)


def _position(row: FileRow, securities: dict[int, Security]) -> tuple[str, int | str]:
    if row.is_cash:
        return "cash", row.currency
    security = securities.get(row.row)
    return ("security", security.pk) if security else ("row", row.row)


def _empty(file: HoldingsFile) -> list[Problem]:
    # A portfolio is never emptied by a file without a position: more likely the wrong one was sent.
    return [] if file.rows or file.problems else [problem(None, "file", "", "The file has no position that is not zero.")]


def _standing(portfolio: Portfolio) -> Standing:
    return Standing(portfolio.holdings.count(), portfolio.nav)


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {"holdings": standing.holdings, "nav": None if standing.nav is None else float(standing.nav)}


def _replace_positions(
    book: Portfolio, rows: Sequence[FileRow], securities: dict[int, Security], *, remove: bool
) -> list[Change]:
    had = dict(book.holdings.values_list("security_id", "quantity"))
    wanted = [(securities[row.row], row.quantity) for row in rows if row.row in securities]
    absent = had.keys() - {security.pk for security, _ in wanted} if remove else set()
    gone = book.holdings.filter(security__in=absent)
    removed = [Change(name, quantity, None) for name, quantity in gone.values_list("security__name", "quantity").order_by("pk")]
    gone.delete()
    changed = [(security, quantity) for security, quantity in wanted if had.get(security.pk) != quantity]
    fresh = [
        Holding(firm_id=book.firm_id, portfolio=book, security=security, issuer_id=security.issuer_id, quantity=quantity)
        for security, quantity in changed
    ]
    Holding.objects.bulk_create(
        fresh,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["portfolio", "security"],
        update_fields=["quantity", "issuer"],
    )
    return [Change(security.name, had.get(security.pk), quantity) for security, quantity in changed] + removed


def _replace_cash(book: Portfolio, good: Sequence[FileRow], *, remove: bool) -> list[Change]:
    rows = [row for row in good if row.is_cash]
    if not rows:
        return []
    had = {balance.currency: balance.amount for balance in book.cash_balances.all()}
    changed = [row for row in rows if had.get(row.currency) != row.quantity]
    gone = had.keys() - {row.currency for row in rows} if remove else set()
    book.cash_balances.filter(currency__in=gone).delete()
    CashBalance.objects.bulk_create(
        [_balance(book, row) for row in changed],
        update_conflicts=True,
        unique_fields=["portfolio", "currency"],
        update_fields=["amount"],
    )
    changes = [Change(f"Cash, {row.currency}", had.get(row.currency), row.quantity) for row in changed]
    return changes + [Change(f"Cash, {currency}", had[currency], None) for currency in sorted(gone)]


def _balance(book: Portfolio, row: FileRow) -> CashBalance:
    return CashBalance(firm_id=book.firm_id, portfolio=book, currency=row.currency, amount=row.quantity)
