"""Portfolios at their newest prices: what `exposure` computes, from rows and into rows."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import OuterRef, Subquery

from portfolios import exposure
from portfolios.models import FxRate, Holding, Listing, Portfolio, Price

BATCH = 5000
SEVERAL = "several"


def revalue(portfolio: Portfolio) -> None:
    """Write the newest price, market value and weight into each holding, and NAV, date and source into the portfolio.

    A security is priced where it is primarily listed, or else on the first listing that has a price. What has no price, or no
    rate to the base currency, stays null, and NAV with all weights. Takes the portfolio's lock; the queries do not grow with it.
    """
    with transaction.atomic():
        Portfolio.objects.select_for_update().get(pk=portfolio.pk)
        holdings = list(portfolio.holdings.all())
        cash = {balance.currency: balance.amount for balance in portfolio.cash_balances.all()}
        quantities = {holding.security_id: holding.quantity for holding in holdings}
        prices, rates, found = appraise(quantities, cash, portfolio.base_currency)
        changed = [
            holding
            for holding, market_value, weight in zip(holdings, found.market_values, found.weights, strict=True)
            if _put(holding, prices.get(holding.security_id), market_value, weight)
        ]
        Holding.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["price", "price_currency", "market_value", "weight"],
        )
        portfolio.nav = found.nav
        portfolio.priced_on = min((price.date for price in prices.values()), default=None)
        portfolio.price_source = _source({price.source for price in prices.values()} | {rate.source for rate in rates.values()})
        portfolio.save(update_fields=["nav", "priced_on", "price_source"])


def appraise(
    quantities: Mapping[int, Decimal], cash: Mapping[str, Decimal], base: str
) -> tuple[dict[int, Price], dict[str, FxRate], exposure.Valuation]:
    """What positions by security id and cash by currency are worth in `base`, in their order, and the prices and rates for it."""
    prices = newest_prices(quantities)
    rates = newest_rates({base, *cash, *(price.listing.currency for price in prices.values())})
    positions = [_position(quantity, prices.get(security)) for security, quantity in quantities.items()]
    return prices, rates, exposure.value(positions, cash, base, {currency: rate.usd for currency, rate in rates.items()})


def newest_prices(securities: Iterable[int]) -> dict[int, Price]:
    """The newest price of each security that has one, by security id, from its primary listing where that has one."""
    newest = Price.objects.filter(listing=OuterRef("pk")).order_by("-date").values("pk")[:1]
    listings = Listing.objects.current().filter(security__in=securities).annotate(newest=Subquery(newest))
    pairs = list(listings.order_by("-is_primary", "pk").values_list("security_id", "newest"))
    # Two queries, as one join was planned as a loop over all prices while the tables had no statistics.
    prices = Price.objects.select_related("listing").in_bulk([price for _, price in pairs if price])
    found: dict[int, Price] = {}
    for security, price in pairs:
        if price:
            found.setdefault(security, prices[price])
    return found


def newest_rates(currencies: Iterable[str]) -> dict[str, FxRate]:
    """The newest rate to the US dollar of each currency that has one, by currency; minor units by their major one."""
    majors = {exposure.major_unit(currency)[0] for currency in currencies} - {exposure.DOLLAR}
    rates = FxRate.objects.filter(currency__in=majors).order_by("currency", "-date").distinct("currency")
    return {rate.currency: rate for rate in rates}


def _position(quantity: Decimal, price: Price | None) -> exposure.Position:
    return exposure.Position(quantity, price.close if price else None, price.listing.currency if price else "")


def _put(holding: Holding, price: Price | None, market_value: Decimal | None, weight: Decimal | None) -> bool:
    """Set the four fields, and say whether that changed any of them."""
    before = (holding.price, holding.price_currency, holding.market_value, holding.weight)
    holding.price = price.close if price else None
    holding.price_currency = price.listing.currency if price else ""
    holding.market_value = market_value
    holding.weight = None if weight is None else float(weight)
    return before != (holding.price, holding.price_currency, holding.market_value, holding.weight)


def _source(names: set[str]) -> str:
    joined = ", ".join(sorted(names))
    limit = Portfolio._meta.get_field("price_source").max_length or 0
    return joined if len(joined) <= limit else SEVERAL
