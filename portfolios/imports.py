"""A holdings file into a portfolio: all of it, or nothing, or by choice its good rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction

from portfolios.holdings_file import FileRow, HoldingsFile, Problem, problem, read_holdings
from portfolios.identification import Identified, identify, in_row_order
from portfolios.models import Portfolio
from portfolios.plan import Change, carry_out, make_plan
from portfolios.valuation import appraise, revalue

AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a portfolio stands: its number of positions, and NAV in its base currency, None where not measured."""

    holdings: int
    nav: Decimal | None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`rows` is what the file has, `applied` those that are new or changed, `unchanged` those the portfolio had already.

    `needs` counts the rows that were left out by choice, by the column of what they need; AGAIN where their position has several
    rows. With it `problems` refuse nothing.
    """

    rows: int
    applied: int
    unchanged: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    changes: tuple[Change, ...]
    before: Standing
    after: Standing
    needs: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return bool(self.problems) and not self.needs

    @property
    def good(self) -> int:
        """How many rows are, or would be, imported."""
        return self.applied + self.unchanged

    @property
    def left_out(self) -> int:
        return sum(self.needs.values())

    @property
    def fingerprint(self) -> str:
        """The same for two results that change the same: what was seen on a preview is what is applied."""
        return sha256(repr((self.changes, sorted(self.needs.items()))).encode()).hexdigest()[:16]

    @property
    def added(self) -> list[Change]:
        return [change for change in self.changes if change.before is None]

    @property
    def altered(self) -> list[Change]:
        return [change for change in self.changes if change.before is not None and change.after is not None]

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


def import_holdings(portfolio: Portfolio, data: bytes, *, dry_run: bool = False, good_only: bool = False) -> ImportResult:
    """`import_file` of a file whose columns its first row names."""
    return import_file(portfolio, read_holdings(data), dry_run=dry_run, good_only=good_only)


def import_file(portfolio: Portfolio, file: HoldingsFile, *, dry_run: bool = False, good_only: bool = False) -> ImportResult:
    """Make the portfolio's positions those of the file, and value it; cash balances too where the file has cash rows.

    Positions that the file lacks are removed. Nothing changes if anything in the file is wrong, or on a dry run, whose result
    says what would have changed. The same file twice changes nothing the second time. With `good_only` the rows with a problem
    are left out, and then nothing is removed: what they meant is not known.
    """
    with transaction.atomic():
        books = Portfolio.objects.all() if dry_run else Portfolio.objects.select_for_update()
        book = books.get(pk=portfolio.pk)
        before = Standing(book.holdings.count(), book.nav)
        found = identify(file.rows, file.spoiled)
        problems = in_row_order((*file.problems, *found.problems, *_empty(file, before.holdings)))
        good = _good_rows(file, found, problems) if good_only else () if problems else file.rows
        if not good:
            return ImportResult(file.row_count, 0, 0, problems, file.warnings, (), before, before)
        plan = make_plan(book, good, found.securities, remove=not problems)
        if not dry_run:
            carry_out(plan, book)
            revalue(book)
        nav = appraise(plan.quantities, plan.cash, book.base_currency)[2].nav if dry_run else book.nav
    applied = sum(1 for change in plan.changes if change.after is not None)
    unchanged, after = len(good) - applied, Standing(len(plan.quantities), nav)
    needs = _needs(file, found, problems, good)
    return ImportResult(file.row_count, applied, unchanged, problems, file.warnings, plan.changes, before, after, needs)


def _good_rows(file: HoldingsFile, found: Identified, problems: Sequence[Problem]) -> tuple[FileRow, ...]:
    """The rows without a problem whose position no other row with a problem means or may mean: of two rows on one security,
    each would be a part of the position. None where the file as a whole is wrong, or has rows that were not read."""
    bad = {each.row for each in problems}
    if None in bad or not file.is_whole:
        return ()
    return tuple(row for row in file.rows if row.row not in bad and found.keys[row.row] not in found.doubtful)


def _needs(file: HoldingsFile, found: Identified, problems: Sequence[Problem], good: Sequence[FileRow]) -> Counter[str]:
    left_out = {row.row for row in file.rows} - {row.row for row in good}
    columns = dict.fromkeys(left_out, AGAIN)
    for each in reversed(problems):
        if each.row is not None and each.row not in found.keys:
            columns[each.row] = each.column
    return Counter(columns.values())


def _empty(file: HoldingsFile, held: int) -> list[Problem]:
    # A portfolio is never emptied by a file without a position: more likely the wrong one was sent.
    if file.problems or any(not row.is_cash for row in file.rows):
        return []
    if not file.rows:
        return [problem(None, "file", "", "The file has no position that is not zero.")]
    reason = "The file has cash alone, and would remove every position. Give the positions too."
    return [problem(None, "file", "", reason)] if held else []


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {"holdings": standing.holdings, "nav": None if standing.nav is None else float(standing.nav)}
