import json
from decimal import Decimal

import pytest

from portfolios.cells import guarded, unguarded
from portfolios.delimited import MOST_BYTES
from portfolios.holdings_file import MOST_ROWS, ExportRow, read_holdings, write_holdings
from tests.shared_data import shared

FIVE = [
    ("2317.TW", "TW0002317005", 120000),
    ("AAPL", "US0378331005", 5000),
    ("0700.HK", "KYG875721634", 8000),
    ("SAP.DE", "DE0007164600", 1500),
    ("GLE.PA", "FR0000130809", 20000),
]
HEADER_TWICE = "The header stands here again: two files in one?"
FIELDS = "The row has {} fields, the header 6. Put quotation marks around commas."
CHECK_DIGIT = "The check digit of this ISIN does not fit: a character is wrong."

# What we make of each file of the collection: how many rows can be read, and every problem by row, column and reason.
CORPUS: dict[str, tuple[int, list[tuple[int | None, str, str]]]] = {
    "control-good.csv": (5, []),
    "utf8-bom.csv": (5, []),
    "utf16le-bom-excel-unicode-text.csv": (5, []),
    "cp1252.csv": (5, []),
    "semicolon-decimal-comma.csv": (5, []),
    "tab.csv": (5, []),
    "pipe.csv": (5, []),
    "mixed-newlines.csv": (5, []),
    "quoted-newline-in-name.csv": (1, []),
    "thousands-and-parens.csv": (4, []),
    "scientific.csv": (1, []),
    "excel-mangled-isin.csv": (
        0,
        [(2, "isin", "A spreadsheet turned this ISIN into a number. Format the column as text and enter it again.")],
    ),
    "bad-isin-check-digit.csv": (2, [(2, "isin", CHECK_DIGIT), (3, "isin", CHECK_DIGIT)]),
    "duplicates.csv": (3, []),  # named when the securities are known: see test_import
    "header-variants.csv": (1, []),
    "no-header.csv": (0, [(None, "file", "The first row is not a header. Name the columns: isin or ticker, mic, quantity.")]),
    "two-headers.csv": (10, [(7, "row", HEADER_TWICE)]),
    "ragged-rows.csv": (
        0,
        [(2, "row", FIELDS.format(7)), (3, "quantity", "The quantity is missing."), (6, "row", FIELDS.format(8))],
    ),
    "formulas.csv": (1, []),
    "html-names.csv": (2, []),
    "nul-bytes.csv": (4, [(3, "row", "The row has a NUL character in it: the file was damaged on its way.")]),
    "field-200kB.csv": (0, [(2, "row", "A field is longer than 64,000 characters. Reading stopped here.")]),
    "empty.csv": (0, [(None, "file", "The file is empty.")]),
    "header-only.csv": (0, [(None, "file", "The file has a header and no rows.")]),
    "binary-png.csv": (0, [(None, "file", "The file is not text. Save the holdings as CSV (UTF-8).")]),
    "json.csv": (0, [(None, "file", "The file is JSON, not CSV.")]),
    "xlsx-zip-bomb-80MB.csv": (
        0,
        [(None, "file", "The file is an Excel workbook or another zip archive. Save it as CSV first.")],
    ),
    "rows-50k.csv": (50_000, []),
}


def read(text: str) -> list[tuple[int, str, str, str, Decimal, str]]:
    found = read_holdings(text.encode())
    assert found.problems == ()
    return [(row.row, row.isin, row.ticker, row.mic, row.quantity, row.currency) for row in found.rows]


def refused(text: str) -> list[tuple[int | None, str, str, str]]:
    return [(found.row, found.column, found.value, found.reason) for found in read_holdings(text.encode()).problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPUS)
def test_each_file_of_the_collection(name: str) -> None:
    found = read_holdings((shared("hostile/holdings-csv") / name).read_bytes())
    readable, problems = CORPUS[name]
    assert len(found.rows) == readable
    assert [(problem.row, problem.column, problem.reason) for problem in found.problems] == problems


