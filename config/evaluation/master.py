"""The security master of an evaluation: our sample's, and the registers of a folder, joined as a load would join them."""

from collections.abc import Iterable
from pathlib import Path

from portfolios.exchange_names import US, family, split_suffix
from portfolios.master_index import Conflict, MasterIndex
from portfolios.registers import Name, Quoted, Register, former_listings, press_table, read_register
from portfolios.sample_files import rows
from research.mentions import AliasRow, ListingRow, Names
from research.tickers import families_of, spelled

FILES = {"sec_company_tickers.json": "sec", "twse_equities.csv": "twse"}


class MemoryMaster:
    """Issuers by number, with the names and tickers under which production would look for them."""

    def __init__(self) -> None:
        self.index = MasterIndex()
        self.aliases: dict[int, dict[str, Name]] = {}
        self.listings: dict[tuple[str, str], int] = {}
        self.legal_names: dict[int, str] = {}
        self.conflicts = 0
        self._rows: list[ListingRow] = []

    @classmethod
    def load(cls, folder: Path) -> "MemoryMaster":
        master = cls()
        master.add_sample()
        for name, kind in FILES.items():
            for path in (folder / name, folder / f"{name}.gz"):
                if path.exists():
                    master.add_register(read_register(kind, path))
        master.add_press_names()
        master.add_former_tickers()
        return master

    def add_sample(self) -> None:
        issuers = {row["slug"]: number for number, row in enumerate(rows("issuers"), 1)}
        names: dict[int, list[Name]] = {number: [] for number in issuers.values()}
        for row in rows("aliases"):
            names[issuers[row["issuer"]]].append(Name(row["text"], row["needs_corroboration"] == "yes"))
        securities = {row["key"]: row for row in rows("securities")}
        listings: dict[int, list[Quoted]] = {number: [] for number in issuers.values()}
        for row in rows("listings"):
            security = securities[row["security"]]
            quoted = Quoted(security["isin"], row["mic"], row["ticker"], row["currency"])
            listings[issuers[security["issuer"]]].append(quoted)
        for number, own in names.items():
            self.legal_names[number] = ""
            self._add(number, own, listings[number])
            self.index.add(number, [name.text for name in own], listings[number])

    def add_register(self, register: Register) -> None:
        for entry in register.entries:
            try:
                known = self.index.match(entry)
            except Conflict:
                self.conflicts += 1
                continue
            number = known or len(self.aliases) + 1
            self.legal_names.setdefault(number, entry.legal_name)
            self._add(number, self.index.new_names(number, entry) if known else entry.names, entry.listings)
            self.index.add_entry(number, entry)

    def add_press_names(self) -> None:
        for mic, ticker, name in press_table():
            if number := self.listings.get((family(mic), spelled(ticker))):
                self._add(number, [name], ())

    def _add(self, number: int, names: Iterable[Name], listings: Iterable[Quoted]) -> None:
        own = self.aliases.setdefault(number, {})
        for name in names:
            own[name.text] = name
        for quoted in listings:
            if self.listings.setdefault((family(quoted.mic), spelled(quoted.ticker)), number) == number:
                self._rows.append(ListingRow(number, quoted.mic, quoted.ticker))

    def add_former_tickers(self) -> None:
        for mic, ticker, former, until in former_listings():
            if number := self.listings.get((family(mic), spelled(ticker))):
                self._rows.append(ListingRow(number, mic, former, until=until))

    def by_hand(self) -> set[int]:
        """The issuers that a list made by hand names: our sample's, and those with press names."""
        ours = {number for number, name in self.legal_names.items() if not name}
        return ours | {
            number for mic, ticker, _ in press_table() if (number := self.listings.get((family(mic), spelled(ticker))))
        }

    def shown(self) -> dict[int, tuple[str, str]]:
        """A listing and the name in its register of each issuer that is listed."""
        first: dict[int, tuple[str, str]] = {}
        for row in self._rows:
            first.setdefault(row.issuer_id, (f"{row.mic}:{row.ticker}", self.legal_names[row.issuer_id]))
        return first

    def rows(self) -> tuple[list[AliasRow], list[ListingRow]]:
        """What production would read from the database."""
        aliases = [AliasRow(number, *name) for number, own in self.aliases.items() for name in own.values()]
        return aliases, list(self._rows)

    def names(self) -> Names:
        return Names(*self.rows())

    def listed(self, listing: str) -> int | None:
        """The issuer of a listing as Yahoo writes it: AAPL, BRK-B, 2317.TW."""
        ticker, mic = split_suffix(listing)
        return self.listings.get((mic or US, spelled(ticker)))

    def on_exchange(self, exchange: str, ticker: str) -> int | None:
        """The issuer of a ticker on an exchange as the press names it: NASDAQ, TSE."""
        found = (self.listings.get((place, spelled(ticker))) for place in families_of(exchange))
        return next((number for number in found if number), None)
