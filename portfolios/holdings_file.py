"""A holdings file as plain values: the rows it has, and each thing that is wrong with it by row, column and value.

Rows are counted as a spreadsheet counts them: the header is row 1. Names and costs in a file are not read: what a security is
called comes from the security master. Knows no database.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import is_currency
from stdnum import isin as isin_number
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from portfolios.cells import guarded, unguarded
from portfolios.columns import SIDES, TICKER, Layout, Sheet, lacking, named, open_sheet
from portfolios.delimited import Record, read_text
from portfolios.exchange_names import mic_of
from portfolios.quantities import is_scientific, read_number, shown_decimal_mark

MOST_ROWS = 100_000
LONGEST_SHOWN = 80
MOST_DECIMALS = 6
LARGEST = Decimal(10) ** 15
CASH = "CASH"

ABSENT = {"-", "--", "n/a", "#n/a", "na", "none", "null"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong where; `row` is None for the file as a whole."""

    row: int | None
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """One position, or a cash balance. Identifiers are in capitals, '' where the file has none; a short is negative."""

    row: int
    isin: str
    ticker: str
    mic: str
    quantity: Decimal
    currency: str

    @property
    def is_cash(self) -> bool:
        # CASH is also the ticker of a listed bank: with an ISIN or an exchange it is that bank.
        return self.ticker == CASH and not self.isin and not self.mic

    @property
    def label(self) -> str:
        """How to name the row to the person who sent it."""
        return self.isin or " ".join(part for part in (self.ticker, self.mic) if part)


