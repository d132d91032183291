"""Which column is what, by name and by what cells look like."""

import pytest

from portfolios.columns import Layout, lay_out, open_sheet
from portfolios.holdings_file import read_sheet

ISINS = ("US0378331005", "TW0002317005", "DE0007164600")


def laid_out(text: str) -> Layout:
    return lay_out(open_sheet(text))


def test_a_header_that_names_enough_is_no_guess() -> None:
    assert laid_out("Symbol;ISIN Code;Name;Qty.;Avg Px;CCY\nAAPL;US0378331005;Apple;5000;182.31;USD\n") == Layout(
        ("ticker", "isin", "", "quantity", "", "currency")
    )


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("2317.TW,TW0002317005,Hon Hai,120000,105.50,TWD\n", ("ticker", "isin", "", "quantity", "", "currency")),
        # A price before the quantity: whole numbers are taken first.
        ("AAPL,182.31,5000\nMSFT,410.5,20\n", ("ticker", "", "quantity")),
        # All prices are whole by chance: the first is taken, and a person sees it.
        ("AAPL,182,5000\nMSFT,410,20\n", ("ticker", "quantity", "")),
        ("2317\tXTAI\t1,000\n2354\tXTAI\t2,000\n", ("ticker", "mic", "quantity")),
        ("005930;1000\n000660;2000\n", ("ticker", "quantity")),
        ("AAPL|Nasdaq|long|5\nSAP|XETRA|short|6\n", ("ticker", "mic", "side", "quantity")),
        ("GLE.PA;20000;23,99;EUR\nSAP.DE;1500;121,05;EUR\n", ("ticker", "quantity", "", "currency")),
        # Codes of four letters are not all exchanges.
        ("AAPL,5\nMSFT,6\nXRAY,7\n", ("ticker", "quantity")),
        ("US0378331005,12.5\nnonsense,1\nDE0007164600,2\n", ("isin", "quantity")),
        ("Apple Inc,5\nHon Hai Precision,6\n", ("", "quantity")),
        ("one two,three\nfour five,seven\n", ("", "")),
    ],
)
def test_columns_without_names_are_guessed_by_their_cells(text: str, columns: tuple[str, ...]) -> None:
    assert laid_out(text) == Layout(columns, has_header=False, is_guess=True)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Wertpapier;Bestand\nUS0378331005;5\n", ("isin", "quantity")),
        ("ISIN;Bestand\nUS0378331005;5\n", ("isin", "quantity")),
        ("Papier,Stück,Kurs\nAAPL,5,1.50\n", ("ticker", "quantity", "")),
        ("quantity,paper\n5,AAPL\n", ("quantity", "ticker")),
    ],
)
def test_a_header_in_other_words_is_not_taken_for_a_row(text: str, columns: tuple[str, ...]) -> None:
    assert laid_out(text) == Layout(columns, has_header=True, is_guess=True)


@pytest.mark.parametrize("first", ["AAPL,1.250", "AAPL,n/a", "AAPL,5", "AAPL,(5)", "AAPL,1.2E+05"])
def test_a_first_row_is_not_taken_for_a_header(first: str) -> None:
    assert not laid_out(f"{first}\n" + "GLE,4\n" * 20).has_header


def test_columns_that_are_there_twice_are_for_a_person_to_choose_between() -> None:
    sheet = open_sheet("isin,quantity,units\nUS0378331005,1,2\n")
    layout = lay_out(sheet)
    assert layout == Layout(("isin", "quantity", "quantity"))
    assert [each.reason for each in read_sheet(sheet, layout).problems] == [
        "The header has two columns for quantity. Leave one of them."
    ]


def test_a_row_with_a_comma_too_many_does_not_shift_the_others() -> None:
    text = "".join(f"{isin},Name,{number},9.5\n" for number, isin in enumerate(ISINS, 1)) + "FR0000130809,Name, Inc.,77,9.5\n"
    sheet = open_sheet(text)
    layout = lay_out(sheet)
    assert layout.columns == ("isin", "", "quantity", "")
    file = read_sheet(sheet, layout)
    assert [(row.row, int(row.quantity)) for row in file.rows] == [(1, 1), (2, 2), (3, 3)]
    assert [(each.row, each.reason) for each in file.problems] == [
        (4, "The row has 5 fields, most rows 4. Put quotation marks around commas.")
    ]


def test_a_layout_is_kept_as_json() -> None:
    layout = Layout(("isin", *[""] * 10, "quantity"), has_header=False)
    assert Layout.from_json(layout.as_json()) == layout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (",".join("abcdefghij" * 11) + "\n", "more than 100 columns"),
        ("tick\0er,quantity\nA,1\n", "NUL character"),
        ('"never closed,quantity\nA,1\n', "quotation mark is not closed"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        open_sheet(text)
