"""What the page of a portfolio shows, and what its holdings file says: the rows of the last valuation, never computed anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch

from portfolios import exposure
from portfolios.holdings_file import CASH, ExportRow, write_holdings
from portfolios.models import Holding, Listing, Portfolio, Security
from portfolios.valuation import newest_rates
from portfolios.venues import venue_code

UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """A position: money in the base currency but for the price; `weight` a share of NAV, negative when short."""

    name: str
    ticker: str
    venue: str
    quantity: Decimal
    price: Decimal | None
    price_currency: str
    market_value: Decimal | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class Book:
    """Amounts in the base currency and shares of NAV; None is not measured."""

    cash: Decimal | None
    gross: Decimal | None
    net: Decimal | None
    cash_weight: Decimal | None
    gross_weight: Decimal | None
    net_weight: Decimal | None


def holdings_of(portfolio: Portfolio) -> list[Holding]:
    """The positions, largest first, with issuer, security and current listings."""
    listings = Prefetch("security__listings", Listing.objects.current().order_by("-is_primary", "pk"))
    found = portfolio.holdings.select_related("security", "issuer").prefetch_related(listings)
    return sorted(found, key=lambda holding: (-abs(holding.market_value or Decimal(0)), holding.security.name))


def listing_of(security: Security) -> Listing | None:
    """The listing to show, of a security that `holdings_of` read: the primary one where there is one."""
    return next(iter(security.listings.all()), None)


def line(holding: Holding) -> HoldingLine:
    listing = listing_of(holding.security)
    return HoldingLine(
        name=holding.issuer.name,
        ticker=listing.ticker if listing else holding.security.isin or UNLISTED,
        venue=venue_code(listing.mic) if listing else "",
        quantity=holding.quantity,
        price=holding.price,
        price_currency=holding.price_currency,
        market_value=holding.market_value,
        weight=holding.weight,
    )


def book_of(portfolio: Portfolio, holdings: Iterable[Holding]) -> Book:
    values = [holding.market_value for holding in holdings]
    net, gross = exposure.total(values), exposure.total_of_sizes(values)
    cash = None if net is None or portfolio.nav is None else portfolio.nav - net
    shares = (exposure.share(amount, portfolio.nav) for amount in (cash, gross, net))
    return Book(cash, gross, net, *shares)


def missing_for(portfolio: Portfolio, holdings: Sequence[Holding]) -> list[str]:
    """In words, each price and exchange rate without which the portfolio's NAV is not measured; none where it is."""
    if portfolio.nav is not None:
        return []
    unpriced = [f"a price of {holding.security.name}" for holding in holdings if holding.price is None]
    currencies = {holding.price_currency for holding in holdings if holding.price is not None}
    currencies |= {balance.currency for balance in portfolio.cash_balances.all()}
    majors = {exposure.major_unit(currency)[0] for currency in currencies} - {portfolio.base_currency}
    needed = (majors | {portfolio.base_currency} if majors else set()) - {exposure.DOLLAR}
    return unpriced + [f"an exchange rate of {currency}" for currency in sorted(needed - newest_rates(needed).keys())]


def holdings_csv(portfolio: Portfolio) -> bytes:
    """Positions and cash as a file that imports back to the same."""
    positions = [_export(holding, listing_of(holding.security)) for holding in holdings_of(portfolio)]
    balances = portfolio.cash_balances.order_by("currency")
    cash = [ExportRow("", CASH, "", "Cash", balance.amount, balance.currency) for balance in balances]
    return write_holdings(positions + cash)


def _export(holding: Holding, listing: Listing | None) -> ExportRow:
    security = holding.security
    return ExportRow(
        isin=security.isin or "",
        ticker=listing.ticker if listing else "",
        mic=listing.mic if listing else "",
        name=security.name,
        quantity=holding.quantity,
        currency=listing.currency if listing else security.currency,
    )
