"""Registers into the security master: what is new is added, what is known is left as it is, what contradicts is for a person."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from portfolios.exchange_names import US, US_MICS, family
from portfolios.master_index import Conflict, MasterIndex
from portfolios.models import Alias, Issuer, Listing, Market, MasterConflict, Relation, Security
from portfolios.registers import (
    Entry,
    MarketRow,
    Name,
    Quoted,
    Register,
    RowProblem,
    former_listings,
    press_table,
    same_companies,
)

Entries = Sequence[tuple[Entry, int]]  # each with its issuer
BATCH = 5_000
LONGEST_SLUG = 60


class Known(NamedTuple):
    """A company of a register that is here, with what it lacks of what the register has."""

    entry: Entry
    issuer: int
    listings: tuple[Quoted, ...]
    names: tuple[Name, ...]


@dataclass(slots=True)
class LoadResult:
    """What a load did with each row of the file: rows = created + updated + unchanged + conflicts + rejected."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: list[RowProblem] = field(default_factory=list)
    rejected: list[RowProblem] = field(default_factory=list)

    def count(self, made: Entries, known: Entries, changed: Collection[int], without: Collection[int]) -> None:
        """Count the rows of what was made and found, but those of the issuers `without`: they are counted as conflicts."""
        for entry, issuer in made:
            self.created += len(entry.rows) * (issuer not in without)
        for entry, issuer in known:
            rows = len(entry.rows) * (issuer not in without)
            self.updated += rows * (issuer in changed)
            self.unchanged += rows * (issuer not in changed)

    def as_json(self) -> dict[str, Any]:
        problems = {name: [problem._asdict() for problem in getattr(self, name)] for name in ("conflicts", "rejected")}
        return {"rows": self.rows, "created": self.created, "updated": self.updated, "unchanged": self.unchanged} | problems


@transaction.atomic
def load_register(kind: str, register: Register) -> LoadResult:
    """Load a register of that kind. The same one twice changes nothing the second time."""
    result = LoadResult(rows=register.rows, rejected=register.rejected)
    ended = _end_listings_that_are_gone(register) if kind == Alias.Source.SEC else set()
    index = _index()
    fresh: dict[int, Entry] = {}  # by numbers below zero, until they are rows
    known: list[Known] = []
    for entry in register.entries:
        try:
            issuer = index.match(entry) or -1 - len(fresh)
        except Conflict as conflict:
            _note_conflict(result, kind, entry, str(conflict))
            continue
        if issuer > 0:
            known.append(Known(entry, issuer, index.missing(issuer, entry), index.new_names(issuer, entry)))
        else:
            if issuer not in fresh and (namesake := index.namesake(entry)):
                _ask_about(kind, entry, namesake)
            fresh[issuer] = fresh[issuer].joined(entry) if issuer in fresh else entry
        index.add_entry(issuer, entry)
    made = _create(kind, list(fresh.values()))
    index.renumber(dict(zip(fresh, [issuer for _, issuer in made], strict=True)))
    changed = ended | _complete(kind, known)
    there = [(each.entry, each.issuer) for each in known]
    owned, without_owner = _settle_owners(result, kind, [*made, *there], index)
    result.count(made, there, changed | owned, without_owner)
    _add_what_we_know(index)
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
    listed = Listing.objects.values_list("security__issuer", "security__isin", "mic", "ticker", "currency", "valid_to")
    for issuer, isin, mic, ticker, currency, until in listed:
        listings[issuer].append(Quoted(isin or "", mic, ticker, currency, until=until))
    joined = Issuer.objects.exclude(joined_into=None).values_list("joined_into", "name", "legal_name")
    for into, *own in joined:
        names[into or 0] += own
    for issuer, cik, lei, legal_name in Issuer.objects.filter(joined_into=None).values_list("pk", "cik", "lei", "legal_name"):
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
    _keep_conflict(kind, entry, reason)


def _ask_about(kind: str, entry: Entry, namesake: int) -> None:
    """A company of the same name that shares no number with it: whether the two are one is for a person."""
    slug = Issuer.objects.values_list("slug", flat=True).get(pk=namesake)
    _keep_conflict(kind, entry, f"The company {slug} has that name too. Both are kept: join them on their page if they are one.")


def _keep_conflict(kind: str, entry: Entry, reason: str) -> None:
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
                is_private=entry.is_private,
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
    at = " ".join(f"{quoted.ticker} {quoted.mic}" for quoted in entry.listings[:1])
    words = slugify(entry.legal_name)[:LONGEST_SLUG] or slugify(at) or "company"
    slug = words if words not in taken else f"{words}-{slugify(at)}".strip("-")
    number = 2
    while slug in taken:
        slug, number = f"{words}-{number}", number + 1
    taken.add(slug)
    return slug


def _complete(kind: str, known: Sequence[Known]) -> set[int]:
    """Give companies that are there what they lack: listings, numbers, names of a changed title. Which ones were changed."""
    issuers = Issuer.objects.in_bulk([each.issuer for each in known])
    changed = {each.issuer: issuers[each.issuer] for each in known if _filled(issuers[each.issuer], each)}
    Issuer.objects.bulk_update(changed.values(), ["cik", "lei", "legal_name", "name", "is_private"], batch_size=BATCH)
    listings = [(each.entry, each.issuer, each.listings) for each in known if each.listings]
    names = [(each.issuer, each.names) for each in known if each.names]
    _add_listings(listings)
    _add_aliases(kind, names)
    return {pk for _, pk, _ in listings} | {pk for pk, _ in names} | changed.keys()


