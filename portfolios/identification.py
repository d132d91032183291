"""Which security a row of a holdings file means, by the security master: its ISIN first, else its ticker and exchange."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Func, Value

from portfolios.exchange_names import US, family, split_suffix
from portfolios.holdings_file import FileRow, Problem, problem
from portfolios.models import Listing, Security


class Known(NamedTuple):
    """A security of the master: of fifty thousand, rows of the model would take most of an import's time."""

    pk: int
    isin: str | None
    name: str
    issuer_id: int


class Listed(NamedTuple):
    ticker: str
    mic: str
    security: Known

    def __str__(self) -> str:
        return f"{self.ticker} {self.mic}"


class Master:
    """The part of the security master that these rows may mean, read at once."""

    def __init__(self, rows: Sequence[FileRow]) -> None:
        isins = {row.isin for row in rows if row.isin}
        known = Security.objects.filter(isin__in=isins).values_list("pk", "isin", "name", "issuer_id")
        self.by_isin = {security.isin: security for security in (Known(*each) for each in known)}
        tickers = {row.ticker for row in rows} | {split_suffix(row.ticker)[0] for row in rows}
        self.listings: dict[str, list[Listed]] = defaultdict(list)
        current = Listing.objects.current().filter(ticker__in=tickers - {""}).order_by("mic")
        security = ("security_id", "security__isin", "security__name", "security__issuer_id")
        for ticker, mic, *each in current.values_list("ticker", "mic", *security):
            self.listings[ticker].append(Listed(ticker, mic, Known(*each)))

    def listed(self, ticker: str, mic: str) -> list[Listed]:
        """The listings under that ticker; only on that exchange where its MIC, or a suffix to the ticker (2317.TW), names one."""
        if ticker not in self.listings:
            ticker, suffix_mic = split_suffix(ticker)
            mic = mic or suffix_mic or ""
        return [listing for listing in self.listings.get(ticker, []) if not mic or _is_on(listing.mic, mic)]


def _is_on(mic: str, said: str) -> bool:
    """Whether a listing is on the exchange said; one of which we only know that it is in the US is on any there."""
    return mic == said or (US in {mic, said} and family(mic) == family(said))


Key = int | str  # of a position: the id of its security, or the currency of a cash balance


@dataclass(frozen=True, slots=True)
class Identified:
    """`keys` has the position of each row that names one, by row number; `problems` the rows that name none, several, or one
    that has a row already; `doubtful` the positions that a row with a problem, of whatever kind, means or may mean."""

    securities: dict[int, Known]
    keys: dict[int, Key]
    problems: list[Problem]
    doubtful: set[Key]


def identify(rows: Sequence[FileRow], spoiled: Sequence[FileRow]) -> Identified:
    """What the rows mean. `spoiled` are those with a problem already. The number of queries does not grow with the rows."""
    master = Master([*rows, *spoiled])
    found = Identified({}, {}, [], set())
    first: dict[Key, int] = {}
    currencies = {row.currency for row in rows if row.is_cash}
    for row in rows:
        meant = row.currency if row.is_cash else _security(row, master)
        if isinstance(meant, Problem):
            found.problems.append(meant)
            found.doubtful.update(_may_mean(row, master, currencies))
            continue
        if isinstance(meant, Known):
            found.securities[row.row] = meant
        key = found.keys[row.row] = meant.pk if isinstance(meant, Known) else meant
        if key in first:
            found.problems.append(_said_before(row, first[key]))
            found.doubtful.add(key)
        else:
            first[key] = row.row
    for row in spoiled:
        found.doubtful.update(_may_mean(row, master, currencies))
    found.problems[:] = _with_lost_zeros(found.problems)
    return found


def _may_mean(row: FileRow, master: Master, currencies: set[str]) -> set[Key]:
    if row.is_cash:
        return {row.currency} if row.currency in currencies else set(currencies)
    by_isin = master.by_isin.get(row.isin)
    listed = master.listed(row.ticker, row.mic) or master.listed(row.ticker, "") if row.ticker else []
    meant: set[Key] = {listing.security.pk for listing in listed}
    return meant | {by_isin.pk} if by_isin else meant


def _security(row: FileRow, master: Master) -> Known | Problem:
    listed = master.listed(row.ticker, row.mic) if row.ticker else []
    named = {listing.security.pk: listing.security for listing in listed}
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
    return problem(row.row, "isin", row.isin, f"{listed[0]} is {by_ticker.name}: {known}. Which of the two is meant?")


def _unlisted(row: FileRow, listed: list[Listed]) -> Problem:
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
