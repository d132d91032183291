import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import DjangoAssertNumQueries

from portfolios import holdings_file
from portfolios.imports import ImportResult, Standing, import_holdings
from portfolios.models import CashBalance, Holding, Issuer, Listing, Portfolio, Security
from portfolios.sample import load_master, load_prices
from tests.make import make_firm, make_holding, make_issuer, make_listing, make_portfolio, make_price, make_rate, make_security
from tests.shared_data import shared

pytestmark = pytest.mark.usefixtures("across_firms")

KNOWN = [
    ("AAPL", "XNAS", "US0378331005"),
    ("2317", "XTAI", "TW0002317005"),
    ("0700", "XHKG", "KYG875721634"),
    ("SAP", "XETR", "DE0007164600"),
    ("GLE", "XPAR", "FR0000130809"),
    ("NESN", "XSWX", "CH0038863350"),
]


@pytest.fixture
def master() -> dict[str, Security]:
    """Six securities by ticker, each with a price of 10 dollars."""
    securities = {}
    for ticker, mic, isin in KNOWN:
        securities[ticker] = make_security(isin=isin, name=f"{ticker} shares")
        make_price(make_listing(securities[ticker], ticker, mic), 10)
    return securities


@pytest.fixture
def portfolio() -> Portfolio:
    return make_portfolio(cash={"USD": 500})


def held(portfolio: Portfolio) -> dict[str, Decimal]:
    return {holding.security.name: holding.quantity for holding in portfolio.holdings.select_related("security")}


def cash(portfolio: Portfolio) -> dict[str, Decimal]:
    return {balance.currency: balance.amount for balance in portfolio.cash_balances.all()}


def sent(portfolio: Portfolio, text: str) -> ImportResult:
    return import_holdings(portfolio, text.encode())


def wrong(portfolio: Portfolio, text: str) -> list[tuple[int | None, str, str, str]]:
    return [(found.row, found.column, found.value, found.reason) for found in sent(portfolio, text).problems]


def test_a_file_becomes_the_portfolio(portfolio: Portfolio, master: dict[str, Security]) -> None:
    make_holding(portfolio, master["GLE"], 5)
    make_holding(portfolio, master["SAP"], 7)
    result = sent(portfolio, "isin,ticker,mic,quantity\nUS0378331005,,,100\n,2317,XTAI,-20\nDE0007164600,,,7\n")
    assert held(portfolio) == {"AAPL shares": 100, "2317 shares": -20, "SAP shares": 7}
    assert (result.rows, result.applied, result.unchanged, result.problems) == (3, 2, 1, ())
    assert [(change.name, change.before, change.after) for change in result.changes] == [
        ("AAPL shares", None, 100),
        ("2317 shares", None, -20),
        ("GLE shares", 5, None),
    ]
    assert [change.name for change in result.removed] == ["GLE shares"]
    assert (result.before, result.after) == (Standing(2, None), Standing(3, Decimal("1370.00")))
    assert cash(portfolio) == {"USD": 500}
    apple = portfolio.holdings.get(security=master["AAPL"])
    assert (apple.issuer_id, apple.market_value) == (master["AAPL"].issuer_id, Decimal("1000.00"))
    assert apple.weight == pytest.approx(1000 / 1370)


def test_the_same_file_twice_changes_nothing(portfolio: Portfolio, master: dict[str, Security]) -> None:
    text = "ticker,quantity,currency\nAAPL,1.5,\n2317.TW,3,\nCASH,-20.50,USD\nCASH,7,EUR\n"
    first = sent(portfolio, text)
    rows = list(Holding.objects.order_by("pk").values())
    second = sent(portfolio, text)
    assert (first.applied, first.unchanged) == (4, 0)
    assert (second.applied, second.unchanged, second.changes) == (0, 4, ())
    assert second.before == second.after == first.after
    assert list(Holding.objects.order_by("pk").values()) == rows


def test_cash_rows_replace_the_balances(portfolio: Portfolio, master: dict[str, Security]) -> None:
    result = sent(portfolio, "ticker,mic,quantity,currency\nCASH,,-20.50,EUR\nAAPL,XNAS,1,USD\n")
    assert cash(portfolio) == {"EUR": Decimal("-20.50")}
    assert [(change.name, change.after) for change in result.changes] == [
        ("AAPL shares", 1),
        ("Cash, EUR", Decimal("-20.50")),
        ("Cash, USD", None),
    ]