@dataclass(frozen=True, slots=True)
class HoldingsFile:
    """`row_count` has every row below the header that is not blank, also those that could not be read.

    `spoiled` are the rows that a problem keeps out of `rows`: their identifiers as far as there are any, and no quantity; one for
    each cell that may be an identifier where the cells are not in their columns. `is_whole` unless rows at the end were not read.
    """

    row_count: int
    rows: tuple[FileRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    spoiled: tuple[FileRow, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class ExportRow:
    isin: str
    ticker: str
    mic: str
    name: str
    quantity: Decimal
    currency: str


def read_holdings(data: bytes) -> HoldingsFile:
    """Read a CSV file in UTF-8, UTF-16 with its mark, or Windows-1252, parted by comma, semicolon, tab or bar.

    Its columns are those that its first row names: what cells look like is never taken for it. Never raises on what is in the
    file: everything that cannot be read without guessing is a problem.
    """
    try:
        sheet = open_sheet(read_text(data))
    except ValueError as error:
        return unreadable(str(error))
    columns = named(sheet.first[1])
    if not any(columns):
        return unreadable("The first row is not a header. Name the columns: isin or ticker, mic, quantity.")
    return read_sheet(sheet, Layout(columns))


def read_sheet(sheet: Sheet, layout: Layout) -> HoldingsFile:
    """The rows below the header, or all of them where there is none, by columns that somebody said or a header names."""
    if reason := lacking(layout.columns):
        return unreadable(f"The {'header' if layout.has_header else 'choice of columns'} {reason}")
    header = sheet.first[1] if layout.has_header else []
    above = sheet.first[0] if layout.has_header else 0
    return _Reading(header, layout.columns).of(record for record in sheet.rows() if record[0] > above)


def unreadable(reason: str) -> HoldingsFile:
    """A file with nothing to read in it."""
    return HoldingsFile(0, (), (problem(None, "file", "", reason),), (), ())


def write_holdings(rows: Iterable[ExportRow]) -> bytes:
    """The rows as a CSV file that `read_holdings` reads back and a spreadsheet opens without running anything in it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["isin", "ticker", "mic", "name", "quantity", "currency"])
    for row in rows:
        cells = (row.isin, row.ticker, row.mic, row.name, _written(row.quantity), row.currency)
        writer.writerow([guarded(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def problem(row: int | None, column: str, value: str, reason: str) -> Problem:
    """A problem whose value is short enough to show."""
    shown = value if len(value) <= LONGEST_SHOWN else value[: LONGEST_SHOWN - 1] + "…"
    return Problem(row, column, shown.replace("\0", "\ufffd"), reason)


def _written(quantity: Decimal) -> str:
    # All six decimals or none: 1.125 alone could be read as a thousand and some.
    return f"{quantity:.0f}" if quantity == quantity.to_integral_value() else f"{quantity:.6f}"


class _Reading:
    """Reads the records of one file, and keeps what it finds."""

    def __init__(self, header: list[str], columns: Sequence[str]) -> None:
        self.header = header
        self.columns = columns
        self.rows: list[FileRow] = []
        self.spoiled: list[FileRow] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def of(self, below: Iterable[Record]) -> HoldingsFile:
        count, sound, is_whole = 0, [], True
        for row, cells, reason in below:
            count += 1
            if count > MOST_ROWS:
                self._add(row, "row", "", f"The file has more than {MOST_ROWS:,} rows, the most we read.")
                is_whole = False
                break
            wrong = reason or self._misfit(cells)
            if wrong:
                self._add(row, "row", ",".join(cells), wrong)
                self.spoiled.extend(_anything(row, cells))
                is_whole = is_whole and bool(cells)  # a row without cells is where reading stopped
            else:
                sound.append((row, [unguarded(cell) for cell in cells]))
        if not count:
            self._add(None, "file", "", "The file has a header and no rows." if self.header else "The file has no rows.")
        mark = shown_decimal_mark(self._cells(sound, "quantity")) or shown_decimal_mark(self._cells(sound, ""))
        for row, cells in sound:
            self._read(row, cells, mark)
        self.problems.sort(key=lambda found: found.row or 0)
        return HoldingsFile(count, tuple(self.rows), tuple(self.problems), tuple(self.warnings), tuple(self.spoiled), is_whole)

    def _cells(self, sound: list[tuple[int, list[str]]], column: str) -> Iterator[str]:
        for _, cells in sound:
            yield from (cell for name, cell in zip(self.columns, cells, strict=False) if name == column)

    def _misfit(self, cells: list[str]) -> str:
        if len(cells) > len(self.columns) and any(cells[len(self.columns) :]):
            others = "the header" if self.header else "most rows"
            return f"The row has {len(cells)} fields, {others} {len(self.columns)}. Put quotation marks around commas."
        return "The header stands here again: two files in one?" if cells == self.header else ""

    def _add(self, row: int | None, column: str, value: str, reason: str) -> None:
        self.problems.append(problem(row, column, value, reason))

    def _read(self, row: int, cells: list[str], mark: str | None) -> None:
        named = self._named(cells)
        known = len(self.problems)
        isin = self._isin(row, named.get("isin", ""))
        ticker = named.get("ticker", "").upper()
        mic = self._mic(row, named.get("mic", ""), needed=bool(ticker) and not isin)
        quantity = self._quantity(row, named.get("quantity", ""), named.get("side", ""), mark)
        found = FileRow(row, isin, ticker, mic, quantity, named.get("currency", "").upper())
        if not named.get("isin") and not ticker:
            self._add(row, "ticker" if "ticker" in self.columns else "isin", "", "The row names no security.")
        if found.is_cash and not is_currency(found.currency):
            self._add(row, "currency", found.currency, "A cash row needs its currency by its ISO code, such as USD.")
        if found.is_cash and quantity != round(quantity, 2):
            self._add(row, "quantity", named["quantity"], "A cash balance has two decimals at most.")
        if len(self.problems) > known:
            self.spoiled.append(self._identifiers(row, named))
        elif quantity or found.is_cash:
            self.rows.append(found)
        else:
            self.warnings.append(problem(row, "quantity", named["quantity"], "The quantity is zero: no position."))

    def _named(self, cells: list[str]) -> dict[str, str]:
        # A spreadsheet may leave out empty cells at the end of a row.
        return {name: cell for name, cell in zip(self.columns, cells, strict=False) if name and cell.lower() not in ABSENT}

    def _identifiers(self, row: int, named: dict[str, str]) -> FileRow:
        isin, mic = isin_number.compact(named.get("isin", "")), mic_of(named.get("mic", "")) or ""
        ticker, currency = (named.get(name, "").replace("\0", "").upper() for name in ("ticker", "currency"))
        return FileRow(row, isin if isin_number.is_valid(isin) else "", ticker, mic, Decimal(0), currency)

    def _isin(self, row: int, cell: str) -> str:
        try:
            return isin_number.validate(cell) if cell else ""
        except ValidationError as error:
            self._add(row, "isin", cell, _isin_reason(cell, error))
            return ""

    def _mic(self, row: int, cell: str, *, needed: bool) -> str:
        mic = mic_of(cell) if cell else ""
        if mic is None and needed:
            self._add(row, "mic", cell, "We know no exchange by that name. Give its ISO 10383 code, such as XTAI.")
        return mic or ""

    def _quantity(self, row: int, text: str, side: str, mark: str | None) -> Decimal:
        sign = SIDES.get(side.lower())
        if sign is None:
            self._add(row, "side", side, "The side must be long or short.")
        try:
            quantity = read_number(text, mark)
            _check_quantity(quantity, sign or 0)
        except ValueError as error:
            self._add(row, "quantity", text, str(error) if text else "The quantity is missing.")
            return Decimal(0)
        if is_scientific(text):
            self.warnings.append(problem(row, "quantity", text, f"Read as {quantity:,f}. Powers of ten may have lost digits."))
        return -abs(quantity) if sign == -1 else quantity


def _anything(row: int, cells: Sequence[str]) -> Iterator[FileRow]:
    """What a row may mean whose cells are not in their columns: any of them may be an identifier."""
    for cell in cells:
        isin, ticker = isin_number.compact(unguarded(cell)), unguarded(cell).upper()
        if isin_number.is_valid(isin):
            yield FileRow(row, isin, "", "", Decimal(0), "")
        elif TICKER.fullmatch(ticker):
            yield FileRow(row, "", ticker, "", Decimal(0), "")


def _isin_reason(cell: str, error: ValidationError) -> str:
    if re.fullmatch(r"[\d.,]+E[+-]?\d+", cell, re.IGNORECASE):
        return "A spreadsheet turned this ISIN into a number. Format the column as text and enter it again."
    if isinstance(error, InvalidChecksum):
        return "The check digit of this ISIN does not fit: a character is wrong."
    return "An ISIN has twelve characters." if isinstance(error, InvalidLength) else "This is not an ISIN."


def _check_quantity(quantity: Decimal, sign: int) -> None:
    if sign == 1 and quantity < 0:
        raise ValueError("The side is long and the quantity negative.")
    if abs(quantity) >= LARGEST:
        raise ValueError("The quantity is larger than any we keep.")
    if quantity != round(quantity, MOST_DECIMALS):
        raise ValueError(f"The quantity has more than {MOST_DECIMALS} decimals.")
