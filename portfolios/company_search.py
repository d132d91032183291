"""Companies by what a person types: an ISIN, an LEI, a CIK, a ticker with or without its exchange, or part of a name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVector

from portfolios.exchange_names import family, mic_of, split_suffix
from portfolios.models import Alias, Issuer, Listing, Security
from portfolios.venues import VENUES

MOST_FOUND = 30
MOST_LOOKED_AT = 200
LONGEST = 200
NAME_WORDS = SearchVector("text", config="simple")  # as the index of Alias has it
_CIK = re.compile(r"(?:CIK\s*)?(\d{10})|CIK\s*(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Found:
    """A company, and by what: empty where it is the name that it is shown under."""

    issuer: Issuer
    by: str


def search_companies(said: str, most: int = MOST_FOUND) -> list[Found]:
    """What fits best comes first: identifiers, tickers, whole names, beginnings, then names with those words."""
    words = " ".join("".join(sign for sign in said if sign.isprintable() or sign.isspace()).split())[:LONGEST]
    if not words:
        return []
    ranked: dict[int, str] = {}
    for issuer, by in (*_by_identifier(words.upper()), *_by_ticker(words.upper()), *_by_name(words)):
        ranked.setdefault(issuer, by)
    first = list(ranked)[:most]
    issuers = Issuer.objects.prefetch_related("securities__listings").in_bulk(first)
    return [Found(issuers[pk], "" if ranked[pk] == issuers[pk].name else ranked[pk]) for pk in first]


def _by_identifier(said: str) -> Iterator[tuple[int, str]]:
    compact = said.replace(" ", "")
    if len(compact) == 12:  # an ISIN
        for issuer in Security.objects.filter(isin=compact).values_list("issuer", flat=True):
            yield issuer, f"ISIN {compact}"
    if len(compact) == 20:  # an LEI
        for issuer in Issuer.objects.filter(lei=compact).values_list("pk", flat=True):
            yield issuer, f"LEI {compact}"
    if number := _CIK.fullmatch(said):
        cik = (number[1] or number[2]).zfill(10)
        for issuer in Issuer.objects.filter(cik=cik).values_list("pk", flat=True):
            yield issuer, f"CIK {cik}"


def _by_ticker(said: str) -> Iterator[tuple[int, str]]:
    """“2317”, “2317 TT”, “2317 XTAI”, “2317.TW”. Current listings before former ones."""
    ticker, mics = said, set[str]()
    if mic := split_suffix(said)[1]:
        ticker, mics = split_suffix(said)[0], {mic}
    elif " " in said:
        ticker, _, venue = said.rpartition(" ")
        mics = {code for code, known in VENUES.items() if known.code == venue} | {mic_of(venue) or ""}
    listed = Listing.objects.filter(ticker=ticker).values_list("security__issuer", "mic", "valid_to")
    families = {family(mic) for mic in mics}
    rows = [row for row in listed if not families or family(row[1]) in families]
    for issuer, mic, until in sorted(rows, key=lambda row: row[2] is not None):
        yield issuer, f"{ticker} {mic}" + (f" until {until}" if until else "")


def _by_name(said: str) -> list[tuple[int, str]]:
    tokens = re.findall(r"\w+", said)
    names = Alias.objects.values_list("issuer", "text")
    exact = [*names.filter(text__iexact=said)[:MOST_LOOKED_AT], *names.filter(text__istartswith=said)[:MOST_LOOKED_AT]]
    if tokens:
        query = SearchQuery(" & ".join(f"{token}:*" for token in tokens), search_type="raw", config="simple")
        with_words = Alias.objects.annotate(words=NAME_WORDS).filter(words=query)
        exact += with_words.values_list("issuer", "text")[:MOST_LOOKED_AT]
    folded = said.casefold()
    return sorted(exact, key=lambda row: (row[1].casefold() != folded, not row[1].casefold().startswith(folded), len(row[1])))