def test_a_portfolio_of_cash_alone(portfolio: Portfolio) -> None:
    assert not sent(portfolio, "ticker,quantity,currency\nCASH,7,EUR\n").is_refused
    assert cash(portfolio) == {"EUR": 7}


@pytest.mark.parametrize(
    "text",
    [
        "name,isin,quantity\nGLE,FR0000130809,100\nGLE, ordinary,FR0000130809,400\nSAP,DE0007164600,7\n",
        'isin,name,quantity\nFR0000130809,GLE,100\nXX,"Bro"ken,1\nFR0000130809,GLE,400\n',
    ],
    ids=["a comma too many", "not read to its end"],
)
def test_a_position_that_a_wrong_row_may_mean_stays_as_it_was(
    text: str, portfolio: Portfolio, master: dict[str, Security]
) -> None:
    make_holding(portfolio, master["GLE"], 50)
    import_holdings(portfolio, text.encode(), good_only=True)
    assert held(portfolio)["GLE shares"] == 50


def test_the_good_rows_of_a_file_with_too_many_are_not_imported(
    portfolio: Portfolio, master: dict[str, Security], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdings_file, "MOST_ROWS", 1)
    result = import_holdings(portfolio, b"ticker,quantity\nAAPL,1\nAAPL,2\n", good_only=True)
    assert (result.is_refused, held(portfolio)) == (True, {})


def test_one_wrong_row_refuses_the_whole_file(portfolio: Portfolio, master: dict[str, Security]) -> None:
    make_holding(portfolio, master["GLE"], 5)
    result = sent(portfolio, "isin,quantity\nUS0378331005,100\nUS0378331006,1\nTW0002354008,1\nDE0007164600,lots\n")
    assert [(found.row, found.column, found.value) for found in result.problems] == [
        (3, "isin", "US0378331006"),
        (4, "isin", "TW0002354008"),
        (5, "quantity", "lots"),
    ]
    assert result.is_refused
    assert (result.rows, result.applied, result.unchanged, result.changes) == (4, 0, 0, ())
    assert result.before == result.after
    assert held(portfolio) == {"GLE shares": 5}


def test_a_dry_run_says_the_same_and_changes_nothing(portfolio: Portfolio, master: dict[str, Security]) -> None:
    make_holding(portfolio, master["GLE"], 5)
    data = b"ticker,quantity,currency\nAAPL,1,\nCASH,1,USD\n"
    tried = import_holdings(portfolio, data, dry_run=True)
    assert held(portfolio) == {"GLE shares": 5}
    assert cash(portfolio) == {"USD": 500}
    portfolio.refresh_from_db()
    assert portfolio.nav is None
    assert import_holdings(portfolio, data) == tried


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("XS9999999998,,,1", (2, "isin", "XS9999999998", "We know no security with this ISIN.")),
        (",NOPE,,1", (2, "ticker", "NOPE", "We know no listing NOPE.")),
        (",AAPL,XLON,1", (2, "ticker", "AAPL", "We know no listing AAPL on XLON.")),
        (",AAPL.TW,,1", (2, "ticker", "AAPL.TW", "We know no listing AAPL.TW.")),
        (
            ",700,XHKG,1",
            (2, "ticker", "700", "We know no listing 700 on XHKG. 0700 XHKG we know: did a spreadsheet drop the zeros?"),
        ),
        (
            "US0378331005,2317,XTAI,1",
            (2, "isin", "US0378331005", "2317 XTAI is 2317 shares: its ISIN is TW0002317005. Which of the two is meant?"),
        ),
        (
            "US0378331005,,,1\n,AAPL,XNAS,2",
            (3, "ticker", "AAPL XNAS", "This is in row 2 already. Give each security one row, with its whole quantity."),
        ),
    ],
)
def test_securities_that_are_not_told_apart(
    rows: str, problem: tuple[int, str, str, str], portfolio: Portfolio, master: dict[str, Security]
) -> None:
    assert wrong(portfolio, f"isin,ticker,mic,quantity\n{rows}\n") == [problem]


