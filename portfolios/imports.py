"""A holdings file into a portfolio: all of it, or nothing."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

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
    """`rows` is what the file has, `applied` those that are new or changed, `unchanged` those the portfolio had already."""

    rows: int
    applied: int
    unchanged: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    changes: tuple[Change, ...]
    before: Standing
    after: Standing

    @property
    def is_refused(self) -> bool:
        return bool(self.problems)

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


def import_holdings(portfolio: Portfolio, data: bytes, *, dry_run: bool = False) -> ImportResult:
    """Make the portfolio's positions those of the file, and value it; cash balances too where the file has cash rows.

    Positions that the file lacks are removed. Nothing changes if anything in the file is wrong, or on a dry run, whose result
    says what would have changed. The same file twice changes nothing the second time.
    """
    file = read_holdings(data)
    with transaction.atomic():
        book = Portfolio.objects.select_for_update().get(pk=portfolio.pk)
        before = _standing(book)
        securities, unidentified = identify(file.rows)
        problems = in_row_order((*file.problems, *unidentified, *_empty(file)))
        if problems:
            return ImportResult(file.row_count, 0, 0, problems, file.warnings, (), before, before)
        changes = (*_replace_positions(book, file, securities), *_replace_cash(book, file))
        revalue(book)
        applied = sum(1 for change in changes if change.after is not None)
        after = _standing(book)
        if dry_run:
            transaction.set_rollback(True)
    return ImportResult(file.row_count, applied, len(file.rows) - applied, (), file.warnings, changes, before, after)


def _empty(file: HoldingsFile) -> list[Problem]:
    # A portfolio is never emptied by a file without a position: more likely the wrong one was sent.
    return [] if file.rows or file.problems else [problem(None, "file", "", "The file has no position that is not zero.")]


def _standing(portfolio: Portfolio) -> Standing:
    return Standing(portfolio.holdings.count(), portfolio.nav)


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {"holdings": standing.holdings, "nav": None if standing.nav is None else float(standing.nav)}


def _replace_positions(book: Portfolio, file: HoldingsFile, securities: dict[int, Security]) -> list[Change]:
    had = dict(book.holdings.values_list("security_id", "quantity"))
    wanted = [(securities[row.row], row.quantity) for row in file.rows if row.row in securities]
    gone = book.holdings.filter(security__in=had.keys() - {security.pk for security, _ in wanted})
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


def _replace_cash(book: Portfolio, file: HoldingsFile) -> list[Change]:
    rows = [row for row in file.rows if row.is_cash]
    if not rows:
        return []
    had = {balance.currency: balance.amount for balance in book.cash_balances.all()}
    changed = [row for row in rows if had.get(row.currency) != row.quantity]
    gone = had.keys() - {row.currency for row in rows}
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
