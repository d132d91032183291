"""Registers into the security master: what is new is added, what is known is left as it is, what contradicts is for a person."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from portfolios.exchange_names import US, family
from portfolios.master_index import Conflict, MasterIndex
from portfolios.models import Alias, Issuer, Listing, Market, MasterConflict, Security
from portfolios.registers import Entry, MarketRow, Name, Quoted, Register, RowProblem, press_table

BATCH = 5_000
LONGEST_SLUG = 60


@dataclass(slots=True)
class LoadResult:
    """What a load did with each row of the file: rows = created + updated + unchanged + conflicts + rejected."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: list[RowProblem] = field(default_factory=list)
    rejected: list[RowProblem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        problems = {name: [problem._asdict() for problem in getattr(self, name)] for name in ("conflicts", "rejected")}
        return {"rows": self.rows, "created": self.created, "updated": self.updated, "unchanged": self.unchanged} | problems


@transaction.atomic
def load_register(kind: str, register: Register) -> LoadResult:
    """Load a register of that kind. The same one twice changes nothing the second time."""
    result = LoadResult(rows=register.rows, rejected=register.rejected)
    ended = _end_listings_that_are_gone(register) if kind == Alias.Source.SEC else set()
    index = _index()
    fresh: list[Entry] = []
    known: list[tuple[Entry, int]] = []
    for entry in register.entries:
        try:
            issuer = index.match(entry)
        except Conflict as conflict:
            _note_conflict(result, kind, entry, str(conflict))
            continue
        if issuer is None:
            fresh.append(entry)
        else:
            known.append((entry, issuer))
    for entry, issuer in _create(kind, fresh):
        result.created += len(entry.rows)
        index.add_entry(issuer, entry)
    changed = ended | _complete(kind, known, index)
    for entry, issuer in known:
        if issuer in changed:
            result.updated += len(entry.rows)
        else:
            result.unchanged += len(entry.rows)
    _add_press_names(index)
    return result


def load_markets(rows: Sequence[MarketRow], rejected: Sequence[RowProblem]) -> LoadResult:
    """Load the list of markets."""
    result = LoadResult(rows=len(rows) + len(rejected), rejected=list(rejected))
    known = {market.mic: market for market in Market.objects.all()}
    wanted = [Market(row.mic, row.operating_mic, row.name, row.country, row.is_active) for row in rows]
    changed = [market for market in wanted if _cells(known.get(market.mic)) != _cells(market)]
    Market.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["mic"],
        update_fields=["operating_mic", "name", "country", "is_active"],
    )
    result.created = sum(market.mic not in known for market in changed)
    result.updated = len(changed) - result.created
    result.unchanged = len(wanted) - len(changed)
    return result


def _cells(market: Market | None) -> tuple[object, ...]:
    return (market.operating_mic, market.name, market.country, market.is_active) if market else ()


def _index() -> MasterIndex:
    """All that there is, in three queries."""
    index = MasterIndex()
    names: dict[int, list[str]] = defaultdict(list)
    listings: dict[int, list[Quoted]] = defaultdict(list)
    for issuer, text in Alias.objects.values_list("issuer", "text"):
        names[issuer].append(text)
    current = Listing.objects.current().values_list("security__issuer", "security__isin", "mic", "ticker", "currency")
    for issuer, isin, mic, ticker, currency in current:
        listings[issuer].append(Quoted(isin or "", mic, ticker, currency))
    for issuer, cik, lei, legal_name in Issuer.objects.values_list("pk", "cik", "lei", "legal_name"):
        index.add(issuer, [*names[issuer], legal_name], listings[issuer], cik=cik, lei=lei)
    return index


def _end_listings_that_are_gone(register: Register) -> set[int]:
    """End the US listings that a register without exchanges gave its companies and no longer has: renamed tickers, delistings.

    First of all, so that a ticker that went to another company can be its. The issuers whose listings ended.
    """
    tickers = {entry.cik: {quoted.ticker for quoted in entry.listings} for entry in register.entries}
    listed = (
        Listing.objects.current()
        .filter(mic=US, security__issuer__cik__in=tickers)
        .values_list("pk", "ticker", "security__issuer", "security__issuer__cik")
    )
    gone = [(pk, issuer) for pk, ticker, issuer, cik in listed if ticker not in tickers[cik]]
    Listing.objects.filter(pk__in=[pk for pk, _ in gone]).update(valid_to=timezone.localdate(), is_primary=False)
    return {issuer for _, issuer in gone}


def _note_conflict(result: LoadResult, kind: str, entry: Entry, reason: str) -> None:
    result.conflicts += [RowProblem(row, reason) for row in entry.rows]
    MasterConflict.objects.update_or_create(
        register=kind, company=entry.legal_name[:200], reason=reason[:500], defaults={"last_seen_at": Now()}
    )


def _create(kind: str, entries: Sequence[Entry]) -> list[tuple[Entry, int]]:
    slugs = set(Issuer.objects.values_list("slug", flat=True))
    issuers = Issuer.objects.bulk_create(
        [
            Issuer(
                slug=_free_slug(entry, slugs),
                name=entry.names[-1].text[:160],
                legal_name=entry.legal_name[:200],
                country=entry.country,
                sector=entry.sector[:80],
                cik=entry.cik,
                lei=entry.lei,
            )
            for entry in entries
        ],
        batch_size=BATCH,
    )
    made = [(entry, issuer.pk) for entry, issuer in zip(entries, issuers, strict=True)]
    _add_listings([(entry, issuer, entry.listings) for entry, issuer in made])
    _add_aliases(kind, [(issuer, entry.names) for entry, issuer in made])
    return made