def test_a_ticker_alone_is_enough_while_it_is_the_only_one(portfolio: Portfolio, master: dict[str, Security]) -> None:
    make_listing(master["SAP"], "SAP", "XNYS", is_primary=False)  # the same security on a second exchange
    make_listing(make_security(), "GLE", "XNYS")  # another one
    assert wrong(portfolio, "ticker,quantity\nSAP,1\n") == []
    assert wrong(portfolio, "ticker,quantity\nGLE,1\n") == [(2, "ticker", "GLE", "Which exchange? GLE is on XNYS, XPAR.")]
    assert wrong(portfolio, "ticker,quantity\nGLE.PA,1\n") == []


def test_a_ticker_with_an_exchange_stands_in_for_an_isin_we_lack(portfolio: Portfolio) -> None:
    make_price(make_listing(make_security(name="Hon Hai shares"), "2317", "XTAI"), 1)
    assert wrong(portfolio, "isin,ticker,mic,quantity\nTW0002317005,2317,XTAI,1\n") == []
    assert held(portfolio) == {"Hon Hai shares": 1}
    assert wrong(portfolio, "isin,ticker,quantity\nTW0002317005,2317,1\n") == [
        (2, "isin", "TW0002317005", "We know no security with this ISIN.")
    ]


def test_the_same_currency_twice(portfolio: Portfolio, master: dict[str, Security]) -> None:
    assert wrong(portfolio, "ticker,quantity,currency\nCASH,1,USD\nCASH,2,USD\n") == [
        (3, "currency", "USD", "This is in row 2 already. Give each security one row, with its whole quantity.")
    ]


@pytest.mark.parametrize(
    "text",
    ["", '""', "\u3000\n", "ticker,quantity\n", "ticker,quantity\nAAPL,0\n", "<html>", "ticker,quantity,currency\nCASH,1,USD\n"],
)
def test_a_file_without_positions_never_empties_a_portfolio(text: str, portfolio: Portfolio, master: dict[str, Security]) -> None:
    make_holding(portfolio, master["GLE"], 5)
    assert sent(portfolio, text).is_refused
    assert held(portfolio) == {"GLE shares": 5}


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("control-good.csv", 5),
        ("utf8-bom.csv", 5),
        ("utf16le-bom-excel-unicode-text.csv", 5),
        ("cp1252.csv", 5),
        ("semicolon-decimal-comma.csv", 5),
        ("tab.csv", 5),
        ("pipe.csv", 5),
        ("mixed-newlines.csv", 5),
        ("quoted-newline-in-name.csv", 1),
        ("thousands-and-parens.csv", 4),
        ("scientific.csv", 1),
        ("header-variants.csv", 1),
        ("formulas.csv", 1),
        ("excel-mangled-isin.csv", [2]),
        ("bad-isin-check-digit.csv", [2, 3, 5]),
        ("duplicates.csv", [3, 4]),
        ("no-header.csv", [None]),
        ("two-headers.csv", [7, 8, 9, 10, 11, 12]),
        ("ragged-rows.csv", [2, 3, 6]),
        ("html-names.csv", [2, 3]),
        ("nul-bytes.csv", [3]),
        ("field-200kB.csv", [2]),
        ("empty.csv", [None]),
        ("header-only.csv", [None]),
        ("binary-png.csv", [None]),
        ("json.csv", [None]),
        ("xlsx-zip-bomb-80MB.csv", [None]),
    ],
)
def test_each_file_of_the_collection(
    name: str, outcome: int | list[int | None], portfolio: Portfolio, master: dict[str, Security]
) -> None:
    """Either that many holdings, or refused for these rows with the portfolio as it was."""
    make_holding(portfolio, price=3, quantity=9)
    before = held(portfolio)
    result = import_holdings(portfolio, (shared("hostile/holdings-csv") / name).read_bytes())
    if isinstance(outcome, int):
        assert (result.problems, result.applied, len(held(portfolio))) == ((), outcome, outcome)
    else:
        assert [found.row for found in result.problems] == outcome
        assert held(portfolio) == before


