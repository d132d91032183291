"""Which column of a file is what: by the names in its first row, else by what its cells look like. Knows no database.

What cells look like is a guess. It is for a person to confirm, and nothing is imported by it before.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from babel.numbers import is_currency
from stdnum import isin as isin_number

from portfolios.cells import unguarded
from portfolios.delimited import Record, records
from portfolios.exchange_names import known_mic, split_suffix
from portfolios.quantities import read_number, shown_decimal_mark

MOST_COLUMNS = 100
DELIMITERS = ",;\t|"
SAMPLE_ROWS = 200

COLUMNS = {
    "isin": ("isin", "isincode", "isinnumber", "securityisin"),
    "ticker": ("ticker", "symbol", "tickersymbol", "stockcode", "localcode"),
    "mic": ("mic", "miccode", "exchange", "exchangecode", "market", "venue"),
    "quantity": ("quantity", "qty", "shares", "units", "position", "sharesheld", "numberofshares", "noofshares"),
    "side": ("side", "longshort", "direction"),
    "currency": ("currency", "ccy", "curr", "currencycode"),
}
NAMES = {name: column for column, names in COLUMNS.items() for name in names}
SIDES = {"": 0, "long": 1, "l": 1, "buy": 1, "b": 1, "short": -1, "s": -1, "sell": -1}
TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-/]{0,14}")
CODE = re.compile(r"\d{4,6}")
WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column is, by its place: one of COLUMNS, or '' for what is not read. `is_guess` until a person has said so."""

    columns: tuple[str, ...]
    has_header: bool = True
    is_guess: bool = False

    def as_json(self) -> dict[str, Any]:
        return {str(place): column for place, column in enumerate(self.columns)} | {"header": self.has_header}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Layout":
        """What `as_json` gave."""
        places = sorted(int(place) for place in said if place != "header")
        return cls(tuple(said[str(place)] for place in places), has_header=said["header"])


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file before anything in them is understood. `first` is the first that is not blank."""

    text: str
    delimiter: str
    first: Record

    def rows(self) -> Iterator[Record]:
        """Every row that is not blank, and those that cannot be read, with the reason."""
        return (record for record in records(self.text, self.delimiter) if any(record[1]) or record[2])

    def sample(self, most: int) -> list[Record]:
        return list(islice(self.rows(), most))


def open_sheet(text: str) -> Sheet:
    """The text as rows, parted by the mark under which the first row names most columns, or else its cells make most sense.

    Raises ValueError, with a reason to show, where not even the first row can be read.
    """
    choices = [Sheet(text, mark, _first(text, mark)) for mark in DELIMITERS]
    sheet = max(choices, key=lambda sheet: sum(1 for column in named(sheet.first[1]) if column))
    if not any(named(sheet.first[1])):
        sheet = max(choices, key=lambda sheet: sum(1 for column in lay_out(sheet).columns if column))
    if sheet.first[2]:
        raise ValueError(sheet.first[2])
    if len(sheet.first[1]) > MOST_COLUMNS:
        raise ValueError(f"The file has more than {MOST_COLUMNS} columns, the most we read.")
    return sheet


def _first(text: str, delimiter: str) -> Record:
    first = next((record for record in records(text, delimiter) if any(record[1:])), None)
    if first is None:
        raise ValueError("The file is empty.")
    return first


def named(header: Sequence[str]) -> tuple[str, ...]:
    """The columns by the names we use; '' for those that we do not read."""
    return tuple(NAMES.get(re.sub(r"[\W_]+", "", name).lower(), "") for name in header)


def lacking(columns: Sequence[str]) -> str:
    """Why these columns do not make a holdings file, or ''."""
    if "quantity" not in columns:
        return "names no column quantity."
    if "isin" not in columns and "ticker" not in columns:
        return "names neither isin nor ticker."
    twice = doubled(columns)
    return f"has two columns for {twice}. Leave one of them." if twice else ""


def doubled(columns: Sequence[str]) -> str:
    """The first column that is there twice, or ''."""
    return next((column for column in COLUMNS if list(columns).count(column) > 1), "")


def lay_out(sheet: Sheet) -> Layout:
    """The columns as the first row names them; where it does not name enough, with a guess at the rest."""
    sample = [record[1] for record in sheet.sample(SAMPLE_ROWS) if not record[2]]
    header = sheet.first[1][:MOST_COLUMNS]
    names = named(header)
    if not lacking(names) or doubled(names):
        return Layout(names)
    below = [[unguarded(cell) for cell in cells] for cells in sample[1:] or sample]
    width = len(header) if any(names) else Counter(len(cells) for cells in below).most_common(1)[0][0] if below else 0
    fitting = [cells for cells in below if len(cells) <= width]  # a comma too many shifts what stands behind it
    columns = guess(fitting, (*names, *[""] * (width - len(names)))[:MOST_COLUMNS])
    return Layout(columns, has_header=any(names) or _is_header(header, columns), is_guess=True)


def _is_header(first: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether the first row, which has no name that we know, names columns in words of its own: “Bestand” over numbers."""
    cells = dict(zip(columns, first, strict=False))
    return WORD.search(cells.get("quantity", "")) is not None and not isin_number.is_valid(cells.get("isin", ""))


def guess(rows: Sequence[Sequence[str]], known: Sequence[str]) -> tuple[str, ...]:
    """`known` with a guess, by what the cells look like, at each kind of column it lacks."""
    columns = list(known)
    cells = [[row[place] for row in rows if place < len(row) and row[place]] for place in range(len(columns))]

    def put(column: str, fits: Callable[[str], bool], least: float = 0.9) -> None:
        if column in columns:
            return
        for place, found in enumerate(cells):
            if not columns[place] and found and sum(map(fits, found)) >= least * len(found):
                columns[place] = column
                return

    put("isin", isin_number.is_valid, least=0.5)
    put("currency", lambda cell: is_currency(cell.upper()))
    put("side", lambda cell: cell.lower() in SIDES and len(cell) > 1)
    put("mic", lambda cell: known_mic(cell) is not None)
    put("ticker", lambda cell: split_suffix(cell)[1] is not None, least=0.5)
    put("ticker", lambda cell: TICKER.fullmatch(cell) is not None and not _is_number(cell, None), least=0.5)
    if "isin" not in columns:  # where nothing else names the securities, numbers may: 2317 is a ticker
        put("ticker", lambda cell: CODE.fullmatch(cell) is not None, least=1)
    marks = [shown_decimal_mark(found) for found in cells]
    mark = next((mark for mark in marks if mark), None)
    put("quantity", lambda cell: _is_whole(cell, mark))
    put("quantity", lambda cell: _is_number(cell, mark))
    return tuple(columns)


def _is_number(cell: str, mark: str | None) -> bool:
    try:
        read_number(cell, mark)
    except ValueError:
        return False
    return True


def _is_whole(cell: str, mark: str | None) -> bool:
    return _is_number(cell, mark) and read_number(cell, mark) % 1 == 0
