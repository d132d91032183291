from decimal import Decimal

import pytest

from portfolios.exchange_names import mic_of, split_suffix
from portfolios.quantities import is_scientific, read_number, shown_decimal_mark


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("5000", None, "5000"),
        ("5,000", None, "5000"),
        ("5,000", ".", "5000"),
        ("5,000", ",", "5"),
        ("1.250", ",", "1250"),
        ("1.250", ".", "1.25"),
        ("1,234,567", None, "1234567"),
        ("1.234.567", None, "1234567"),
        ("1,234.5", None, "1234.5"),
        ("1.234,5", None, "1234.5"),
        ("105,50", None, "105.5"),
        ("0,125", None, "0.125"),
        ("1234.125", None, "1234.125"),
        ("1.125000", None, "1.125"),
        (".5", None, "0.5"),
        ("20 000", None, "20000"),
        ("$ 1", None, "1"),
        ("1  €", None, "1"),
        ("20\u00a0000", None, "20000"),
        ("20\u202f000,5", None, "20000.5"),
        ("1'250", None, "1250"),
        ("1’250’000", None, "1250000"),
        ("1,20,000", None, "120000"),
        ("(1500)", None, "-1500"),
        ("-1500", None, "-1500"),
        ("\u22121500", None, "-1500"),
        ("1500-", None, "-1500"),
        ("+1500", None, "1500"),
        ("$182.31", None, "182.31"),
        ("-$1,000", None, "-1000"),
        ("1.2E+05", None, "120000"),
        ("1,2e5", None, "120000"),
        ("１２３", None, "123"),
    ],
)
def test_numbers_as_they_are_written(text: str, mark: str | None, expected: str) -> None:
    assert read_number(text, mark) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1.250",
        "1,2,3",
        "12,34,5",
        "1 2",
        "2 00",
        "--5",
        "-5-",
        "(−5)",
        "NaN",
        "inf",
        "1e999",
        "5 %",
        "0x10",
        "31.12.2024",
    ],
)
def test_what_is_no_number_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="This"):
        read_number(text)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["5000", "1,250"], None),
        (["105,50", "1.250"], ","),
        (["182.31"], "."),
        (["$182.31", "23,99"], None),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["31.12.2024", "Apple, Inc."], None),
    ],
)
def test_the_decimal_mark_of_a_file(texts: list[str], expected: str | None) -> None:
    assert shown_decimal_mark(texts) == expected


def test_powers_of_ten_are_told_apart() -> None:
    assert is_scientific("1.2E+05")
    assert not is_scientific("120000")


@pytest.mark.parametrize(
    ("name", "mic"),
    [
        ("XTAI", "XTAI"),
        ("xnas", "XNAS"),
        ("NYSE", "XNYS"),
        ("Nasdaq", "XNAS"),
        ("Taiwan Stock Exchange", "XTAI"),
        ("the moon", None),
    ],
)
def test_exchanges_by_name(name: str, mic: str | None) -> None:
    assert mic_of(name) == mic


@pytest.mark.parametrize(
    ("ticker", "split"),
    [
        ("2317.TW", ("2317", "XTAI")),
        ("0700.HK", ("0700", "XHKG")),
        ("BRK.B", ("BRK.B", None)),
        ("AAPL", ("AAPL", None)),
        (".TW", (".TW", None)),
    ],
)
def test_suffixes(ticker: str, split: tuple[str, str | None]) -> None:
    assert split_suffix(ticker) == split


def test_a_long_run_of_blanks_is_read_once() -> None:
    with pytest.raises(ValueError, match="not a number"):
        read_number("1" + " " * 60_000 + "1")  # half a minute, if each blank began a search of its own
