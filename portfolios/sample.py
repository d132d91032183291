"""The sample security master, prices and portfolios. Identifiers are real; every price and rate is simulated and says so.

A row that exists is left as it is: loading twice changes nothing, and what a firm has corrected stays corrected.
"""

import random
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django.db import models

from accounts.models import Firm
from portfolios.models import Alias, CashBalance, FxRate, Holding, Issuer, Listing, Portfolio, Price, Relation, Security
from portfolios.sample_files import rows

PRICE_SOURCE = "sample"
PRICE_DAYS = 60
PRICE_SEED = "a"


def business_days(last: date, count: int) -> list[date]:
    """The last `count` weekdays up to and including `last`, oldest first. Holidays of exchanges are not left out."""
    days: list[date] = []
    day = last
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


def simulated_closes(close: Decimal, volatility: float, count: int, seed: str) -> list[Decimal]:
    """`count` closes, oldest first, that end at `close`: a random walk with that daily volatility, the same on every machine.

    Normal steps come from the sum of twelve uniform numbers (Irwin–Hall): sums and products of floats are exactly defined, where
    logarithms differ in the last bit between C libraries.
    """
    numbers = random.Random(seed)
    tick = Decimal(1).scaleb(int(close.as_tuple().exponent))
    closes, level = [close], float(close)
    for _ in range(count - 1):
        level /= 1 + volatility * (sum(numbers.random() for _ in range(12)) - 6)
        closes.append(max(Decimal(level).quantize(tick), tick))
    return closes[::-1]


def load_master() -> None:
    """Issuers with their aliases, relations, securities and listings, as far as they are missing."""
    Issuer.objects.bulk_create(
        (
            Issuer(
                slug=row["slug"],
                name=row["name"],
                legal_name=row["legal_name"],
                country=row["country"],
                sector=row["sector"],
                is_private=row["is_private"] == "yes",
                lei=row["lei"],
            )
            for row in rows("issuers")
        ),
        ignore_conflicts=True,
    )
    issuers = Issuer.objects.in_bulk([row["slug"] for row in rows("issuers")], field_name="slug")
    Alias.objects.bulk_create(
        (
            Alias(
                issuer=issuers[row["issuer"]],
                text=row["text"],
                needs_corroboration=row["needs_corroboration"] == "yes",
                source=Alias.Source.SAMPLE,
            )
            for row in rows("aliases")
        ),
        ignore_conflicts=True,
    )
    Relation.objects.bulk_create(
        (
            Relation(
                issuer=issuers[row["issuer"]],
                kind=row["kind"],
                other=issuers[row["other"]],
                quote=row["quote"],
                source=row["source"],
                as_of=date.fromisoformat(row["as_of"]),
            )
            for row in rows("relations")
        ),
        ignore_conflicts=True,
    )
    _load_listings(_load_securities(issuers))


def _load_securities(issuers: dict[str, Issuer]) -> dict[str, Security]:
    found = {(security.issuer_id, security.name): security for security in Security.objects.filter(issuer__in=issuers.values())}
    securities = {}
    for row in rows("securities"):
        issuer = issuers[row["issuer"]]
        securities[row["key"]] = found.get((issuer.pk, row["name"])) or Security(
            issuer=issuer,
            name=row["name"],
            isin=row["isin"] or None,
            asset_class=row["asset_class"],
            currency=row["currency"],
        )
    Security.objects.bulk_create(security for security in securities.values() if security.pk is None)
    return securities


def _load_listings(securities: dict[str, Security]) -> None:
    found = set(Listing.objects.current().values_list("mic", "ticker"))
    Listing.objects.bulk_create(
        Listing(
            security=securities[row["security"]],
            mic=row["mic"],
            ticker=row["ticker"],
            currency=row["currency"],
            is_primary=row["is_primary"] == "yes",
        )
        for row in rows("listings")
        if (row["mic"], row["ticker"]) not in found
    )


def _listings() -> dict[tuple[str, str], Listing]:
    current = Listing.objects.current().select_related("security")
    return {(listing.mic, listing.ticker): listing for listing in current}


