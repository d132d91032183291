"""Registers of companies and their listings, read into entries. Knows no database.

- SEC: `company_tickers.json`, US tickers with CIK and title, without the exchange.
- TWSE: the exchange's list of equities as CSV. Its warrants are named after their underlyings, and are no companies.
- CSV: our own layout, one listing a row: name, legal_name, country, sector, lei, isin, mic, ticker, currency, aliases (by ";"),
  parent (its LEI, its ISIN, or ticker and MIC: "2317 XTAI"), valid_from, valid_to (days, of the listing). Without mic and ticker
  the company is private. Rows of one LEI, or without any of one name, are one company.
- MIC: ISO 10383 as CSV, the markets themselves.
"""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from stdnum import isin as isin_number
from stdnum import lei as lei_number

from portfolios.company_names import Grade, first_words, grade_of, is_shared, press_names, tidy, without_legal_form
from portfolios.exchange_names import US, mic_of

MASTER = Path(__file__).with_name("master")
TWSE_COMPANIES = ("股票", "創新板")
TWSE_OF_A_COMPANY = {"特別股": "preferred share"}
_CURRENCY, _COUNTRY = re.compile(r"[A-Za-z]{3}"), re.compile(r"[A-Za-z]{2}")
_MIC = re.compile(r"[A-Z0-9]{4}")
_OPERATING_MIC = re.compile(r"(?:MICENTRY\(MIC=')?([A-Z0-9]{4})\b")  # one list has the whole entry of the market above
LONGEST_NAME, LONGEST_TICKER = 200, 20


class Name(NamedTuple):
    """A name of a company. `against` are words of a text in which it means something else, `beside` of one about the company."""

    text: str
    needs_corroboration: bool = False
    against: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    is_shared: bool = False  # other companies' names begin with it too, or it is no more than the beginning of one


class Quoted(NamedTuple):
    """A security as it is listed; `isin` is empty where the register has none."""

    isin: str
    mic: str
    ticker: str
    currency: str
    kind: str = "ordinary share"
    since: date | None = None
    until: date | None = None  # the last day, of a listing that has ended


@dataclass(frozen=True, slots=True)
class Entry:
    """A company of a register, with the rows that it was read from. `names` end with the one to show."""

    rows: tuple[int, ...]
    names: tuple[Name, ...]
    legal_name: str
    listings: tuple[Quoted, ...]
    country: str = ""
    sector: str = ""
    cik: str = ""
    lei: str = ""
    parent: str = ""  # of whoever owns it: an LEI, an ISIN, or ticker and MIC

    @property
    def is_private(self) -> bool:
        return not self.listings

    def joined(self, other: "Entry") -> "Entry":
        """The same company by further rows of its register."""
        new = [name for name in other.names if name not in self.names]
        listings: dict[tuple[str, str, date | None], Quoted] = {}
        for quoted in (*self.listings, *other.listings):
            listings.setdefault((quoted.mic, quoted.ticker, quoted.until), quoted)
        parent = self.parent or other.parent
        return replace(
            self,
            rows=(*self.rows, *other.rows),
            names=(*new, *self.names),
            listings=tuple(listings.values()),
            lei=self.lei or other.lei,
            parent=parent,
        )


class RowProblem(NamedTuple):
    """Why a row of a file was not taken."""

    row: int
    reason: str


@dataclass(slots=True)
class Register:
    """What was read. Each of `rows` is in an entry or rejected."""

    rows: int = 0
    entries: list[Entry] = field(default_factory=list)
    rejected: list[RowProblem] = field(default_factory=list)

    def reject(self, row: int, reason: str) -> None:
        self.rejected.append(RowProblem(row, reason))


class NotARegister(ValueError):
    """The file is none of that kind: what is wrong with it."""


def read_register(kind: str, path: Path) -> Register:
    """The companies of a register of that kind: sec, twse or csv. Plain or .gz. Raises NotARegister."""
    return {"sec": _sec, "twse": _twse, "csv": _csv}[kind](path)


class MarketRow(NamedTuple):
    mic: str
    operating_mic: str
    name: str
    country: str
    is_active: bool


