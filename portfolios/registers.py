"""Registers of companies and their listings, read into entries. Knows no database.

- SEC: `company_tickers.json`, US tickers with CIK and title, without the exchange.
- TWSE: the exchange's list of equities as CSV. Its warrants are named after their underlyings, and are no companies.
- CSV: our own layout, one listing a row: name, legal_name, country, sector, lei, isin, mic, ticker, currency, aliases (by ";").
- MIC: ISO 10383 as CSV, the markets themselves.
"""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from stdnum import isin as isin_number
from stdnum import lei as lei_number

from portfolios.company_names import Grade, first_words, grade_of, is_shared, press_names, tidy, without_legal_form
from portfolios.exchange_names import US, mic_of

PRESS_NAMES = Path(__file__).with_name("master") / "press_names.csv"
TWSE_COMPANIES = ("股票", "創新板")
TWSE_OF_A_COMPANY = {"特別股": "preferred share"}
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A company of a register, with the rows that it was read from. `names` begin with the one to show."""

    rows: tuple[int, ...]
    names: tuple[Name, ...]
    legal_name: str
    listings: tuple[Quoted, ...]
    country: str = ""
    sector: str = ""
    cik: str = ""
    lei: str = ""


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
    with PRESS_NAMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            against, beside = row["against"].split(), row["beside"].split()
            name = Name(row["text"], row["needs_corroboration"] == "yes", tuple(against), tuple(beside))
            yield row["mic"], row["ticker"], name


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
    for row, cells in _table(path, {"name", "mic", "ticker", "currency"}):
        register.rows += 1
        cell = {name: (value or "").strip() for name, value in cells.items() if name}
        mic, isin, lei = mic_of(cell["mic"]), cell.get("isin", ""), cell.get("lei", "")
        if not cell["name"] or len(cell["name"]) > LONGEST_NAME:
            register.reject(row, "The row has no name." if not cell["name"] else "The name is longer than any we keep.")
        elif mic is None:
            register.reject(row, f"We know no exchange “{cell['mic']}”. Give its ISO 10383 code.")
        elif not cell["ticker"] or len(cell["ticker"]) > LONGEST_TICKER:
            register.reject(row, "The row has no ticker.")
        elif isin and not isin_number.is_valid(isin):
            register.reject(row, f"“{isin}” is not an ISIN.")
        elif lei and not lei_number.is_valid(lei):
            register.reject(row, f"“{lei}” is not an LEI.")
        else:
            aliases = [alias.strip() for alias in cell.get("aliases", "").split(";") if alias.strip()]
            names = (*company_names(cell["name"]), *(Name(alias, grade_of(alias) < Grade.DISTINCT) for alias in aliases))
            quoted = Quoted(isin, mic, cell["ticker"].upper(), cell["currency"].upper())
            legal_name, country, sector = (cell.get(name, "") for name in ("legal_name", "country", "sector"))
            register.entries.append(Entry((row,), names, legal_name, (quoted,), country, sector, lei=lei))
    return register


def _table(path: Path, columns: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(_text(path).splitlines())
    if lacking := columns - set(reader.fieldnames or ()):
        raise NotARegister(f"The file has no column {', '.join(sorted(lacking))}.")
    return ((row, cells) for row, cells in enumerate(reader, 2))
