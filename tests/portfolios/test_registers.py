"""Registers of companies: each row is read or rejected with a reason, and what contradicts what we have is for a person."""

import gzip
import json
from pathlib import Path

import pytest

from portfolios.master_index import Conflict, MasterIndex
from portfolios.registers import Entry, Name, NotARegister, Quoted, press_table, read_register
from tests.shared_data import shared

SEC = [
    {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."},
    {"cik_str": 1652044, "ticker": "GOOGL", "title": "Alphabet Inc."},
    {"cik_str": 1652044, "ticker": "GOOG", "title": "Alphabet Inc."},
    {"cik_str": 1, "ticker": "", "title": "Nobody"},
]
TWSE = """type,code,name,ISIN,start,market,group,CFI
股票,2317,鴻海,TW0002317005,1991/06/18,上市,其他電子業,ESVUFR
股票,2881,富邦金,TW0002881000,2001/12/19,上市,金融保險業,ESVUFR
特別股,2881A,富邦特,TW0002881A00,2016/05/31,上市,金融保險業,EPNRAR
上市認購(售)權證,030001,鴻海元大59購01,TW18Z0300010,2025/01/01,上市,,RWSCCA
股票,9999,壞,TW0000000000,2025/01/01,上市,,ESVUFR
"""
CSV = """name,legal_name,country,sector,lei,isin,mic,ticker,currency,aliases
Infineon,Infineon Technologies AG,DE,Chips,,DE0006231004,XETR,IFX,EUR,Infineon Technologies
Nowhere,,,,,,Atlantis,NO,EUR,
Wrong,,,,,DE0006231005,XETR,WR,EUR,
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def test_the_secs_tickers_come_together_by_company(tmp_path: Path) -> None:
    register = read_register("sec", write(tmp_path, "sec.json", json.dumps(dict(enumerate(SEC)))))
    assert register.rows == 4
    assert [entry.rows for entry in register.entries] == [(1,), (2, 3)]
    alphabet = register.entries[1]
    assert (alphabet.legal_name, alphabet.cik, alphabet.names[1]) == ("Alphabet Inc.", "0001652044", Name("Alphabet", True))
    assert [(quoted.mic, quoted.ticker) for quoted in alphabet.listings] == [("US", "GOOGL"), ("US", "GOOG")]
    assert [rejected.row for rejected in register.rejected] == [4]


def test_taiwans_shares_without_its_warrants(tmp_path: Path) -> None:
    register = read_register("twse", write(tmp_path, "twse.csv.gz", TWSE))
    assert [(entry.rows, entry.legal_name, len(entry.listings)) for entry in register.entries] == [
        ((2,), "鴻海", 1),
        ((3, 4), "富邦金", 2),
    ]
    assert [(rejected.row, rejected.reason) for rejected in register.rejected] == [
        (5, "上市認購(售)權證 is no share of a company."),
        (6, "“TW0000000000” is not an ISIN."),
    ]


def test_a_table_of_our_own(tmp_path: Path) -> None:
    register = read_register("csv", write(tmp_path, "master.csv", CSV))
    (infineon,) = register.entries
    assert infineon.listings == (Quoted("DE0006231004", "XETR", "IFX", "EUR"),)
    assert Name("Infineon Technologies") in infineon.names
    assert [rejected.row for rejected in register.rejected] == [3, 4]


@pytest.mark.parametrize(("kind", "text"), [("sec", "[1]"), ("sec", "no"), ("twse", "a,b\n1,2\n"), ("csv", "name\nx\n")])
def test_what_is_no_register_is_refused(kind: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(NotARegister):
        read_register(kind, write(tmp_path, "file", text))
    with pytest.raises(NotARegister):
        read_register(kind, tmp_path / "missing")


def entry(legal_name: str, *listings: Quoted, cik: str = "") -> Entry:
    return Entry((1,), (Name(legal_name),), legal_name, listings, cik=cik)


@pytest.fixture
def index() -> MasterIndex:
    index = MasterIndex()
    index.add(1, ["Hon Hai Precision", "鴻海"], [Quoted("TW0002317005", "XTAI", "2317", "TWD")])
    index.add(2, ["Meta Platforms"], [Quoted("", "XNAS", "META", "USD")], cik="0001326801")
    return index


def test_a_company_is_known_by_its_identifiers(index: MasterIndex) -> None:
    assert index.match(entry("鴻海", Quoted("TW0002317005", "XTAI", "2317", "TWD"))) == 1
    assert index.match(entry("META PLATFORMS INC", Quoted("", "US", "META", "USD"))) == 2
    assert index.match(entry("Renamed Inc", Quoted("", "US", "NEWT", "USD"), cik="0001326801")) == 2
    assert index.match(entry("Hon Hai Precision", Quoted("", "XLON", "HHPD", "USD"))) is None  # never by its name alone


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (entry("Roundhill Ball Metaverse ETF", Quoted("", "US", "META", "USD")), "META US is another company's here"),
        (entry("鴻海", Quoted("US4380902019", "XTAI", "2317", "TWD")), "The ISIN of 2317 XTAI is TW0002317005 here"),
        (entry("Both", Quoted("TW0002317005", "US", "META", "USD")), "belong to different companies here"),
    ],
)
def test_what_contradicts_is_for_a_person(index: MasterIndex, found: Entry, said: str) -> None:
    with pytest.raises(Conflict, match=said):
        index.match(found)


def test_short_names_of_the_press_are_of_listings() -> None:
    rows = list(press_table())
    assert len({(mic, ticker, name.text) for mic, ticker, name in rows}) == len(rows) > 150
    assert next(name for _, ticker, name in rows if name.text == "AMD").against[:2] == ("macular", "retina")


@pytest.mark.slow
def test_the_whole_registers() -> None:
    sec = read_register("sec", shared("master/sec_company_tickers.json"))
    assert sec.rows == sum(len(entry.rows) for entry in sec.entries) + len(sec.rejected)
    assert len(sec.entries) > 7_000
    twse = read_register("twse", shared("master/twse_equities.csv.gz"))
    assert twse.rows == sum(len(entry.rows) for entry in twse.entries) + len(twse.rejected)
    assert len(twse.entries) > 1_000