def read_markets(path: Path) -> tuple[list[MarketRow], list[RowProblem]]:
    """The markets of an ISO 10383 list, and the rows that are none. Raises NotARegister."""
    found: dict[str, MarketRow] = {}
    rejected = []
    for row, cells in _table(path, {"mic", "market_name", "status", "operating_mic", "iso_country_code"}):
        mic, country = cells["mic"].strip().upper(), (cells["iso_country_code"] or "").strip().upper()
        operating = _OPERATING_MIC.match((cells["operating_mic"] or "").upper())
        if not _MIC.fullmatch(mic) or mic in found:
            rejected.append(
                RowProblem(row, f"“{mic}” is no code of four characters." if mic not in found else f"{mic} is there twice.")
            )
        else:
            is_active = cells["status"].strip().lower() in {"active", "updated"}
            country = country if len(country) == len("US") else ""
            found[mic] = MarketRow(
                mic, operating[1] if operating else mic, cells["market_name"].strip()[:200], country, is_active
            )
    return list(found.values()), rejected


def company_names(title: str, firsts: Counter[str] | None = None) -> tuple[Name, ...]:
    """The names under which the press knows a company of that title, each with whether it needs corroboration."""
    names = press_names(title, firsts)
    core = without_legal_form(names[0])
    shared = {text for text in names if " " not in text and (text != core or is_shared(text, firsts))}
    return tuple(Name(text, text in shared or grade_of(text) < Grade.DISTINCT, is_shared=text in shared) for text in names)


def press_table() -> Iterator[tuple[str, str, Name]]:
    """Well-known short names by MIC and ticker: what no register has, and rules do not find."""
    for row in _own("press_names"):
        against, beside = row["against"].split(), row["beside"].split()
        yield row["mic"], row["ticker"], Name(row["text"], row["needs_corroboration"] == "yes", tuple(against), tuple(beside))


