"""The collection of files that break importers, through the pages."""

import json
import time

import pytest
from django.test import Client

from accounts.scope import every_firm
from portfolios.models import Listing, Portfolio, Security
from portfolios.valuation import revalue
from tests.cast import Cast
from tests.make import make_holding, make_issuer, make_listing, make_portfolio, make_security
from tests.portfolios.test_uploads import SLUG, held, paste, press, preview, send
from tests.shared_data import shared

pytestmark = pytest.mark.slow

FIVE = {"Hon Hai": 120000, "Apple": 5000, "Tencent": 8000, "SAP": 1500, "Societe": 20000}
LARGE = "rows-50k.csv"

BEFORE = {"Microsoft": 77}
# What the portfolio holds once everything that the preview offers was applied.
CORPUS: dict[str, dict[str, int]] = {
    "control-good.csv": FIVE,
    "utf8-bom.csv": FIVE,
    "utf16le-bom-excel-unicode-text.csv": FIVE,
    "cp1252.csv": FIVE,
    "semicolon-decimal-comma.csv": FIVE,
    "tab.csv": FIVE,
    "pipe.csv": FIVE,
    "mixed-newlines.csv": FIVE,
    "quoted-newline-in-name.csv": {"Apple": 5000},
    "thousands-and-parens.csv": {"Apple": 5000, "SAP": -1500, "Societe": 20000, "Nestle": 1250},
    "scientific.csv": {"Apple": 120000},
    "header-variants.csv": {"Apple": 5000},
    "formulas.csv": {"Apple": 1},
    # A good row of each of the four others; the damaged one is named.
    "nul-bytes.csv": BEFORE | {name: quantity for name, quantity in FIVE.items() if name != "Apple"},
    # Two good rows, but on one security: each would be half of the position.
    "bad-isin-check-digit.csv": BEFORE,
    "duplicates.csv": BEFORE,
    "two-headers.csv": BEFORE,
    # Nothing in it is right, or it is no table.
    **dict.fromkeys(["excel-mangled-isin.csv", "no-header.csv", "ragged-rows.csv", "html-names.csv", "field-200kB.csv"], BEFORE),
    **dict.fromkeys(["empty.csv", "header-only.csv", "binary-png.csv", "json.csv", "xlsx-zip-bomb-80MB.csv"], BEFORE),
}


@pytest.fixture
def world(cast: Cast) -> Portfolio:
    """A portfolio with one position, and a master that knows the companies of the collection."""
    known = [
        ("Hon Hai", "TW0002317005", "2317", "XTAI", "TWD"),
        ("Apple", "US0378331005", "AAPL", "XNAS", "USD"),
        ("Tencent", "KYG875721634", "0700", "XHKG", "HKD"),
        ("SAP", "DE0007164600", "SAP", "XETR", "EUR"),
        ("Societe", "FR0000130809", "GLE", "XPAR", "EUR"),
        ("Nestle", "CH0038863350", "NESN", "XSWX", "CHF"),
        ("Microsoft", "US5949181045", "MSFT", "XNAS", "USD"),
    ]
    with every_firm():
        for name, isin, ticker, mic, currency in known:
            make_listing(make_security(make_issuer(name), name=name, isin=isin, currency=currency), ticker, mic)
        portfolio = make_portfolio(cast.firm, name="Global AI", slug=SLUG)
        make_holding(portfolio, Security.objects.get(name="Microsoft"), 77)
        revalue(portfolio)
    return portfolio


@pytest.mark.parametrize("name", CORPUS)
def test_each_file_of_the_collection(bob_client: Client, world: Portfolio, name: str) -> None:
    """No file is answered with an error of ours, none changes anything before it is applied, and no number comes out wrong."""
    shown = send(bob_client, (shared("hostile/holdings-csv") / name).read_bytes())
    assert shown.status_code == 200
    assert held(world) == BEFORE
    look = shown.context["look"]
    applied = press(bob_client)
    assert applied.status_code == 200
    if look.result.problems:
        assert held(world) == BEFORE, "a file with something wrong in it was applied"
        assert press(bob_client, good="1").status_code == 200
    assert held(world) == CORPUS[name]


NOT_TEXT = {"binary-png.csv", "xlsx-zip-bomb-80MB.csv", "utf16le-bom-excel-unicode-text.csv", "cp1252.csv"}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*CORPUS} - NOT_TEXT))
def test_each_file_of_the_collection_as_pasted_cells(bob_client: Client, world: Portfolio, name: str) -> None:
    shown = paste(bob_client, (shared("hostile/holdings-csv") / name).read_text("utf-8-sig"))
    if name in ("empty.csv", "nul-bytes.csv"):
        assert shown.status_code == 422, "to be refused by the form itself"
        assert held(world) == BEFORE
        return
    assert shown.status_code == 200
    press(bob_client)
    if shown.context["look"].result.problems:
        assert held(world) == BEFORE
        press(bob_client, good="1")
    assert held(world) == CORPUS[name]


def test_a_file_without_a_header_is_imported_by_confirmed_columns(bob_client: Client, world: Portfolio) -> None:
    look = send(bob_client, (shared("hostile/holdings-csv") / "no-header.csv").read_bytes()).context["look"]
    assert look.layout.columns == ("ticker", "isin", "", "quantity", "", "currency")
    assert (look.is_guess, look.layout.has_header, look.result.rows) == (True, False, 5)
    bob_client.post(preview(), {f"column-{place}": column for place, column in enumerate(look.layout.columns)})
    press(bob_client)
    assert held(world) == FIVE


def test_no_file_of_the_collection_is_left_out() -> None:
    lines = (shared("hostile/holdings-csv") / "manifest.jsonl").read_text().splitlines()
    assert {json.loads(line)["file"] for line in lines} == {*CORPUS, LARGE}


@pytest.mark.slow
@pytest.mark.parametrize("is_known", [False, True])
def test_fifty_thousand_rows_are_looked_at_and_applied_in_reasonable_time(
    bob_client: Client, world: Portfolio, is_known: bool
) -> None:
    if is_known:
        with every_firm():
            issuer = make_issuer()
            names = [f"T{number:05}" for number in range(50_000)]
            securities = Security.objects.bulk_create(Security(issuer=issuer, name=name, currency="USD") for name in names)
            Listing.objects.bulk_create(
                Listing(security=security, ticker=security.name, mic="XNAS", currency="USD") for security in securities
            )
    started = time.process_time()  # ours alone: the machine may be busy with other tests
    shown = send(bob_client, (shared("hostile/holdings-csv") / LARGE).read_bytes())
    assert time.process_time() - started < 30
    assert shown.status_code == 200
    assert shown.context["look"].result.rows == 50_000
    assert len(shown.content) < 300_000
    assert held(world) == BEFORE
    if is_known:
        seen = {"seen": shown.context["look"].result.fingerprint}
        started = time.process_time()
        assert bob_client.post(f"{preview()}application/", seen).status_code == 302
        assert time.process_time() - started < 30
        assert len(held(world)) == 50_000