def load_prices() -> None:
    """Simulated closes of the last 60 weekdays up to the date in the file, and exchange rates held constant over them."""
    listings = _listings()
    prices = []
    for row in rows("prices"):
        days = business_days(date.fromisoformat(row["date"]), PRICE_DAYS)
        seed = PRICE_SEED + row["mic"] + row["ticker"]
        closes = simulated_closes(Decimal(row["close"]), float(row["daily_volatility"]), PRICE_DAYS, seed)
        listing = listings[row["mic"], row["ticker"]]
        prices += [
            Price(listing=listing, date=day, close=close, source=PRICE_SOURCE) for day, close in zip(days, closes, strict=True)
        ]
    Price.objects.bulk_create(prices, ignore_conflicts=True)
    FxRate.objects.bulk_create(
        (
            FxRate(currency=row["currency"], date=day, usd=Decimal(row["usd"]), source=PRICE_SOURCE)
            for row in rows("fx")
            for day in business_days(date.fromisoformat(row["date"]), PRICE_DAYS)
        ),
        ignore_conflicts=True,
    )


def load_portfolios(firm: Firm, slugs: Collection[str] = ()) -> list[Portfolio]:
    """The sample portfolios of a firm that has none, or those of them that are named, not yet valued."""
    listings = _listings()
    portfolios = {
        row["slug"]: Portfolio.objects.create(firm=firm, slug=row["slug"], name=row["name"], base_currency=row["base_currency"])
        for row in rows("portfolios")
        if not slugs or row["slug"] in slugs
    }
    Holding.objects.bulk_create(
        Holding(
            firm=firm,
            portfolio=portfolios[row["portfolio"]],
            security=listings[row["mic"], row["ticker"]].security,
            issuer_id=listings[row["mic"], row["ticker"]].security.issuer_id,
            quantity=Decimal(row["quantity"]),
        )
        for row in rows("holdings")
        if row["portfolio"] in portfolios
    )
    CashBalance.objects.bulk_create(
        CashBalance(firm=firm, portfolio=portfolios[row["portfolio"]], currency=row["currency"], amount=Decimal(row["amount"]))
        for row in rows("cash")
        if row["portfolio"] in portfolios
    )
    return list(portfolios.values())


def remove_master() -> dict[str, int]:
    """Remove the sample's prices, rates and issuers, and count them. An issuer that anything else refers to is kept, and so are
    the simulated prices and rates of what a firm on trial holds: its sample portfolio is valued with them.

    Call it across firms: a holding of a firm out of sight would stop the database, not the query.
    """
    on_trial = Holding.objects.exclude(firm__trial_ends_at=None)
    prices = Price.objects.filter(source=PRICE_SOURCE).exclude(listing__security__in=on_trial.values("security"))
    rates = FxRate.objects.none() if on_trial.exists() else FxRate.objects.filter(source=PRICE_SOURCE)
    counts = {"prices": prices.delete()[0], "rates": rates.delete()[0]}
    ours = Issuer.objects.filter(slug__in=[row["slug"] for row in rows("issuers")])
    kept = _in_use(ours)
    counts["issuers"] = ours.exclude(pk__in=kept).count()
    counts["issuers_kept"] = len(kept)
    ours.exclude(pk__in=kept).delete()
    return counts


def _in_use(issuers: models.QuerySet[Issuer]) -> set[int]:
    """Those of the issuers that have a price of another source or another security, or that a row anywhere protects."""
    ours = [row["name"] for row in rows("securities")]
    used = {
        *Price.objects.filter(listing__security__issuer__in=issuers).values_list("listing__security__issuer", flat=True),
        *Security.objects.filter(issuer__in=issuers).exclude(name__in=ours).values_list("issuer", flat=True),
    }
    for relation in Issuer._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT:
            named, referring = relation.field.name, cast("Any", relation.related_model)
            used |= set(referring.objects.filter(**{f"{named}__in": issuers}).values_list(named, flat=True))
    return used
