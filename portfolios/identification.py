"""Which security a row of a holdings file means, by the security master: its ISIN first, else its ticker and exchange."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, Func, Value

from portfolios.exchange_names import split_suffix
from portfolios.holdings_file import FileRow, Problem, problem
from portfolios.models import Listing, Security


class Master:
    """The part of the security master that these rows may mean, read at once."""

    def __init__(self, rows: Sequence[FileRow]) -> None:
        self.by_isin = {
            security.isin: security for security in Security.objects.filter(isin__in={row.isin for row in rows if row.isin})
        }
        tickers = {row.ticker for row in rows} | {split_suffix(row.ticker)[0] for row in rows}
        self.listings: dict[str, list[Listing]] = defaultdict(list)
        current = Listing.objects.current().filter(ticker__in=tickers - {""})
        for listing in current.select_related("security").order_by("mic"):
            self.listings[listing.ticker].append(listing)

    def listed(self, ticker: str, mic: str) -> list[Listing]:
        """The listings under that ticker; only on that exchange where its MIC, or a suffix to the ticker (2317.TW), names one."""
        if ticker not in self.listings:
            ticker, suffix_mic = split_suffix(ticker)
            mic = mic or suffix_mic or ""
        return [listing for listing in self.listings.get(ticker, []) if not mic or listing.mic == mic]


def identify(rows: Sequence[FileRow]) -> tuple[dict[int, Security], list[Problem]]:
    """The security of each row that is not cash, by row number, and the rows that name none, several, or one that has a row."""
    master = Master(rows)
    securities: dict[int, Security] = {}
    problems = []
    first: dict[int | str, int] = {}
    for row in rows:
        found = row.currency if row.is_cash else _security(row, master)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        key = found if isinstance(found, str) else found.pk
        if key in first:
            problems.append(_said_before(row, first[key]))
        else:
            first[key] = row.row
        if isinstance(found, Security):
            securities[row.row] = found
    return securities, _with_lost_zeros(problems)


def _security(row: FileRow, master: Master) -> Security | Problem:
    listed = master.listed(row.ticker, row.mic) if row.ticker else []
    named = {listing.security_id: listing.security for listing in listed}
    by_ticker = next(iter(named.values())) if len(named) == 1 else None
    if not row.isin:
        return by_ticker or _unlisted(row, listed)
    by_isin = master.by_isin.get(row.isin)
    has_exchange = bool(row.mic or split_suffix(row.ticker)[1])
    if by_ticker is None or not has_exchange or by_ticker == by_isin:
        return by_isin or problem(row.row, "isin", row.isin, "We know no security with this ISIN.")
    if by_isin is None and not by_ticker.isin:
        return by_ticker
    known = f"its ISIN is {by_ticker.isin}" if by_ticker.isin else "we know no ISIN of it"
    return problem(row.row, "isin", row.isin, f"{listed[0]} is {by_ticker}: {known}. Which of the two is meant?")


def _unlisted(row: FileRow, listed: list[Listing]) -> Problem:
    if listed:
        return problem(row.row, "ticker", row.ticker, f"Which exchange? {row.ticker} is on {', '.join(at.mic for at in listed)}.")
    where = f" on {row.mic}" if row.mic else ""
    return problem(row.row, "ticker", row.ticker, f"We know no listing {row.ticker}{where}.")


def _said_before(row: FileRow, first: int) -> Problem:
    column = "currency" if row.is_cash else "isin" if row.isin else "ticker"
    value = row.currency if row.is_cash else row.label
    return problem(
        row.row, column, value, f"This is in row {first} already. Give each security one row, with its whole quantity."
    )


def _with_lost_zeros(problems: list[Problem]) -> list[Problem]:
    """Says of unknown numbers which ticker they would be with the zeros in front that spreadsheets drop: 5930 is 005930."""
    numbers = {found.value for found in problems if found.column == "ticker" and found.value.isdigit()}
    if not numbers:
        return problems
    bare = Func(F("ticker"), Value("0"), function="LTRIM")
    meant = {
        listing.ticker.lstrip("0"): str(listing)
        for listing in Listing.objects.current().alias(bare=bare).filter(bare__in=numbers)
    }
    return [_with_hint(found, meant) for found in problems]


def _with_hint(found: Problem, meant: dict[str, str]) -> Problem:
    if found.column != "ticker" or found.value not in meant:
        return found
    hint = f" {meant[found.value]} we know: did a spreadsheet drop the zeros?"
    return Problem(found.row, found.column, found.value, found.reason + hint)


def in_row_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda found: found.row or 0))
