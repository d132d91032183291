"""The book that the tests of pages and of uploads look at."""

import pytest

from accounts.scope import every_firm
from portfolios.models import Portfolio, Security
from portfolios.valuation import revalue
from tests.cast import Cast
from tests.make import make_holding, make_issuer, make_listing, make_portfolio, make_price, make_rate, make_security


@pytest.fixture
def apple(cast: Cast) -> Security:
    with every_firm():
        security = make_security(make_issuer("Apple"), name="Apple shares", isin="US0378331005")
        make_price(make_listing(security, "AAPL"), 10, source="sample")
    return security


@pytest.fixture
def book(cast: Cast, apple: Security) -> Portfolio:
    """Of Alice's and Bob's firm: long Apple, short Hon Hai, and cash."""
    with every_firm():
        portfolio = make_portfolio(cast.firm, cash={"USD": 1000}, name="Global AI", slug="global-ai")
        hon_hai = make_issuer("Hon Hai Precision", listing="2317 XTAI", currency="TWD")
        make_rate("TWD", "0.032", source="sample")
        make_holding(portfolio, apple, 100)
        make_holding(portfolio, hon_hai.securities.get(), -100, price="236.5")
        revalue(portfolio)
    return portfolio