def same_companies() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Listings, by MIC and ticker, of one company that two registers have without a number in common: share and receipt."""
    for row in _own("same_companies"):
        yield (row["mic"], row["ticker"]), (row["other_mic"], row["other_ticker"])


def former_listings() -> Iterator[tuple[str, str, str, date]]:
    """MIC, ticker of today, a ticker that the company had there before, and its last day."""
    for row in _own("former_tickers"):
        yield row["mic"], row["ticker"], row["former"], date.fromisoformat(row["until"])


def _own(name: str) -> Iterator[dict[str, str]]:
    with (MASTER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _text(path: Path) -> str:
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise NotARegister(f"The file cannot be read: {error}.") from error


def _sec(path: Path) -> Register:
    try:
        found = json.loads(_text(path))
        rows: Sequence[dict[str, Any]] = list(found.values()) if isinstance(found, dict) else found
        companies = [(int(row["cik_str"]), str(row["ticker"]).upper(), str(row["title"])) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise NotARegister("This is not the SEC's company_tickers.json: objects with cik_str, ticker and title.") from error
    register = Register(rows=len(companies))
    by_cik: dict[int, list[tuple[int, str, str]]] = {}
    for row, (cik, ticker, title) in enumerate(companies, 1):
        if not tidy(title) or not ticker or len(ticker) > LONGEST_TICKER:
            register.reject(row, "The row has no title or no ticker.")
        else:
            by_cik.setdefault(cik, []).append((row, ticker, title))
    firsts = first_words([[title for _, _, title in own] for own in by_cik.values()])
    for cik, own in by_cik.items():
        title = own[0][2]
        listings = tuple(Quoted("", US, ticker, "USD") for ticker in dict.fromkeys(ticker for _, ticker, _ in own))
        rows_of = tuple(row for row, _, _ in own)
        register.entries.append(Entry(rows_of, company_names(title, firsts), tidy(title), listings, cik=f"{cik:010}"))
    return register


def _twse(path: Path) -> Register:
    register = Register()
    companies: dict[str, Entry] = {}
    for row, cells in _table(path, {"type", "code", "name", "ISIN", "CFI"}):
        register.rows += 1
        kind, code, name, isin = cells["type"], cells["code"], cells["name"].strip(), cells["ISIN"]
        if kind not in TWSE_COMPANIES and not (kind in TWSE_OF_A_COMPANY and code[:4] in companies):
            register.reject(row, f"{kind} is no share of a company.")
        elif not isin_number.is_valid(isin):
            register.reject(row, f"“{isin}” is not an ISIN.")
        elif kind in TWSE_COMPANIES:
            names = (Name(name, grade_of(name) < Grade.DISTINCT),)
            companies[code] = Entry((row,), names, name, (Quoted(isin, "XTAI", code, "TWD"),), "TW", cells.get("group", ""))
        else:
            company = companies[code[:4]]
            quoted = Quoted(isin, "XTAI", code, "TWD", TWSE_OF_A_COMPANY[kind])
            companies[code[:4]] = Entry(
                (*company.rows, row), company.names, company.legal_name, (*company.listings, quoted), "TW", company.sector
            )
    register.entries.extend(companies.values())
    return register


def _csv(path: Path) -> Register:
    register = Register()
    companies: dict[str, Entry] = {}
    for row, cells in _table(path, {"name", "mic", "ticker", "currency"}):
        register.rows += 1
        cell = {name: (value or "").strip() for name, value in cells.items() if name}
        for name, compact in (("isin", isin_number.compact), ("lei", lei_number.compact)):
            cell[name] = compact(cell.get(name, ""))
        if problem := _csv_problem(cell):
            register.reject(row, problem)
            continue
        entry = _csv_entry(row, cell)
        key = entry.lei or f"{entry.names[-1].text} {entry.legal_name}".casefold()
        companies[key] = companies[key].joined(entry) if key in companies else entry
    register.entries.extend(companies.values())
    return register


def _csv_problem(cell: dict[str, str]) -> str:
    """Why a row is none of ours, or nothing."""
    isin, lei, ticker = cell.get("isin", ""), cell.get("lei", ""), cell["ticker"]
    is_listed = bool(cell["mic"] or ticker)
    days = [cell.get(name, "") for name in ("valid_from", "valid_to")]
    since, until = map(_day, days)
    currency, country = cell["currency"], cell.get("country", "")
    wrong = {
        "The row has a character that is none.": any("\0" in value for value in cell.values()),
        "The row has no name.": not cell["name"],
        "The name is longer than any we keep.": len(cell["name"]) > LONGEST_NAME,
        f"We know no exchange “{cell['mic']}”. Give its ISO 10383 code.": is_listed and mic_of(cell["mic"]) is None,
        "The row has no ticker. Of a private company leave the exchange empty too.": is_listed and not ticker,
        "The ticker is longer than any we keep.": len(ticker) > LONGEST_TICKER,
        f"“{isin}” is not an ISIN.": bool(isin) and not isin_number.is_valid(isin),
        f"“{lei}” is not an LEI.": bool(lei) and not lei_number.is_valid(lei),
        f"“{currency}” is no currency of three letters.": is_listed and _CURRENCY.fullmatch(currency) is None,
        f"“{country}” is no country of two letters.": bool(country) and _COUNTRY.fullmatch(country) is None,
        f"“{' '.join(days).strip()}” is no day. Write it as 2022-06-09.": any(day and _day(day) is None for day in days),
        "The listing begins after it ended.": since is not None and until is not None and since > until,
        "The listing ends in the future: leave valid_to empty until it has ended.": until is not None
        and until >= datetime.now(UTC).date(),
    }
    return next((reason for reason, is_so in wrong.items() if is_so), "")


def _csv_entry(row: int, cell: dict[str, str]) -> Entry:
    aliases = [alias.strip()[:LONGEST_NAME] for alias in cell.get("aliases", "").split(";") if alias.strip()]
    names = (*(Name(alias, grade_of(alias) < Grade.DISTINCT) for alias in aliases), *company_names(cell["name"]))
    since, until = (_day(cell.get(name, "")) for name in ("valid_from", "valid_to"))
    mic = mic_of(cell["mic"])
    quoted = Quoted(cell.get("isin", ""), mic or "", cell["ticker"].upper(), cell["currency"].upper(), since=since, until=until)
    legal_name, country, sector, lei, parent = (
        cell.get(name, "") for name in ("legal_name", "country", "sector", "lei", "parent")
    )
    listings = (quoted,) if mic else ()
    return Entry((row,), names, legal_name or cell["name"], listings, country.upper(), sector, lei=lei, parent=parent)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _table(path: Path, columns: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(_text(path).splitlines())
    if lacking := columns - set(reader.fieldnames or ()):
        raise NotARegister(f"The file has no column {', '.join(sorted(lacking))}.")
    return enumerate(_rows(reader), 2)


def _rows(reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise NotARegister(f"The file is no CSV: {error}.") from error
