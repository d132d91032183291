"""Registers into the master: the same twice changes nothing, tickers that went elsewhere go with their date, and what contradicts
is kept for a person."""

import gzip
import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from portfolios.joining import join
from portfolios.models import Alias, Issuer, Listing, Market, MasterConflict, MasterVersion, Relation, Security
from portfolios.sample import load_master
from research.mentions import find_mentions
from research.reading import names
from tests.make import make_issuer
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

FB, META_ETF, AMD, APPLE = 1326801, 1976517, 2488, 320193


def sec(folder: Path, *rows: tuple[int, str, str]) -> Path:
    path = folder / "sec.json"
    path.write_text(json.dumps([{"cik_str": cik, "ticker": ticker, "title": title} for cik, ticker, title in rows]))
    return path


def load(kind: str, path: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("load_securities", kind, str(path), stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    told = found["created"] + found["updated"] + found["unchanged"] + len(found["conflicts"]) + len(found["rejected"])
    assert told == found["rows"]
    return found


def test_new_companies_with_names_and_listings(tmp_path: Path) -> None:
    found = load("sec", sec(tmp_path, (APPLE, "AAPL", "Apple Inc."), (AMD, "AMD", "ADVANCED MICRO DEVICES INC"), (1, "", "No")))
    assert (found["rows"], found["created"], len(found["rejected"])) == (3, 2, 1)
    apple = Issuer.objects.get(cik="0000320193")
    assert (apple.name, apple.legal_name, apple.slug) == ("Apple", "Apple Inc.", "apple-inc")
    assert apple.ticker == ("AAPL", "US")
    assert {alias.text: alias.needs_corroboration for alias in apple.aliases.all()} == {"Apple Inc.": True, "Apple": True}
    amd = Alias.objects.get(text="AMD")
    assert (amd.source, amd.needs_corroboration, "macular" in amd.against.split()) == ("press", False, True)


def test_the_same_twice_changes_nothing(tmp_path: Path) -> None:
    path = sec(tmp_path, (APPLE, "AAPL", "Apple Inc."), (1652044, "GOOGL", "Alphabet Inc."), (1652044, "GOOG", "Alphabet Inc."))
    load("sec", path)
    before = [list(model.objects.order_by("pk").values()) for model in (Issuer, Alias, Security, Listing)]
    found = load("sec", path)
    assert (found["created"], found["updated"], found["unchanged"]) == (0, 0, 3)
    assert [list(model.objects.order_by("pk").values()) for model in (Issuer, Alias, Security, Listing)] == before


def test_what_a_person_changed_stays(tmp_path: Path) -> None:
    path = sec(tmp_path, (APPLE, "AAPL", "Apple Inc."))
    load("sec", path)
    Alias.objects.filter(text="Apple Inc.").update(needs_corroboration=False, source=Alias.Source.PERSON)
    load("sec", path)
    assert not Alias.objects.get(text="Apple Inc.").needs_corroboration


def test_a_ticker_that_went_to_another_company(tmp_path: Path) -> None:
    load("sec", sec(tmp_path, (FB, "FB", "Facebook Inc")))
    facebook = Issuer.objects.get()
    found = load("sec", sec(tmp_path, (FB, "META", "Meta Platforms, Inc."), (META_ETF, "FB", "ProShares Trust")))
    assert (found["created"], found["updated"], found["conflicts"]) == (1, 1, [])
    facebook.refresh_from_db()
    assert (facebook.name, facebook.ticker) == ("Meta Platforms", ("META", "US"))
    assert {"Facebook Inc", "Meta Platforms"} <= set(facebook.aliases.values_list("text", flat=True))  # both names are still used
    old, new = Listing.objects.filter(ticker="FB").order_by("pk")
    assert old.valid_to is not None
    assert (new.valid_to, new.security.issuer.legal_name) == (None, "ProShares Trust")


def test_what_contradicts_is_kept_for_a_person(tmp_path: Path) -> None:
    make_issuer("Roundhill Ball Metaverse", listing="META XNAS")
    found = load("sec", sec(tmp_path, (FB, "META", "Meta Platforms, Inc.")))
    assert found["conflicts"] == [{"row": 1, "reason": "META US is another company's here than Meta Platforms, Inc.."}]
    load("sec", sec(tmp_path, (FB, "META", "Meta Platforms, Inc.")))
    assert MasterConflict.objects.get().company == "Meta Platforms, Inc."
    assert Issuer.objects.count() == 1


def test_companies_of_the_sample_are_recognised(tmp_path: Path) -> None:
    load_master()
    before = Issuer.objects.count()
    found = load("sec", sec(tmp_path, (AMD, "AMD", "ADVANCED MICRO DEVICES INC"), (937966, "ASML", "ASML HOLDING NV")))
    assert (found["created"], found["updated"], found["conflicts"]) == (0, 2, [])
    assert Issuer.objects.count() == before
    assert Issuer.objects.get(slug="amd").cik == "0000002488"


HEADER = "name,legal_name,country,lei,isin,mic,ticker,currency,aliases,parent,valid_from,valid_to"
MAKER, MAKER_US, LEI = "DE0006231004", "US45662N1037", "TSI2PJM6EPETEQ4X1U25"


def own(folder: Path, *rows: str) -> Path:
    path = folder / "own.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def test_share_classes_receipts_and_former_tickers_of_one_company(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        f"Infineon,Infineon Technologies AG,DE,{LEI},{MAKER},XETR,IFX,EUR,Infineon Tech,,,",
        f"Infineon,Infineon Technologies AG,DE,{LEI},{MAKER_US},OTCQ,IFNNY,USD,,,2009-04-27,",
        f"Infineon,Infineon Technologies AG,DE,{LEI},{MAKER_US},XNYS,IFX,USD,,,2000-03-13,2009-04-24",
    )
    assert load("csv", path)["created"] == 3
    infineon = Issuer.objects.get(lei=LEI)
    assert (infineon.ticker, infineon.is_private) == (("IFX", "GY"), False)
    assert infineon.securities.count() == 2
    listings = Listing.objects.values_list("mic", "ticker", "is_primary", "valid_to")
    assert set(listings) == {
        ("XETR", "IFX", True, None),
        ("OTCQ", "IFNNY", False, None),
        ("XNYS", "IFX", False, date(2009, 4, 24)),
    }
    assert load("csv", path)["unchanged"] == 3
    path = own(tmp_path, f"Infineon,Infineon Technologies AG,DE,{LEI},,XWBO,IFX,EUR,Infineon of Neubiberg,,,")
    assert load("csv", path)["updated"] == 1
    assert Listing.objects.count() == 4
    assert infineon.aliases.filter(text="Infineon of Neubiberg", source="csv").exists()


def test_private_companies_and_owners(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        "Unit,Unit Robotics GmbH,DE,,,,,,,IFX XETR,,",
        f"Infineon,,DE,,{MAKER},XETR,IFX,EUR,,,,",
        "Lost,,,,,,,,,NO XXXX,,",
    )
    found = load("csv", path)
    assert (found["created"], found["conflicts"]) == (
        2,
        [{"row": 4, "reason": "Its owner NO XXXX is not here. All else of it was taken."}],
    )
    unit = Issuer.objects.get(legal_name="Unit Robotics GmbH")
    assert (unit.is_private, unit.ticker) == (True, ("Unit", ""))
    relation = Relation.objects.get()
    assert (relation.issuer.name, relation.kind, relation.other) == ("Infineon", "owner", unit)
    again = load("csv", path)
    assert (again["unchanged"], len(again["conflicts"]), Issuer.objects.count(), Relation.objects.count()) == (2, 1, 3, 1)
    path = own(tmp_path, "Infineon,,,,,,,,,,,")
    assert "a private company of that name needs its LEI" in load("csv", path)["conflicts"][0]["reason"]


def test_a_namesake_without_a_common_number_is_a_question_for_a_person(tmp_path: Path) -> None:
    load("sec", sec(tmp_path, (1, "ACME", "Acme Robotics Inc.")))
    path = own(tmp_path, "Acme Robotics,Acme Robotics Corp.,CA,,,XTSE,ACR,CAD,,,,")
    assert load("csv", path)["created"] == 1
    assert "acme-robotics-inc has that name too" in MasterConflict.objects.get().reason
    assert load("csv", path)["unchanged"] == 1
    assert (Issuer.objects.count(), MasterConflict.objects.count()) == (2, 1)


def test_a_company_whose_listings_have_all_ended_is_the_same_next_time(tmp_path: Path) -> None:
    rows = ["Zephyr Mills,Zephyr Mills plc,GB,,,XLON,ZEP,GBX,,,,2020-01-31", "Other,Other plc,GB,,,XLON,ZEP,GBX,,,,2020-01-31"]
    assert load("csv", own(tmp_path, *rows))["created"] == 2
    assert load("csv", own(tmp_path, *reversed(rows)))["unchanged"] == 2
    assert (Issuer.objects.count(), Listing.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A Co,,,,,XLON,AC,US DOLLAR,,,,", "no currency"),
        ("A Co,,,,,XLON,AC,,,,,", "no currency"),
        ("A Co,,USA,,,XLON,AC,USD,,,,", "no country"),
        ("A Co,,,,,XLON,AC,USD,,,,2999-01-01", "ends in the future"),
        ("A Co,,,,,XLON,AC,USD,,,2020-02-02,2020-01-01", "begins after it ended"),
        ("A\0Co,,,,,XLON,AC,USD,,,,", "character that is none"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_taken(row: str, reason: str, tmp_path: Path) -> None:
    found = load("csv", own(tmp_path, row, "Good Mills,,,,,XLON,GM,GBX,,,,"))
    assert (found["created"], reason in found["rejected"][0]["reason"]) == (1, True)


def test_one_listing_twice_and_numbers_however_they_are_written(tmp_path: Path) -> None:
    twice = ["A Mills,,,,,XLON,AM,GBX,,,,", "A Mills,,,,,XLON,AM,USD,,,2020-01-01,"]
    spaced = f"Infineon,,,{LEI.lower()},de 0006231004,XETR,IFX,EUR,,BRK B XNYS,,"
    found = load("csv", own(tmp_path, *twice, spaced, "Berkshire,,,,,XNYS,BRK B,USD,,,,"))
    assert (found["created"], found["conflicts"]) == (4, [])
    assert Security.objects.filter(isin=MAKER).exists()
    assert Issuer.objects.filter(lei=LEI).exists()
    assert load("csv", own(tmp_path, *twice, spaced))["unchanged"] == 3
    (tmp_path / "own.csv").write_text(f"{HEADER}\n{'x' * 200_000},,,,,,,,,,,\n")
    with pytest.raises(SystemExit):
        call_command("load_securities", "csv", str(tmp_path / "own.csv"))


def test_numbers_and_owners_that_contradict_are_for_a_person(tmp_path: Path) -> None:
    load("sec", sec(tmp_path, (111, "ACME", "Acme Robotics Inc.")))
    load(
        "csv", own(tmp_path, "Own A,,,,,XNYS,OWNA,USD,,,,", "Own B,,,,,XNYS,OWNB,USD,,,,", "Unit,,,,,XNYS,UNIT,USD,,OWNA XNYS,,")
    )
    assert (
        "The CIK of Acme Robotics Inc. is 0000000111 here"
        in load("sec", sec(tmp_path, (222, "ACME", "Acme Robotics Inc.")))["conflicts"][0]["reason"]
    )
    found = load("csv", own(tmp_path, "Unit,,,,,XNYS,UNIT,USD,,OWNB XNYS,,"))
    assert "another owner here than OWNB XNYS" in found["conflicts"][0]["reason"]
    assert Relation.objects.get().issuer.name == "Own A"


def test_a_private_company_that_gets_a_listing_is_none_any_more(tmp_path: Path) -> None:
    load("csv", own(tmp_path, f"Zorblatt,,,{LEI},,,,,,,,"))
    assert Issuer.objects.get().is_private
    load("csv", own(tmp_path, f"Zorblatt,,,{LEI},,XNYS,ZORB,USD,,,,"))
    assert (Issuer.objects.get().is_private, Issuer.objects.get().ticker) == (False, ("ZORB", "US"))


def test_what_was_joined_is_not_made_again(tmp_path: Path) -> None:
    path = own(tmp_path, "Zorblatt,Zorblatt Holdings Ltd,GB,,,,,,,,,")
    load("csv", path)
    join(make_issuer("Zorb", listing="ZORB XNYS"), Issuer.objects.get(legal_name="Zorblatt Holdings Ltd"))
    found = load("csv", path)
    assert (found["created"], Issuer.objects.count()) == (0, 2)


def test_two_companies_of_one_file_cannot_have_one_ticker(tmp_path: Path) -> None:
    path = own(tmp_path, "Alpha Mills,,,,,XLON,ABC,GBX,,,,", "Beta Yards,,,,,XLON,ABC,GBX,,,,")
    found = load("csv", path)
    assert (found["created"], found["conflicts"][0]["row"]) == (1, 3)


def test_a_share_at_home_and_its_receipt_abroad_are_one_company(tmp_path: Path) -> None:
    load("sec", sec(tmp_path, (1033767, "UMC", "UNITED MICROELECTRONICS CORP")))
    path = tmp_path / "twse.csv"
    path.write_text("type,code,name,ISIN,CFI,group\n股票,2303,聯電,TW0002303005,ESVUFR,半導體業\n", encoding="utf-8")
    assert load("twse", path)["updated"] == 1
    umc = Issuer.objects.get()
    assert (umc.ticker, umc.aliases.filter(text="聯電", source="twse").count()) == (("2303", "TT"), 1)
    receipt = Security.objects.get(listings__ticker="UMC")
    assert receipt.asset_class == Security.AssetClass.DEPOSITARY_RECEIPT
    assert load("twse", path)["unchanged"] == 1


def test_a_ticker_of_former_years_is_kept_with_its_last_day(tmp_path: Path) -> None:
    path = sec(tmp_path, (FB, "META", "Meta Platforms, Inc."))
    load("sec", path)
    assert load("sec", path)["unchanged"] == 1
    former = Listing.objects.get(ticker="FB")
    assert (former.security.issuer.ticker, former.valid_to) == (("META", "US"), date(2022, 6, 8))


def test_markets(tmp_path: Path) -> None:
    path = tmp_path / "mic.csv.gz"
    header = "mic,market_name,status,operating_mic,iso_country_code\n"
    path.write_bytes(
        gzip.compress(f"{header}XTAI,TAIWAN STOCK EXCHANGE,active,,tw\nOLD1,GONE,expired,XTAI,tw\nno,X,active,,x\n".encode())
    )
    found = load("mic", path)
    assert (found["created"], [problem["row"] for problem in found["rejected"]]) == (2, [4])
    assert load("mic", path)["unchanged"] == 2
    assert Market.objects.get(mic="OLD1").operating_mic == "XTAI"
    assert not Market.objects.get(mic="OLD1").is_active


def test_what_is_no_register_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        call_command("load_securities", "sec", str(tmp_path / "missing"))
    assert refused.value.code == 2
    assert "Nothing was changed" in capsys.readouterr().err


def test_a_new_name_is_found_without_a_restart(tmp_path: Path) -> None:
    assert find_mentions(names(), "Nvidia rises", "") == []
    load("sec", sec(tmp_path, (1045810, "NVDA", "NVIDIA CORP")))
    version = MasterVersion.objects.get().version
    (found,) = find_mentions(names(), "Nvidia rises", "")
    assert found.issuer_id == Issuer.objects.get().pk
    Alias.objects.all().delete()
    assert MasterVersion.objects.get().version != version
    assert find_mentions(names(), "Nvidia rises", "") == []


@pytest.mark.slow
def test_the_whole_registers() -> None:
    load_master()
    for kind, path, least in (("sec", "sec_company_tickers.json", 9_500), ("twse", "twse_equities.csv.gz", 1_000)):
        found = load(kind, shared(f"master/{path}"))
        assert found["created"] > least
        assert len(found["conflicts"]) == 0
        again = load(kind, shared(f"master/{path}"))
        assert (again["created"], again["updated"]) == (0, 0)
    assert load("mic", shared("master/iso10383_mic.csv"))["created"] > 2_700
    assert Issuer.objects.get(slug="hon-hai").securities.count() == 1
