from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.scope import every_firm
from portfolios.models import CashBalance, Portfolio
from tests.cast import signed_in
from tests.make import make_holding, make_issuer, make_portfolio, make_price, make_rate, make_user


@pytest.fixture
def staff_client(db: None) -> Client:
    return signed_in(make_user(is_staff=True, is_superuser=True))


@pytest.mark.parametrize("model", ["issuer", "security", "listing", "price", "fxrate", "portfolio"])
def test_every_page_opens(model: str, staff_client: Client) -> None:
    with every_firm():
        make_rate("EUR", "1.2")
        make_price()
        make_holding(make_portfolio(cash={"USD": 1}), make_issuer(listing="2317 XTAI").securities.get())
    listed = staff_client.get(reverse(f"admin:portfolios_{model}_changelist"), {"q": "2317"})
    assert listed.status_code == 200
    rows = staff_client.get(reverse(f"admin:portfolios_{model}_changelist")).context["cl"].result_list
    assert rows
    assert staff_client.get(reverse(f"admin:portfolios_{model}_change", args=[rows[0].pk])).status_code == 200


def test_new_cash_is_valued_at_once(staff_client: Client) -> None:
    with every_firm():
        portfolio = make_portfolio()
    fields = {
        "firm": portfolio.firm_id,
        "name": portfolio.name,
        "slug": portfolio.slug,
        "base_currency": "USD",
        "cash_balances-TOTAL_FORMS": 1,
        "cash_balances-INITIAL_FORMS": 0,
        "cash_balances-0-portfolio": portfolio.pk,
        "cash_balances-0-currency": "USD",
        "cash_balances-0-amount": "250.50",
        "holdings-TOTAL_FORMS": 0,
        "holdings-INITIAL_FORMS": 0,
    }
    response = staff_client.post(reverse("admin:portfolios_portfolio_change", args=[portfolio.pk]), fields)
    assert response.status_code == 302
    with every_firm():
        assert CashBalance.objects.get(portfolio=portfolio).firm_id == portfolio.firm_id
        assert Portfolio.objects.get(pk=portfolio.pk).nav == Decimal("250.50")
