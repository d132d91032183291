"""Whether a company of a register is one we have: by its identifiers, never by its name alone. Knows no database."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from portfolios.company_names import tidy, without_legal_form
from portfolios.exchange_names import family
from portfolios.registers import Entry, Name, Quoted, same_companies

_LATIN = re.compile(r"[A-Za-z]")
SHORTEST_FIRST_WORD = 3


class Conflict(ValueError):
    """The register and what we have contradict each other: a person must say which is right."""


class MasterIndex:
    """The issuers there are, by whatever identifies them. An issuer is a number."""

    def __init__(self) -> None:
        self.by_cik: dict[str, int] = {}
        self.by_lei: dict[str, int] = {}
        self.by_isin: dict[str, int] = {}
        self.by_listing: dict[tuple[str, str], int] = {}
        self.isin_of: dict[tuple[str, str], str] = {}
        self.numbers_of: dict[int, dict[str, str]] = defaultdict(dict)
        self.ended: dict[tuple[str, str, date], set[int]] = defaultdict(set)
        self.names: dict[int, set[str]] = defaultdict(set)
        self.private: dict[str, int] = {}
        self.listed_names: dict[str, int] = {}
        self._same: dict[tuple[str, str], tuple[str, str]] = {}
        for pair in same_companies():
            ours, theirs = ((family(mic), ticker) for mic, ticker in pair)
            self._same |= {ours: theirs, theirs: ours}

    def add(self, issuer: int, names: Iterable[str], listings: Collection[Quoted], *, cik: str = "", lei: str = "") -> None:
        for kind, found, number in (("CIK", self.by_cik, cik), ("LEI", self.by_lei, lei)):
            if number:
                found[number] = issuer
                self.numbers_of[issuer][kind] = number
        cores = set(map(_core, names))
        self.names[issuer] |= cores
        (self.listed_names if listings else self.private).update(dict.fromkeys(cores - {""}, issuer))
        for quoted in listings:
            if quoted.isin:
                self.by_isin[quoted.isin] = issuer
            if quoted.until:
                self.ended[_ended(quoted)].add(issuer)
                continue
            self.by_listing[_at(quoted)] = issuer
            if quoted.isin:
                self.isin_of[_at(quoted)] = quoted.isin

    def add_entry(self, issuer: int, entry: Entry) -> None:
        names = [entry.legal_name, *(name.text for name in entry.names)]
        self.add(issuer, names, entry.listings, cik=entry.cik, lei=entry.lei)

    def match(self, entry: Entry) -> int | None:
        """The issuer that this is, or None for a new one. Raises Conflict."""
        if entry.is_private and not entry.lei:
            return self._match_by_name(entry)
        identified = {
            f"{kind} {value}": found[value]
            for kind, found, value in (("CIK", self.by_cik, entry.cik), ("LEI", self.by_lei, entry.lei))
            if value in found
        }
        isins = {quoted.isin for quoted in entry.listings} & self.by_isin.keys()
        identified |= {f"ISIN {isin}": self.by_isin[isin] for isin in sorted(isins)}
        listed = {}
        for quoted in entry.listings:
            at = _at(quoted)
            if quoted.until is None and at in self.by_listing:
                listed[f"{quoted.ticker} {quoted.mic}"] = self.by_listing[at]
                self._check_isin(quoted, at)
            elif quoted.until and (known := self._known_by_name(self.ended.get(_ended(quoted), ()), entry)):
                listed[f"{quoted.ticker} {quoted.mic} until {quoted.until}"] = known
            if (other := self._same.get(at)) in self.by_listing:
                identified[f"{' '.join(other[::-1])}, of the same company,"] = self.by_listing[other]
        issuers = {*identified.values(), *listed.values()}
        if len(issuers) > 1:
            raise Conflict(f"{', '.join([*identified, *listed])} belong to different companies here.")
        if listed and not identified and not self._resembles(next(iter(issuers)), entry):
            raise Conflict(f"{next(iter(listed))} is another company's here than {entry.legal_name}.")
        for issuer in issuers:
            self._check_numbers(issuer, entry)
        return next(iter(issuers), None)

    def _known_by_name(self, issuers: Iterable[int], entry: Entry) -> int | None:
        """Of the issuers that had a listing until that day the one of that name: a former ticker alone tells little."""
        return next((issuer for issuer in sorted(issuers) if self.knows_as(issuer, entry.legal_name)), None)

    def _check_numbers(self, issuer: int, entry: Entry) -> None:
        for kind, said in (("CIK", entry.cik), ("LEI", entry.lei)):
            known = self.numbers_of[issuer].get(kind, "")
            if said and known and said != known:
                raise Conflict(f"The {kind} of {entry.legal_name} is {known} here, and {said} in the register.")

    def _match_by_name(self, entry: Entry) -> int | None:
        """A private company without an LEI has its name alone."""
        core = _core(entry.legal_name)
        if core in self.listed_names and core not in self.private:
            raise Conflict(f"{entry.legal_name} is listed here: a private company of that name needs its LEI.")
        return self.private.get(core)

    def namesake(self, entry: Entry) -> int | None:
        """A listed company of that very name, of those that are rows already."""
        issuer = self.listed_names.get(_core(entry.legal_name), 0)
        return issuer if issuer > 0 else None

    def find(self, said: str) -> int | None:
        """The issuer of an LEI, an ISIN, or a ticker and MIC with a blank between them."""
        ticker, _, mic = said.upper().rpartition(" ")
        return (
            self.by_lei.get(said.upper()) or self.by_isin.get(said.upper()) or self.by_listing.get((family(mic.strip()), ticker))
        )

    def renumber(self, numbers: Mapping[int, int]) -> None:
        """Give issuers their final numbers."""
        for found in (self.by_cik, self.by_lei, self.by_isin, self.private, self.listed_names):
            found.update({key: numbers[issuer] for key, issuer in found.items() if issuer in numbers})
        self.by_listing.update({at: numbers[issuer] for at, issuer in self.by_listing.items() if issuer in numbers})
        for was, now in numbers.items():
            self.names[now] |= self.names.pop(was, set())
            self.numbers_of[now] |= self.numbers_of.pop(was, {})
        for issuers in self.ended.values():
            issuers |= {numbers[was] for was in issuers if was in numbers}

    def missing(self, issuer: int, entry: Entry) -> tuple[Quoted, ...]:
        """The listings of the register that the issuer lacks."""
        return tuple(
            quoted
            for quoted in entry.listings
            if (issuer not in self.ended.get(_ended(quoted), ()) if quoted.until else _at(quoted) not in self.by_listing)
        )

    def new_names(self, issuer: int, entry: Entry) -> tuple[Name, ...]:
        """The names of the register that the issuer lacks. The SEC's come with a changed title alone."""
        if entry.cik:
            is_renamed = self.by_cik.get(entry.cik) == issuer and not self.knows_as(issuer, entry.legal_name)
            return entry.names if is_renamed else ()
        return tuple(name for name in entry.names if not self.knows_as(issuer, name.text))

    def knows_as(self, issuer: int, name: str) -> bool:
        """Whether that is a name of the issuer, whatever legal form is behind it."""
        return _core(name) in self.names[issuer]

    def _check_isin(self, quoted: Quoted, at: tuple[str, str]) -> None:
        known = self.isin_of.get(at, "")
        if quoted.isin and known and quoted.isin != known:
            raise Conflict(f"The ISIN of {quoted.ticker} {quoted.mic} is {known} here, and {quoted.isin} in the register.")

    def _resembles(self, issuer: int, entry: Entry) -> bool:
        """Whether a name of the register is one we know, or begins like one; names in another script tell nothing."""
        ours = {name for name in self.names[issuer] if _LATIN.search(name)}
        theirs = {name for text in (entry.legal_name, *(name.text for name in entry.names)) if _LATIN.search(name := _core(text))}
        if not ours or not theirs:
            return True
        return bool(_beginnings(ours) & _beginnings(theirs))


def _at(quoted: Quoted) -> tuple[str, str]:
    return family(quoted.mic), quoted.ticker


def _ended(quoted: Quoted) -> tuple[str, str, date]:
    return (*_at(quoted), quoted.until or date.max)


def _core(name: str) -> str:
    return without_legal_form(tidy(name)).casefold() if name else ""


def _beginnings(names: set[str]) -> set[str]:
    return names | {first for name in names if len(first := re.split(r"[\W_]", name, maxsplit=1)[0]) >= SHORTEST_FIRST_WORD}