def test_the_collection_is_all_covered() -> None:
    manifest = shared("hostile/holdings-csv") / "manifest.jsonl"
    assert {json.loads(line)["file"] for line in manifest.read_text().splitlines()} == set(CORPUS)


@pytest.mark.parametrize("name", [name for name, (rows, problems) in CORPUS.items() if rows == 5 and not problems])
def test_the_same_five_holdings_in_every_make_of_file(name: str) -> None:
    found = read_holdings((shared("hostile/holdings-csv") / name).read_bytes())
    assert [(row.ticker, row.isin, int(row.quantity)) for row in found.rows] == FIVE
    assert [row.row for row in found.rows] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "quantities"),
    [
        ("thousands-and-parens.csv", [5000, -1500, 20000, 1250]),
        ("scientific.csv", [120000]),
        ("quoted-newline-in-name.csv", [5000]),
    ],
)
def test_quantities_of_the_collection(name: str, quantities: list[int]) -> None:
    found = read_holdings((shared("hostile/holdings-csv") / name).read_bytes())
    assert [row.quantity for row in found.rows] == quantities
    assert [warning.reason[:15] for warning in found.warnings] == (["Read as 120,000"] if name == "scientific.csv" else [])


def test_identifiers_are_brought_into_form() -> None:
    assert read("ISIN Code;Symbol;Exchange;Qty.\nus 0378331005;aapl;Nasdaq;5\n") == [
        (2, "US0378331005", "AAPL", "XNAS", Decimal(5), ""),
    ]


def test_tickers_stay_text() -> None:
    assert read("ticker,mic,quantity\n005930,XKRX,1\n1E10,XNYS,2\n") == [
        (2, "", "005930", "XKRX", Decimal(1), ""),
        (3, "", "1E10", "XNYS", Decimal(2), ""),
    ]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    assert [row[0] for row in read('ticker,name,quantity\nA,"two\nlines",1\n\n,,\nB,,2\n')] == [2, 5]


def test_cash_rows_and_the_bank_of_that_name() -> None:
    rows = read_holdings(b"ticker,mic,quantity,currency\nCASH,,-250.10,usd\nCASH,XNAS,100,USD\n").rows
    assert [(row.is_cash, row.quantity, row.currency) for row in rows] == [
        (True, Decimal("-250.10"), "USD"),
        (False, Decimal(100), "USD"),
    ]


def test_a_short_by_its_side() -> None:
    text = "ticker,quantity,side\nA,100,Long\nB,100,SHORT\nC,-100,short\nD,100,\n"
    assert [row[4] for row in read(text)] == [100, -100, -100, 100]