def _free_slug(entry: Entry, taken: set[str]) -> str:
    quoted = entry.listings[0]
    words = slugify(entry.legal_name)[:LONGEST_SLUG] or slugify(f"{quoted.ticker} {quoted.mic}")
    slug = words if words not in taken else f"{words}-{slugify(quoted.ticker)}-{quoted.mic.lower()}"
    number = 2
    while slug in taken:
        slug, number = f"{words}-{number}", number + 1
    taken.add(slug)
    return slug


def _complete(kind: str, known: Sequence[tuple[Entry, int]], index: MasterIndex) -> set[int]:
    """Give companies that are there what they lack: listings, a CIK, names of a changed title. Which ones were changed."""
    issuers = Issuer.objects.in_bulk([issuer for _, issuer in known])
    listings, names, renamed = [], [], []
    for entry, pk in known:
        issuer = issuers[pk]
        if missing := [quoted for quoted in entry.listings if (family(quoted.mic), quoted.ticker) not in index.by_listing]:
            listings.append((entry, pk, missing))
        is_ours = bool(entry.cik) and issuer.cik == entry.cik
        if is_ours and not index.knows_as(pk, entry.legal_name):
            issuer.legal_name, issuer.name = entry.legal_name[:200], entry.names[-1].text[:160]
            names.append((pk, entry.names))
            renamed.append(issuer)
        elif entry.cik and not issuer.cik:
            issuer.cik = entry.cik
            renamed.append(issuer)
    Issuer.objects.bulk_update(renamed, ["cik", "legal_name", "name"], batch_size=BATCH)
    _add_listings(listings)
    _add_aliases(kind, names)
    return {pk for _, pk, _ in listings} | {issuer.pk for issuer in renamed}


def _add_listings(wanted: Sequence[tuple[Entry, int, Sequence[Quoted]]]) -> None:
    """A security with a listing for each; a further listing where the security is there by its ISIN."""
    rows = [(entry, issuer, quoted) for entry, issuer, listings in wanted for quoted in listings]
    isins = {quoted.isin for _, _, quoted in rows if quoted.isin}
    there = {security.isin: security for security in Security.objects.filter(isin__in=isins)}
    has_primary = set(
        Listing.objects.current()
        .filter(is_primary=True, security__issuer__in={issuer for _, issuer, _ in rows})
        .values_list("security__issuer", flat=True)
    )
    securities = [
        there.get(quoted.isin)
        or Security(
            issuer_id=issuer,
            name=f"{entry.names[-1].text[:160]} {quoted.ticker}, {quoted.kind}",
            isin=quoted.isin or None,
            currency=quoted.currency,
        )
        for entry, issuer, quoted in rows
    ]
    Security.objects.bulk_create([security for security in securities if security.pk is None], batch_size=BATCH)
    listings = []
    for security, (_, issuer, quoted) in zip(securities, rows, strict=True):
        listings.append(
            Listing(
                security=security,
                mic=quoted.mic,
                ticker=quoted.ticker,
                currency=quoted.currency,
                is_primary=issuer not in has_primary,
            )
        )
        has_primary.add(issuer)
    Listing.objects.bulk_create(listings, batch_size=BATCH)


def _add_aliases(kind: str, wanted: Sequence[tuple[int, Sequence[Name]]]) -> None:
    """Names that are there stay as they are: a person may have changed what they need."""
    Alias.objects.bulk_create(
        [
            Alias(
                issuer_id=issuer,
                text=name.text[:200],
                needs_corroboration=name.needs_corroboration,
                is_shared=name.is_shared,
                against=" ".join(name.against),
                beside=" ".join(name.beside),
                source=kind,
            )
            for issuer, names in wanted
            for name in names
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _add_press_names(index: MasterIndex) -> None:
    """The names that the press has for those that are listed now. One that a register had outright says what our list says."""
    wanted: dict[int, list[Name]] = defaultdict(list)
    for mic, ticker, name in press_table():
        if issuer := index.by_listing.get((family(mic), ticker)):
            wanted[issuer].append(name)
    texts = {(issuer, name.text): name for issuer, names in wanted.items() for name in names}
    registers = (Alias.Source.SEC, Alias.Source.TWSE, Alias.Source.CSV)
    there = Alias.objects.filter(issuer__in=wanted, source__in=registers)
    ours = [alias for alias in there if (alias.issuer_id, alias.text) in texts]
    for alias in ours:
        name = texts[alias.issuer_id, alias.text]
        alias.needs_corroboration, alias.is_shared, alias.source = name.needs_corroboration, False, Alias.Source.PRESS
        alias.against, alias.beside = " ".join(name.against), " ".join(name.beside)
    Alias.objects.bulk_update(ours, ["needs_corroboration", "is_shared", "against", "beside", "source"], batch_size=BATCH)
    _add_aliases(Alias.Source.PRESS, list(wanted.items()))