def _filled(issuer: Issuer, known: Known) -> bool:
    """Whether the register says something of the company itself that it lacks, which it then has."""
    entry, before = known.entry, (issuer.cik, issuer.lei, issuer.legal_name, issuer.is_private)
    if entry.cik and known.names:
        issuer.legal_name, issuer.name = entry.legal_name[:200], entry.names[-1].text[:160]
    issuer.cik, issuer.lei = issuer.cik or entry.cik, issuer.lei or entry.lei
    issuer.is_private = issuer.is_private and not any(quoted.until is None for quoted in known.listings)
    return before != (issuer.cik, issuer.lei, issuer.legal_name, issuer.is_private)


def _settle_owners(result: LoadResult, kind: str, entries: Entries, index: MasterIndex) -> tuple[set[int], set[int]]:
    """The companies that get the owner their register names; and those whose owner is not here, or another than they have: these
    are for a person."""
    said = [(entry, issuer) for entry, issuer in entries if entry.parent]
    relations = Relation.objects.filter(kind=Relation.Kind.OWNER, other__in=[issuer for _, issuer in said])
    known = set(relations.values_list("other", "issuer"))
    current = dict(relations.filter(valid_to=None).values_list("other", "issuer"))
    wanted: dict[int, int] = {}
    without = set()
    for entry, issuer in said:
        owner = index.find(entry.parent)
        if owner and current.get(issuer, owner) == owner:
            wanted[issuer] = owner
        else:
            reason = f"It has another owner here than {entry.parent}." if owner else f"Its owner {entry.parent} is not here."
            _note_conflict(result, kind, entry, f"{reason} All else of it was taken.")
            without.add(issuer)
    new = {pair for pair in wanted.items() if pair not in known and pair[0] != pair[1] and pair[0] not in without}
    Relation.objects.bulk_create(
        Relation(issuer_id=owner, other_id=issuer, kind=Relation.Kind.OWNER, source=Alias.Source(kind).label)
        for issuer, owner in sorted(new)
    )
    return {issuer for issuer, _ in new}, without


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
    securities = []
    for entry, issuer, quoted in rows:
        security = there.get(quoted.isin) or Security(
            issuer_id=issuer,
            name=f"{entry.names[-1].text[:160]} {quoted.ticker}, {quoted.kind}",
            isin=quoted.isin or None,
            currency=quoted.currency,
        )
        if quoted.isin:
            there[quoted.isin] = security
        securities.append(security)
    fresh = {id(security): security for security in securities if security.pk is None}
    Security.objects.bulk_create(fresh.values(), batch_size=BATCH)
    listings = []
    for security, (_, issuer, quoted) in zip(securities, rows, strict=True):
        listings.append(
            Listing(
                security=security,
                mic=quoted.mic,
                ticker=quoted.ticker,
                currency=quoted.currency,
                is_primary=issuer not in has_primary and quoted.until is None,
                valid_from=quoted.since,
                valid_to=quoted.until,
            )
        )
        if quoted.until is None:
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


def _add_what_we_know(index: MasterIndex) -> None:
    """What our own lists say of the companies that are here."""
    _add_press_names(index)
    _add_former_tickers(index)
    _mark_receipts(index)


def _add_former_tickers(index: MasterIndex) -> None:
    """Listings that ended with a change of ticker: in a text of that time the ticker meant this company."""
    wanted = {
        (family(mic), former, issuer): (mic, ticker, until)
        for mic, ticker, former, until in former_listings()
        if (issuer := index.by_listing.get((family(mic), ticker)))
    }
    there = Listing.objects.filter(ticker__in=[former for _, former, _ in wanted])
    for mic, ticker, issuer in there.values_list("mic", "ticker", "security__issuer"):
        wanted.pop((family(mic), ticker, issuer), None)
    now = Listing.objects.current().filter(ticker__in=[ticker for _, ticker, _ in wanted.values()]).select_related("security")
    by_issuer = {(listing.security.issuer_id, listing.ticker): listing for listing in now}
    Listing.objects.bulk_create(
        Listing(security=of.security, mic=of.mic, ticker=former, currency=of.currency, is_primary=False, valid_to=until)
        for (_, former, issuer), (_, ticker, until) in wanted.items()
        if (of := by_issuer.get((issuer, ticker)))
    )


def _mark_receipts(index: MasterIndex) -> None:
    """Of a share at home and a receipt abroad the share is the main listing."""
    pairs = [
        (home, receipt)
        for home, receipt in same_companies()
        if index.by_listing.get((family(home[0]), home[1])) == index.by_listing.get((family(receipt[0]), receipt[1])) is not None
    ]
    for (mic, ticker), (other_mic, other_ticker) in pairs:
        Listing.objects.current().filter(mic=mic, ticker=ticker, is_primary=False).update(is_primary=True)
        abroad = Listing.objects.current().filter(mic__in=US_MICS if other_mic == US else [other_mic], ticker=other_ticker)
        abroad.filter(is_primary=True).update(is_primary=False)
        equity = Security.objects.filter(listings__in=abroad, asset_class=Security.AssetClass.EQUITY)
        equity.update(asset_class=Security.AssetClass.DEPOSITARY_RECEIPT)


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