def test_a_position_of_zero_is_left_out_with_a_word() -> None:
    found = read_holdings(b"ticker,quantity\nA,0\nB,1\n")
    assert [row.ticker for row in found.rows] == ["B"]
    assert [(warning.row, warning.reason) for warning in found.warnings] == [(2, "The quantity is zero: no position.")]
    assert found.row_count == 2


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (",,1", (2, "isin", "", "The row names no security.")),
        ("n/a,,1", (2, "isin", "", "The row names no security.")),
        ("US037833100,,1", (2, "isin", "US037833100", "An ISIN has twelve characters.")),
        ("US03783310!5,,1", (2, "isin", "US03783310!5", "This is not an ISIN.")),
        ("US0378331005,,", (2, "quantity", "", "The quantity is missing.")),
        ("US0378331005,,lots", (2, "quantity", "lots", "This is not a number.")),
        (
            "US0378331005,,1.250",
            (2, "quantity", "1.250", "This may be 1.250 or 1250. Write it without a mark between thousands."),
        ),
        ("US0378331005,,0.0000001", (2, "quantity", "0.0000001", "The quantity has more than 6 decimals.")),
        ("US0378331005,,1e15", (2, "quantity", "1e15", "The quantity is larger than any we keep.")),
        ("US0378331005,XX1,1,", (2, "side", "XX1", "The side must be long or short.")),
        ("US0378331005,long,-1", (2, "quantity", "-1", "The side is long and the quantity negative.")),
    ],
)
def test_what_is_wrong_is_named(rows: str, problem: tuple[int, str, str, str]) -> None:
    assert refused(f"isin,side,quantity\n{rows}\n") == [problem]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\ufeff \r\n", "The file is empty."),
        (",,,\n,,,\n", "The file is empty."),
        ("<!DOCTYPE html><html></html>", "The file is a web page or XML, not CSV."),
        ("isin,name\nUS0378331005,Apple\n", "The header names no column quantity."),
        ("name,quantity\nApple,1\n", "The header names neither isin nor ticker."),
        ("isin,quantity,units\nUS0378331005,1,2\n", "The header has two columns for quantity. Leave one of them."),
        ("isin,quantity\n" + "A" * MOST_BYTES, "The file is larger than 5 MB, the most we read."),
    ],
    ids=["blank", "separators", "html", "no quantity", "no security", "two quantities", "too large"],
)
def test_what_is_no_holdings_file_is_refused_whole(text: str, reason: str) -> None:
    assert refused(text) == [(None, "file", "", reason)]


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7", b"\x1f\x8brest"])
def test_other_kinds_of_file_are_named(data: bytes) -> None:
    assert "Save it as CSV first." in read_holdings(data).problems[0].reason


def test_an_unclosed_quotation_mark_does_not_swallow_rows() -> None:
    assert refused('ticker,name,quantity\nA,"Apple,1\nB,Boeing,2\n') == [
        (2, "row", "", "A quotation mark is not closed, or has text behind it. Reading stopped here.")
    ]


def test_an_exchange_we_do_not_know_matters_only_without_an_isin() -> None:
    assert read("isin,ticker,exchange,quantity\nUS0378331005,AAPL,the moon,1\n")
    assert refused("ticker,exchange,quantity\nAAPL,the moon,1\n") == [
        (2, "mic", "the moon", "We know no exchange by that name. Give its ISO 10383 code, such as XTAI.")
    ]


@pytest.mark.slow
def test_more_rows_than_the_limit() -> None:
    found = read_holdings(b"ticker,quantity\n" + b"A,1\n" * (MOST_ROWS + 1))
    assert [(problem.row, problem.reason) for problem in found.problems] == [
        (MOST_ROWS + 2, "The file has more than 100,000 rows, the most we read.")
    ]


def test_long_values_are_cut_for_showing() -> None:
    assert len(refused("ticker,quantity\nA," + "x" * 500)[0][2]) == 80


def test_what_is_written_reads_back() -> None:
    rows = [
        ExportRow("US0378331005", "AAPL", "XNAS", '=HYPERLINK("http://evil.example")', Decimal("1.125"), "USD"),
        ExportRow("", "2317", "XTAI", "鴻海, Hon Hai", Decimal("-120000.000000"), "TWD"),
        ExportRow("", "CASH", "", "Cash", Decimal("-0.50"), "USD"),
    ]
    data = write_holdings(rows)
    assert b"'=HYPERLINK" in data
    found = read_holdings(data)
    assert found.problems == ()
    assert [(row.isin, row.ticker, row.mic, row.quantity, row.currency) for row in found.rows] == [
        (row.isin, row.ticker, row.mic, row.quantity, row.currency) for row in rows
    ]


def test_formulas_are_guarded_and_numbers_are_not() -> None:
    cases = [json.loads(line) for line in (shared("hostile/csv-injection") / "cases.jsonl").read_text().splitlines()]
    for case in cases:
        cell = guarded(case["payload"])
        trimmed = cell.strip(" \t\r\n\u00a0\ufeff\u3000\0")
        if case["family"] in ("legit-negative", "legit-ticker", "legit-isin"):
            assert cell == case["payload"]
        else:
            assert not trimmed.startswith(("=", "+", "-", "@")), case["id"]
        assert unguarded(cell) == case["payload"]
