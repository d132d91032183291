"""Whether a company of a register is one we have: by its identifiers, never by its name alone. Knows no database."""

import re
from collections import defaultdict
from collections.abc import Iterable

from portfolios.company_names import tidy, without_legal_form
from portfolios.exchange_names import family
from portfolios.registers import Entry, Quoted

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
        self.names: dict[int, set[str]] = defaultdict(set)

    def add(self, issuer: int, names: Iterable[str], listings: Iterable[Quoted], *, cik: str = "", lei: str = "") -> None:
        if cik:
            self.by_cik[cik] = issuer
        if lei:
            self.by_lei[lei] = issuer
        self.names[issuer].update(map(_core, names))
        for quoted in listings:
            at = (family(quoted.mic), quoted.ticker)
            self.by_listing[at] = issuer
            if quoted.isin:
                self.by_isin[quoted.isin] = issuer
                self.isin_of[at] = quoted.isin

    def add_entry(self, issuer: int, entry: Entry) -> None:
        names = [entry.legal_name, *(name.text for name in entry.names)]
        self.add(issuer, names, entry.listings, cik=entry.cik, lei=entry.lei)

    def match(self, entry: Entry) -> int | None:
        """The issuer that this is, or None for a new one. Raises Conflict."""
        identified = {
            f"{kind} {value}": found[value]
            for kind, found, value in (("CIK", self.by_cik, entry.cik), ("LEI", self.by_lei, entry.lei))
            if value in found
        }
        isins = {quoted.isin for quoted in entry.listings} & self.by_isin.keys()
        identified |= {f"ISIN {isin}": self.by_isin[isin] for isin in sorted(isins)}
        listed = {}
        for quoted in entry.listings:
            at = (family(quoted.mic), quoted.ticker)
            if at in self.by_listing:
                listed[f"{quoted.ticker} {quoted.mic}"] = self.by_listing[at]
                self._check_isin(quoted, at)
        issuers = {*identified.values(), *listed.values()}
        if len(issuers) > 1:
            raise Conflict(f"{', '.join([*identified, *listed])} belong to different companies here.")
        if listed and not identified and not self._resembles(next(iter(issuers)), entry):
            raise Conflict(f"{next(iter(listed))} is another company's here than {entry.legal_name}.")
        return next(iter(issuers), None)

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


def _core(name: str) -> str:
    return without_legal_form(tidy(name)).casefold() if name else ""


def _beginnings(names: set[str]) -> set[str]:
    return names | {first for name in names if len(first := re.split(r"[\W_]", name, maxsplit=1)[0]) >= SHORTEST_FIRST_WORD}
