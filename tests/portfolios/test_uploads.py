"""Importing through the pages: send, look, apply. Nothing changes before the last step, and then only what the preview said."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.scope import every_firm
from portfolios import uploads
from portfolios.models import CashBalance, Holding, Portfolio, Security, Upload
from tests.at_once import at_once
from tests.cast import Cast, signed_in
from tests.make import (
    make_listing,
    make_member,
    make_rule,
    make_security,
)

pytestmark = pytest.mark.slow
SLUG = "global-ai"
IMPORT = reverse("portfolios:import", args=[SLUG])


def send(client: Client, data: bytes) -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile("holdings.csv", data)}, follow=True)


def paste(client: Client, cells: str) -> Any:
    return client.post(IMPORT, {"cells": cells}, follow=True)


def preview() -> str:
    with every_firm():
        return reverse("portfolios:upload", args=[SLUG, Upload.objects.latest("pk").pk])


def press(client: Client, **fields: str) -> Any:
    """Apply the newest upload, as the form on its preview does."""
    look = client.get(preview()).context.get("look")
    seen = {"seen": look.result.fingerprint} if look else {}
    return client.post(f"{preview()}application/", seen | fields, follow=True)


def held(portfolio: Portfolio) -> dict[str, Decimal]:
    with every_firm():
        return dict(Holding.objects.filter(portfolio=portfolio).values_list("security__name", "quantity"))


AS_IT_WAS = {"Apple shares": 100, "Hon Hai Precision shares": -100}


def test_a_file_is_looked_at_and_then_applied(bob_client: Client, book: Portfolio) -> None:
    response = send(bob_client, b"isin,quantity\nUS0378331005,7\n")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Apply all 1 row" in page
    assert "1 position or balance that it does not have is removed" in page
    changes = [(change.name, change.before, change.after) for change in response.context["look"].result.changes]
    assert changes == [("Apple shares", 100, 7), ("Hon Hai Precision shares", -100, None)]
    assert held(book) == AS_IT_WAS

    applied = press(bob_client)
    assert applied.redirect_chain == [(preview(), 302)]
    assert (
        "1 row imported. 1 is new or changed, 0 as before. 1 position or balance that the file lacks removed."
        " Nothing else was changed in the portfolio. NAV was $1.2K and is $1.1K."
    ) in applied.content.decode()
    assert held(book) == {"Apple shares": 7}
    assert applied.context["portfolio"].nav == Decimal("1070.00")


def test_what_was_applied_is_not_applied_again(bob_client: Client, book: Portfolio) -> None:
    send(bob_client, b"isin,quantity\nUS0378331005,7\n")
    press(bob_client)
    with every_firm():
        Holding.objects.filter(portfolio=book).update(quantity=8)
    again = press(bob_client)
    assert "This was imported already" in again.content.decode()
    assert held(book) == {"Apple shares": 8}


def test_cells_from_a_spreadsheet_are_read_like_a_file(bob_client: Client, book: Portfolio) -> None:
    response = paste(bob_client, "Ticker\tExchange\tShares\r\nAAPL\tXNAS\t1,250\r\n2317\tXTAI\t2,000\r\n")
    assert "Pasted cells" in response.content.decode()
    press(bob_client)
    assert held(book) == {"Apple shares": 1250, "Hon Hai Precision shares": 2000}


def test_neither_a_file_nor_cells_are_called_optional(bob_client: Client, book: Portfolio) -> None:
    assert "Optional" not in bob_client.get(IMPORT).content.decode()


def test_bad_rows_are_named_and_nothing_is_applied_but_by_choice(bob_client: Client, book: Portfolio) -> None:
    response = send(bob_client, b"isin,quantity\nUS0378331005,7\nUS0378331006,9\n<script>alert(1)</script>,1\n")
    page = response.content.decode()
    assert "2 things to put right" in page
    assert "The check digit of this ISIN does not fit" in page
    assert "<script>alert" not in page
    assert "Apply all" not in page
    assert "Apply the 1 good row, leave out 2" in page

    press(bob_client)
    assert held(book) == AS_IT_WAS
    applied = press(bob_client, good="1")
    assert "1 row imported, 2 need an ISIN. 1 is new or changed, 0 as before. Nothing else" in applied.content.decode()
    # What a bad row meant is not known: it may have been Hon Hai.
    assert held(book) == {"Apple shares": 7, "Hon Hai Precision shares": -100}


def test_of_two_rows_on_one_security_neither_is_good(bob_client: Client, book: Portfolio) -> None:
    response = send(bob_client, b"isin,ticker,mic,quantity\nUS0378331005,,,7\n,AAPL,XNAS,9\n,2317,XTAI,5\n")
    assert response.context["look"].result.left_out == 2
    press(bob_client, good="1")
    assert held(book) == {"Apple shares": 100, "Hon Hai Precision shares": 5}


@pytest.mark.parametrize(
    "bad",
    [
        "US0378331005,,,lots",  # a quantity that is none
        ",AAPL,XNAS,",
        "US0378331006,AAPL,XNAS,5",  # a wrong check digit beside the ticker
        "TW0002354008,AAPL,XNAS,5",  # an ISIN of something else
        "US0378331005,,,5,extra",
        "US0378331005,A\0PL,,5",
    ],
)
def test_a_row_beside_a_bad_one_on_the_same_security_is_left_out_too(bob_client: Client, book: Portfolio, bad: str) -> None:
    response = send(bob_client, f"isin,ticker,mic,quantity\nUS0378331005,,,7\n,2317,XTAI,5\n{bad}\n".encode())
    assert response.context["look"].result.left_out == 2
    press(bob_client, good="1")
    assert held(book) == {"Apple shares": 100, "Hon Hai Precision shares": 5}


def test_what_changed_since_the_preview_is_looked_at_again(bob_client: Client, book: Portfolio) -> None:
    look = send(bob_client, b"isin,quantity\nUS0378331005,7\n").context["look"]
    with every_firm():
        Holding.objects.filter(portfolio=book, quantity=100).update(quantity=50)
    for seen in (look.result.fingerprint, ""):
        again = bob_client.post(f"{preview()}application/", {"seen": seen}, follow=True)
        assert "Nothing was changed: look again." in again.content.decode()
        assert again.context["look"].result.changes[0].before == 50
    assert held(book) == {"Apple shares": 50, "Hon Hai Precision shares": -100}


def test_the_result_offers_a_rule_where_there_is_none(bob_client: Client, book: Portfolio) -> None:
    address = f"{reverse('alerts:rule_new')}?portfolio={book.pk}"
    send(bob_client, b"isin,quantity\nUS0378331005,7\n")
    assert address in press(bob_client).content.decode()
    assert f'<option value="{book.pk}" selected>' in bob_client.get(address).content.decode()
    with every_firm():
        make_rule(book)
    assert address not in bob_client.get(preview()).content.decode()


def test_the_first_rows_are_shown_as_they_came_and_as_they_were_read(bob_client: Client, book: Portfolio) -> None:
    response = send(bob_client, b"isin;quantity\nUS0378331005;(1 500)\nUS0378331006;7\n;\nUS0378331005;0\n")
    rows = [(row.number, row.cells[1], row.read and row.read.quantity) for row in response.context["look"].first_rows]
    assert rows == [(2, "(1 500)", -1500), (3, "7", None), (5, "0", None)]
    assert "US0378331005: −1,500" in response.content.decode()


def test_cash_that_is_named_twice_stays_as_it_is(bob_client: Client, book: Portfolio) -> None:
    send(bob_client, b"ticker,mic,quantity,currency\nCASH,,5,USD\nCASH,,6,USD\nCASH,,7,EUR\nAAPL,XNAS,100,USD\n")
    press(bob_client, good="1")
    with every_firm():
        assert dict(CashBalance.objects.filter(portfolio=book).values_list("currency", "amount")) == {"USD": 1000, "EUR": 7}


def test_columns_that_no_header_names_are_guessed_and_wait_for_a_person(bob_client: Client, book: Portfolio) -> None:
    response = send(bob_client, b"US0378331005,Apple Inc,250\nTW0002317005,Hon Hai,40\n")
    page = response.content.decode()
    assert "A guess, to be confirmed" in page
    assert "Apply" not in page
    assert response.context["look"].layout.columns == ("isin", "", "quantity")
    press(bob_client)
    assert held(book) == AS_IT_WAS

    with every_firm():
        Security.objects.filter(name="Hon Hai Precision shares").update(isin="TW0002317005")
    confirmed = bob_client.post(preview(), {"column-0": "isin", "column-2": "quantity"}, follow=True)
    assert "Apply all 2 rows" in confirmed.content.decode()
    press(bob_client)
    assert held(book) == {"Apple shares": 250, "Hon Hai Precision shares": 40}


def test_a_person_says_what_a_column_is(bob_client: Client, book: Portfolio) -> None:
    send(bob_client, b"isin,quantity,new quantity\nUS0378331005,7,9\n")
    chosen = bob_client.post(preview(), {"header": "on", "column-0": "isin", "column-2": "quantity"}, follow=True)
    assert chosen.context["look"].layout.columns == ("isin", "", "quantity")
    press(bob_client)
    assert held(book) == {"Apple shares": 9}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"column-0": "isin"}, "names no column quantity"),
        ({"column-0": "quantity", "column-1": "quantity"}, "neither isin nor ticker"),
        ({"column-0": "isin", "column-1": "quantity", "column-2": "quantity"}, "two columns for quantity"),
        ({"column-0": "salary"}, "not one of the available choices"),
    ],
)
def test_a_choice_of_columns_that_makes_no_sense_is_refused(
    bob_client: Client, book: Portfolio, choice: dict[str, str], said: str
) -> None:
    send(bob_client, b"isin,quantity,other\nUS0378331005,7,9\n")
    response = bob_client.post(preview(), choice)
    assert response.status_code == 422
    assert said in response.content.decode()
    with every_firm():
        assert Upload.objects.get().columns == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file, or paste cells."),
        ({"cells": " \n"}, "Choose a file, or paste cells."),
        ({"cells": "a\tb", "file": SimpleUploadedFile("a.csv", b"x")}, "not both"),
        ({"cells": "a\x00b"}, "Null characters are not allowed"),
        ({"file": SimpleUploadedFile("a.csv", b"x" * 5_000_001)}, "larger than 5 MB"),
    ],
)
def test_nothing_to_look_at(bob_client: Client, book: Portfolio, fields: dict[str, Any], said: str) -> None:
    response = bob_client.post(IMPORT, fields)
    assert response.status_code == 422
    assert said in response.content.decode()
    with every_firm():
        assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Membership.Role.ADMINISTRATOR, True),
        (Membership.Role.PORTFOLIO_MANAGER, True),
        (Membership.Role.ANALYST, False),
        (Membership.Role.COMPLIANCE, False),
    ],
)
def test_who_may_import(role: str, may: bool, cast: Cast, book: Portfolio) -> None:
    with every_firm():
        client = signed_in(make_member(cast.firm, role).user)
        upload = uploads.keep(book, b"isin,quantity\nUS0378331005,5\n", "a.csv", cast.bob)
    pages = [IMPORT, reverse("portfolios:new"), reverse("portfolios:upload", args=[SLUG, upload.pk])]
    assert [client.get(page).status_code for page in pages] == [200 if may else 403] * 3
    applied = press(client) if may else client.post(f"{preview()}application/")
    assert applied.status_code == (200 if may else 403)
    assert held(book) == ({"Apple shares": 5} if may else AS_IT_WAS)
    shown = client.get(reverse("portfolios:portfolio", args=[SLUG]))
    assert shown.context["may_edit"] == may
    assert (IMPORT in shown.content.decode()) == may


def test_a_new_portfolio_goes_on_to_its_import(bob_client: Client, cast: Cast, book: Portfolio) -> None:
    made = bob_client.post(reverse("portfolios:new"), {"name": "  Asia  hardware ", "base_currency": "TWD"})
    assert made["Location"] == reverse("portfolios:import", args=["asia-hardware"])
    with every_firm():
        portfolio = Portfolio.objects.get(slug="asia-hardware")
    assert (portfolio.firm, portfolio.name, portfolio.base_currency) == (cast.firm, "Asia hardware", "TWD")


@pytest.mark.parametrize(("name", "slug"), [("New", "new-portfolio"), ("鴻海", "portfolio"), ("Global-AI", "global-ai-2")])
def test_a_portfolio_gets_an_address_that_is_free(bob_client: Client, book: Portfolio, name: str, slug: str) -> None:
    made = bob_client.post(reverse("portfolios:new"), {"name": name, "base_currency": "USD"})
    assert made["Location"] == reverse("portfolios:import", args=[slug])


def test_an_empty_firm_begins_with_an_import(charlie_client: Client, cast: Cast) -> None:
    page = charlie_client.get(reverse("portfolios:list")).content.decode()
    assert "Import holdings" in page
    assert reverse("portfolios:new") in page
    made = charlie_client.post(reverse("portfolios:new"), {"name": "First", "base_currency": "ISK"}, follow=True)
    assert made.redirect_chain == [(reverse("portfolios:import", args=["first"]), 302)]
    assert "Import holdings" in charlie_client.get(reverse("portfolios:portfolio", args=["first"])).content.decode()


def test_a_currency_that_is_none(bob_client: Client, book: Portfolio) -> None:
    assert bob_client.post(reverse("portfolios:new"), {"name": "Old", "base_currency": "DEM"}).status_code == 422


def test_two_portfolios_of_one_firm_have_two_names(bob_client: Client, book: Portfolio) -> None:
    response = bob_client.post(reverse("portfolios:new"), {"name": "global ai", "base_currency": "USD"})
    assert response.status_code == 422
    assert "There is a portfolio of that name already" in response.content.decode()


def test_a_preview_costs_the_same_for_two_rows_and_for_three_hundred(bob_client: Client, book: Portfolio) -> None:
    def queries(rows: int) -> int:
        with every_firm():
            listings = [make_listing(make_security()) for _ in range(rows)]
        lines = [f"{listing.ticker},XNAS,5" for listing in listings]
        with CaptureQueriesContext(connection) as captured:
            assert send(bob_client, "\n".join(["ticker,mic,quantity", *lines]).encode()).status_code == 200
        return len(captured)

    assert queries(2) == queries(300)


def test_old_uploads_are_forgotten(cast: Cast, book: Portfolio) -> None:
    with every_firm():
        old, young = (uploads.keep(book, b"x", "", cast.bob) for _ in range(2))
        Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - uploads.KEPT)
        assert uploads.prune() == 1
        assert list(Upload.objects.all()) == [young]


@pytest.mark.django_db(transaction=True)
def test_applied_twice_at_once_it_is_applied_once(cast: Cast, book: Portfolio) -> None:
    with every_firm():
        upload = uploads.keep(book, b"isin,quantity\nUS0378331005,5\n", "a.csv", cast.bob)
        seen = uploads.preview(upload).result.fingerprint
    outcomes: list[str] = []

    def apply(_: int) -> None:
        try:
            with every_firm():
                uploads.apply(upload, good_only=False, seen=seen)
            outcomes.append("applied")
        except uploads.NotApplied:
            outcomes.append("before")

    at_once(4, apply)
    assert sorted(outcomes) == ["applied", "before", "before", "before"]
