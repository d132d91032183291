from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.scope import every_firm
from portfolios.imports import import_holdings
from portfolios.models import Holding, Portfolio
from portfolios.valuation import revalue
from tests.cast import Cast
from tests.make import make_holding, make_issuer, make_listing, make_portfolio, make_security

PAGES = ("portfolio", "import", "holdings")


def url(page: str, slug: str = "global-ai") -> str:
    return reverse(f"portfolios:{page}", args=[slug])


def quantities(portfolio: Portfolio) -> list[Decimal]:
    with every_firm():
        return list(Holding.objects.filter(portfolio=portfolio).order_by("-quantity").values_list("quantity", flat=True))


def test_the_list(alice_client: Client, book: Portfolio) -> None:
    response = alice_client.get(reverse("portfolios:list"))
    [listed] = response.context["portfolios"]
    assert (listed.name, listed.position_count, listed.nav) == ("Global AI", 2, Decimal("1243.20"))
    assert 'href="/portfolios/global-ai/"' in response.content.decode()


def test_a_portfolio(alice_client: Client, book: Portfolio) -> None:
    response = alice_client.get(url("portfolio"))
    long, short = response.context["holdings"]
    assert (long.ticker, long.venue, long.name, long.market_value) == ("AAPL", "US", "Apple", 1000)
    assert (short.ticker, short.venue, short.market_value) == ("2317", "TT", Decimal("-756.80"))
    figures = response.context["book"]
    assert (figures.cash, figures.gross, figures.net) == (1000, Decimal("1756.80"), Decimal("243.20"))
    assert float(figures.cash_weight) + long.weight + short.weight == pytest.approx(1)
    assert response.context["missing"] == []
    text = response.content.decode()
    assert "Sample prices" in text
    assert "19 Nov 2025" in text


def test_what_is_not_measured_is_named(alice_client: Client, book: Portfolio) -> None:
    with every_firm():
        make_holding(book, make_security(name="Zeta shares"))
        make_holding(book, make_security(currency="XAF"), price=1)
        revalue(book)
    response = alice_client.get(url("portfolio"))
    assert response.context["missing"] == ["a price of Zeta shares", "an exchange rate of XAF"]
    assert response.context["book"].gross_weight is None
    text = response.content.decode()
    assert "a price of Zeta shares, an exchange rate of XAF" in text
    assert "n/a" in text


@pytest.mark.parametrize("page", PAGES)
def test_charlie_finds_nothing_of_another_firm(page: str, charlie_client: Client, book: Portfolio) -> None:
    there, nowhere = charlie_client.get(url(page)), charlie_client.get(url(page, "no-such-book"))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content.replace(b"no-such-book", b"global-ai")


def test_two_firms_may_use_one_name(charlie_client: Client, alice_client: Client, cast: Cast, book: Portfolio) -> None:
    with every_firm():
        theirs = make_portfolio(cast.other_firm, name="Global AI", slug="global-ai")
    assert charlie_client.get(url("portfolio")).context["portfolio"] == theirs
    assert alice_client.get(url("portfolio")).context["portfolio"] == book


@pytest.mark.parametrize("page", [*PAGES, "list"])
def test_strangers_are_sent_to_the_sign_in(page: str, client: Client, book: Portfolio) -> None:
    address = reverse("portfolios:list") if page == "list" else url(page)
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


def test_the_download_imports_back_to_the_same(bob_client: Client, cast: Cast, book: Portfolio) -> None:
    with every_firm():
        make_holding(book, make_listing(make_security(make_issuer(), name="=1+1"), "BH", "XNYS").security, "0.125", price=1)
        revalue(book)
    response = bob_client.get(url("holdings"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="global-ai.csv"'
    data = response.content
    assert data.decode("utf-8-sig").splitlines() == [
        "isin,ticker,mic,name,quantity,currency",
        "US0378331005,AAPL,XNAS,Apple shares,100,USD",
        ",2317,XTAI,Hon Hai Precision shares,-100,TWD",
        ",BH,XNYS,'=1+1,0.125000,USD",
        ",CASH,,Cash,1000,USD",
    ]
    with every_firm():
        result = import_holdings(book, data)
    assert (result.problems, result.applied, result.unchanged) == ((), 0, 4)


@pytest.mark.parametrize("page", ["list", "portfolio", "holdings"])
def test_no_more_queries_for_more_holdings(page: str, alice_client: Client, cast: Cast, book: Portfolio) -> None:
    address = reverse("portfolios:list") if page == "list" else url(page)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(address).status_code == 200
        return len(captured)

    with every_firm():
        for _ in range(3):
            make_holding(book, price=1)
    few = queries()
    with every_firm():
        for _ in range(195):
            make_holding(book, price=1)
        for _ in range(5):
            make_portfolio(cast.firm)
    assert queries() == few