def test_no_more_queries_for_more_rows(portfolio: Portfolio, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_price(make_listing(make_security(currency="TWD"), "2317", "XTAI"), 1)
    make_rate("TWD", "0.032")
    issuer = make_issuer()
    securities = Security.objects.bulk_create(
        Security(issuer=issuer, name=f"S{number}", currency="USD") for number in range(1000)
    )
    Listing.objects.bulk_create(
        Listing(security=security, ticker=f"T{number:05}", mic="XNAS", currency="USD")
        for number, security in enumerate(securities)
    )
    for rows in (5, 1000):
        text = f"ticker,quantity\n2317,{rows}\n" + "".join(f"T{number:05},{rows}\n" for number in range(rows))
        with django_assert_num_queries(18):
            result = sent(portfolio, text)
        assert (result.problems, result.applied) == ((), rows + 1)


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    """What the command prints; that this is one JSON object on one line; and that it ends with that code."""
    try:
        call_command("import_holdings", *arguments)
        ended = 0
    except SystemExit as end:
        ended = int(str(end.code))
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), ended) == (1, code)
    printed: dict[str, Any] = json.loads(lines[0])
    assert list(printed) == ["rows", "applied", "unchanged", "problems", "before", "after"]
    return printed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "holdings.csv"
    path.write_text("ticker,quantity\nAAPL,100\n2317.TW,0\n")
    return path


def test_the_command(portfolio: Portfolio, master: dict[str, Security], file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"{portfolio.firm.slug}/{portfolio.slug}"
    expected = {
        "rows": 2,
        "applied": 1,
        "unchanged": 0,
        "problems": [],
        "before": {"holdings": 0, "nav": None},
        "after": {"holdings": 1, "nav": 1500.0},
    }
    assert run(capsys, name, str(file), "--dry-run") == expected
    assert held(portfolio) == {}
    assert run(capsys, name, str(file)) == expected
    packed = file.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert run(capsys, str(portfolio.pk), str(packed))["unchanged"] == 1


def test_the_command_refuses(portfolio: Portfolio, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, str(portfolio.pk), str(file), code=2)
    assert printed["problems"] == [{"row": 2, "column": "ticker", "value": "AAPL", "reason": "We know no listing AAPL."}]
    assert printed["before"] == printed["after"]


def test_the_command_makes_a_portfolio_only_when_asked_and_only_for_a_good_file(
    master: dict[str, Security], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    firm = make_firm()
    name = f"{firm.slug}/new-book"
    assert run(capsys, name, str(file), code=2)["problems"][0]["reason"] == "There is no such portfolio."
    run(capsys, name, str(file), "--create", "--dry-run")
    run(capsys, name, str(file.with_name("absent.csv")), "--create", code=2)
    bad = file.with_name("bad.csv")
    bad.write_text("ticker,quantity\nNOPE,1\n")
    run(capsys, name, str(bad), "--create", code=2)
    assert not Portfolio.objects.filter(firm=firm).exists()
    run(capsys, name, str(file), "--create")
    assert held(Portfolio.objects.get(firm=firm, slug="new-book", name="New book")) == {"AAPL shares": 100}


@pytest.mark.parametrize("name", ["nobody/book", "999999", "", "/", "nobody/../x"])
def test_the_command_knows_no_such_portfolio(name: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, name, str(file), "--create", code=2)
    assert printed["problems"] == [{"row": None, "column": "portfolio", "value": name, "reason": "There is no such portfolio."}]


def test_the_hon_hai_family_of_the_sample_is_told_apart(portfolio: Portfolio) -> None:
    load_master()
    load_prices()
    text = "ticker,mic,quantity\n2317,XTAI,1\n2354,XTAI,2\n601138,XSHG,3\n6088,XHKG,4\n"
    assert wrong(portfolio, text) == []
    names = Issuer.objects.filter(securities__in=portfolio.holdings.values("security")).values_list("slug", flat=True)
    assert sorted(names) == ["fit-hon-teng", "foxconn-industrial-internet", "foxconn-technology", "hon-hai"]
    assert CashBalance.objects.get(portfolio=portfolio).amount == 500
