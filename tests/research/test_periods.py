"""Names and tickers as they were on the day of an article: FB was Facebook until 8 June 2022."""

from datetime import UTC, date, datetime

import pytest

from portfolios.models import Alias, Listing
from research.mentions import AliasRow, ListingRow, Names, find_mentions
from research.models import Mention
from research.periods import turning_days
from research.reading import read_articles
from tests.make import make_article, make_issuer, make_listing, make_source

META, FUND, RAY, BLOCK = 1, 2, 3, 4
BEFORE, LAST, FIRST, LATER = date(2021, 3, 1), date(2022, 6, 8), date(2022, 6, 9), date(2023, 3, 1)
NAMES = Names(
    [
        AliasRow(META, "Meta Platforms", since=date(2021, 10, 28)),
        AliasRow(META, "Facebook"),
        AliasRow(FUND, "Streaming Media Fund"),
        AliasRow(RAY, "Raytex Aerospace", until=LAST),
        AliasRow(BLOCK, "Raytex Aerospace", since=FIRST),
        AliasRow(BLOCK, "Squarely", until=date(2021, 12, 9)),
    ],
    [
        ListingRow(META, "US", "META", since=FIRST),
        ListingRow(META, "US", "FB", until=LAST),
        ListingRow(FUND, "US", "FB", since=date(2025, 6, 26)),
        ListingRow(FUND, "US", "META", until=date(2022, 1, 31)),
    ],
)


@pytest.mark.parametrize(
    ("text", "day", "issuers"),
    [
        ("Ads grow (NASDAQ: FB)", BEFORE, {META}),
        ("Ads grow (NASDAQ: FB)", LAST, {META}),
        ("Ads grow (NASDAQ: FB)", FIRST, set()),
        ("Ads grow (NASDAQ: FB)", date(2025, 7, 1), {FUND}),
        ("Ads grow (NASDAQ: FB)", None, {FUND}),
        ("A new fund (NYSE: META)", BEFORE, {FUND}),
        ("A new fund (NYSE: META)", date(2022, 3, 1), set()),
        ("Ads grow (NASDAQ: META)", LATER, {META}),
        ("Facebook (FB) grows", BEFORE, {META}),
        ("Meta Platforms grows", BEFORE, set()),
        ("Meta Platforms grows", date(2021, 10, 28), {META}),
        ("Facebook grows", BEFORE, {META}),
        ("Raytex Aerospace builds", LAST, {RAY}),
        ("Raytex Aerospace builds", FIRST, {BLOCK}),
        ("Squarely pays", BEFORE, {BLOCK}),
        ("Squarely pays", LATER, set()),
        ("Squarely pays", None, set()),
    ],
)
def test_whose_it_was_that_day(text: str, day: date | None, issuers: set[int]) -> None:
    names = NAMES.on(day) if day else NAMES
    assert {mention.issuer_id for mention in find_mentions(names, text, "")} == issuers


def test_days_without_a_change_share_one_view() -> None:
    assert NAMES.on(date(2020, 1, 1)) is NAMES.on(date(2020, 1, 2))
    assert NAMES.on(FIRST) is NAMES.on(LATER) is not NAMES.on(LAST)
    assert NAMES.on(date(2026, 1, 1)) is NAMES
    plain = Names([AliasRow(META, "Facebook")])
    assert plain.on(BEFORE) is plain


def test_days_on_which_something_turns() -> None:
    assert turning_days([(None, None), (FIRST, None), (None, LAST), (BEFORE, LATER)]) == [BEFORE, FIRST, date(2023, 3, 2)]


def test_an_old_article_is_linked_by_the_names_of_its_day(across_firms: None) -> None:
    meta = make_issuer("Meta Platforms", listing="META XNAS")
    make_listing(meta.securities.get(), "FB", "XNAS", valid_to=LAST)
    fund = make_issuer("Streaming Media Fund", listing="FB ARCX")
    Listing.objects.filter(security__issuer=fund).update(valid_from=FIRST)
    Alias.objects.filter(issuer=meta).update(valid_from=FIRST)
    source = make_source()
    days = {"old": datetime(2021, 3, 1, tzinfo=UTC), "new": datetime.now(UTC)}
    articles = {
        when: make_article(source, title="Ads grow (NASDAQ: FB)", text="", published_at=day) for when, day in days.items()
    }
    read_articles([article.pk for article in articles.values()])
    found = {when: Mention.objects.get(article=article).issuer for when, article in articles.items()}
    assert found == {"old": meta, "new": fund}
