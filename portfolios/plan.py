"""How a portfolio becomes what somebody wants it to hold: first the difference, then the rows for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.doorbell import ring
from portfolios.holdings_file import FileRow
from portfolios.identification import Known
from portfolios.models import CashBalance, Holding, Portfolio
from portfolios.valuation import BATCH


@dataclass(frozen=True, slots=True)
class Change:
    """One position or cash balance that changes; None is where there was, or will be, none."""

    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`quantities` and `cash` are what the portfolio will hold, by security id and by currency."""

    quantities: dict[int, Decimal]
    cash: dict[str, Decimal]
    changed: list[tuple[Known, Decimal]]
    gone: set[int]
    changed_cash: dict[str, Decimal]
    gone_cash: set[str]
    changes: tuple[Change, ...]


def make_plan(book: Portfolio, rows: Sequence[FileRow], securities: Mapping[int, Known], *, remove: bool) -> Plan:
    """What is to change for the portfolio to hold these rows; with `remove` nothing else, but for cash where no row has cash."""
    held = {pk: (quantity, name) for pk, quantity, name in _held(book)}
    had = {pk: quantity for pk, (quantity, _) in held.items()}
    wanted = [(securities[row.row], row.quantity) for row in rows if row.row in securities]
    changed = [(security, quantity) for security, quantity in wanted if had.get(security.pk) != quantity]
    gone = had.keys() - {security.pk for security, _ in wanted} if remove else set()
    had_cash = {balance.currency: balance.amount for balance in book.cash_balances.all()}
    wanted_cash = {row.currency: row.quantity for row in rows if row.is_cash}
    changed_cash = {currency: amount for currency, amount in wanted_cash.items() if had_cash.get(currency) != amount}
    gone_cash = had_cash.keys() - wanted_cash.keys() if remove and wanted_cash else set()
    changes = [Change(security.name, had.get(security.pk), quantity) for security, quantity in changed]
    changes += [Change(name, quantity, None) for pk, (quantity, name) in held.items() if pk in gone]
    changes += [Change(f"Cash, {currency}", had_cash.get(currency), amount) for currency, amount in changed_cash.items()]
    changes += [Change(f"Cash, {currency}", had_cash[currency], None) for currency in sorted(gone_cash)]
    quantities = {pk: quantity for pk, quantity in had.items() if pk not in gone}
    quantities |= {security.pk: quantity for security, quantity in changed}
    cash = {currency: amount for currency, amount in had_cash.items() if currency not in gone_cash} | changed_cash
    return Plan(quantities, cash, changed, gone, changed_cash, gone_cash, tuple(changes))


def _held(book: Portfolio) -> list[tuple[int, Decimal, str]]:
    return list(book.holdings.order_by("pk").values_list("security_id", "quantity", "security__name"))


def carry_out(plan: Plan, book: Portfolio) -> None:
    """Write the plan. The portfolio must be locked since before it was made."""
    book.holdings.filter(security__in=plan.gone).delete()
    Holding.objects.bulk_create(
        [
            Holding(
                firm_id=book.firm_id,
                portfolio_id=book.pk,
                security_id=security.pk,
                issuer_id=security.issuer_id,
                quantity=quantity,
            )
            for security, quantity in plan.changed
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["portfolio", "security"],
        update_fields=["quantity", "issuer"],
    )
    ring("ask_for_held", [book.pk] if plan.changed else [])
    book.cash_balances.filter(currency__in=plan.gone_cash).delete()
    CashBalance.objects.bulk_create(
        [
            CashBalance(firm_id=book.firm_id, portfolio=book, currency=currency, amount=amount)
            for currency, amount in plan.changed_cash.items()
        ],
        update_conflicts=True,
        unique_fields=["portfolio", "currency"],
        update_fields=["amount"],
    )
