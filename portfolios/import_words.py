"""What an import did, in words."""

from collections.abc import Mapping

from portfolios.formats import compact_money
from portfolios.imports import AGAIN, ImportResult

NEEDS = {
    "isin": "an ISIN",
    "ticker": "a ticker",
    "mic": "an exchange",
    "quantity": "a quantity",
    "side": "a side",
    "currency": "a currency",
}


def in_words(result: ImportResult, currency: str) -> str:
    """“12 rows imported, 2 need a ticker. 3 are new or changed, 9 as before. Nothing else was changed in the portfolio. NAV …”"""
    said = [f"{_rows(result.good)} imported{''.join(f', {words}' for words in needs_in_words(result.needs))}."]
    said.append(f"{result.applied:,} {'is' if result.applied == 1 else 'are'} new or changed, {result.unchanged:,} as before.")
    if count := len(result.removed):
        said.append(f"{count:,} {'position or balance' if count == 1 else 'positions or balances'} that the file lacks removed.")
    said.append("Nothing else was changed in the portfolio.")
    was = f"was {compact_money(result.before.nav, currency)} and " if result.before.nav is not None else ""
    said.append(f"NAV {was}is {compact_money(result.after.nav, currency) if result.after.nav is not None else 'not measured'}.")
    return " ".join(said)


def needs_in_words(needs: Mapping[str, int]) -> list[str]:
    """“2 need a ticker”, for each kind of row that is left out."""
    return [_need(column, count) for column, count in sorted(needs.items(), key=lambda item: -item[1])]


def _need(column: str, count: int) -> str:
    if column == AGAIN:
        return f"{count:,} left out because their position has several rows"
    if column not in NEEDS:
        return f"{count:,} could not be read"
    return f"{count:,} need{'s' if count == 1 else ''} {NEEDS[column]}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
