from datetime import date
from decimal import Decimal

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.scope import every_firm, firm_scope
from portfolios.models import Holding, Portfolio
from portfolios.valuation import revalue
from tests.make import make_holding, make_issuer, make_listing, make_portfolio, make_price, make_rate, make_security

pytestmark = pytest.mark.usefixtures("across_firms")


def valued(portfolio: Portfolio) -> list[tuple[Decimal | None, str, Decimal | None, float | None]]:
    revalue(portfolio)
    holdings = Holding.objects.filter(portfolio=portfolio).order_by("pk")
    return [(holding.price, holding.price_currency, holding.market_value, holding.weight) for holding in holdings]


def test_positions_short_and_in_other_currencies() -> None:
    portfolio = make_portfolio(cash={"USD": 5000, "TWD": 100_000})
    make_rate("TWD", "0.032")
    make_holding(portfolio, quantity=100, price="50.5")
    make_holding(portfolio, quantity=-10, price=200)
    make_holding(portfolio, make_security(currency="TWD"), quantity=1000, price="236.5")
    found = valued(portfolio)
    assert [row[2] for row in found] == [Decimal("5050.00"), Decimal("-2000.00"), Decimal("7568.00")]
    portfolio.refresh_from_db()
    assert portfolio.nav == Decimal("5050.00") - 2000 + 7568 + 5000 + 3200
    assert [row[3] for row in found] == pytest.approx([5050 / 18818, -2000 / 18818, 7568 / 18818])
    assert portfolio.priced_on == date(2025, 11, 19)
    assert portfolio.price_source == "test"


def test_pence() -> None:
    portfolio = make_portfolio(base_currency="GBP")
    make_holding(portfolio, make_security(currency="GBX"), quantity=100, price=350)
    assert valued(portfolio) == [(Decimal(350), "GBX", Decimal("350.00"), 1.0)]


def test_the_newest_price_of_the_primary_listing() -> None:
    security = make_security()
    second, primary = make_listing(security, is_primary=False), make_listing(security, mic="XNYS")
    make_price(second, 99, date=date(2025, 11, 20))
    make_price(primary, 10, date=date(2025, 11, 18))
    make_price(primary, 11, date=date(2025, 11, 19), source="other")
    portfolio = make_portfolio()
    make_holding(portfolio, security)
    make_holding(portfolio, price=1, quantity=1)
    assert valued(portfolio)[0][0] == 11
    portfolio.refresh_from_db()
    assert portfolio.price_source == "other, test"


def test_another_listing_where_the_primary_has_no_price_and_none_that_ended() -> None:
    security = make_security()
    make_listing(security)
    make_price(make_listing(security, mic="XNYS", is_primary=False), 12)
    ended = make_listing(make_security(), valid_to=date(2024, 1, 1))
    make_price(ended, 5)
    portfolio = make_portfolio()
    make_holding(portfolio, security)
    make_holding(portfolio, ended.security)
    assert [row[0] for row in valued(portfolio)] == [12, None]


def test_one_missing_price_leaves_nav_and_weights_null_and_says_so_in_its_row() -> None:
    portfolio = make_portfolio(cash={"USD": 100})
    make_holding(portfolio, price=10, quantity=1)
    assert valued(portfolio)[0][3] == pytest.approx(10 / 110)
    make_holding(portfolio)
    assert valued(portfolio) == [(Decimal(10), "USD", Decimal("10.00"), None), (None, "", None, None)]
    portfolio.refresh_from_db()
    assert portfolio.nav is None


def test_the_newest_rate() -> None:
    make_rate("EUR", "1.1", date=date(2025, 11, 18))
    make_rate("EUR", "1.2")
    portfolio = make_portfolio(cash={"EUR": 100})
    revalue(portfolio)
    assert portfolio.nav == Decimal("120.00")


def test_no_more_queries_for_more_holdings(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def of_size(size: int) -> Portfolio:
        portfolio = make_portfolio(cash={"USD": 1, "EUR": 1})
        for _ in range(size):
            make_holding(portfolio, price=10)
        return portfolio

    make_rate("EUR", "1.2")
    small, large = of_size(5), of_size(200)
    for portfolio in (small, large):
        with django_assert_num_queries(10):
            revalue(portfolio)
        assert portfolio.nav is not None


def test_within_one_firm_alone() -> None:
    portfolio = make_portfolio()
    make_holding(portfolio, price=10)
    with firm_scope(portfolio.firm):
        revalue(portfolio)
    with firm_scope(make_portfolio().firm), pytest.raises(Portfolio.DoesNotExist):
        revalue(portfolio)
    with every_firm():
        assert Portfolio.objects.get(pk=portfolio.pk).nav == Decimal("1000.00")


def test_an_issuer_with_a_listing_is_made_in_one_call() -> None:
    issuer = make_issuer("Hon Hai Precision", aliases=["Foxconn"], listing="2317 XTAI", currency="TWD")
    listing = issuer.securities.get().listings.get()
    assert (listing.ticker, listing.mic, listing.currency) == ("2317", "XTAI", "TWD")
