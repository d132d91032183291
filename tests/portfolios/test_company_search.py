"""People find a company by whatever they have of it."""

from datetime import date

import pytest

from portfolios.company_search import search_companies
from portfolios.models import Alias, Issuer
from tests.make import make_issuer, make_listing, make_security

pytestmark = pytest.mark.django_db


@pytest.fixture
def hon_hai(db: None) -> Issuer:
    issuer = make_issuer("Hon Hai Precision", aliases=["Foxconn", "鴻海"], cik="", lei="5493004QOK9H5JTCFN66")
    make_listing(make_security(issuer, isin="TW0002317005"), "2317", "XTAI")
    return issuer


@pytest.fixture
def others(hon_hai: Issuer) -> dict[str, Issuer]:
    fii = make_issuer("Foxconn Industrial Internet", listing="601138 XSHG")
    meta = make_issuer("Meta Platforms", listing="META XNAS", cik="0001326801")
    make_listing(meta.securities.get(), "FB", "XNAS", valid_to=date(2022, 6, 8))
    fund = make_issuer("Roundhill", listing="FB ARCX")
    clash = make_issuer("Precision Optics", aliases=["AT&T of optics", "J.P. Optics"], listing="2317 XHKG")
    return {"fii": fii, "meta": meta, "fund": fund, "clash": clash}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("TW0002317005", ["Hon Hai Precision"]),
        ("tw 0002317005", ["Hon Hai Precision"]),
        ("5493004QOK9H5JTCFN66", ["Hon Hai Precision"]),
        ("CIK 1326801", ["Meta Platforms"]),
        ("0001326801", ["Meta Platforms"]),
        ("2317", ["Hon Hai Precision", "Precision Optics"]),
        ("2317 TT", ["Hon Hai Precision"]),
        ("2317.tw", ["Hon Hai Precision"]),
        ("2317 XHKG", ["Precision Optics"]),
        ("fb", ["Roundhill", "Meta Platforms"]),  # whose it is now, then whose it was
        ("foxconn", ["Hon Hai Precision", "Foxconn Industrial Internet"]),
        ("FOXC", ["Hon Hai Precision", "Foxconn Industrial Internet"]),
        ("preci", ["Precision Optics", "Hon Hai Precision"]),
        ("internet foxconn", ["Foxconn Industrial Internet"]),
        ("鴻海", ["Hon Hai Precision"]),
        ("鴻", ["Hon Hai Precision"]),
        ("at&t of", ["Precision Optics"]),
        ("J.P. Opt", ["Precision Optics"]),
        ("nothing of ours", []),
        ("%", []),
        ("_oxconn", []),
        ("'; & | ! :*", []),
        ("   ", []),
        ("x" * 5000, []),
        ("\x00foxconn", ["Hon Hai Precision", "Foxconn Industrial Internet"]),
    ],
)
def test_by_what_people_type(said: str, names: list[str], others: dict[str, Issuer]) -> None:
    assert [found.issuer.name for found in search_companies(said)] == names


def test_says_by_what_it_was_found(others: dict[str, Issuer]) -> None:
    by = {said: search_companies(said)[0].by for said in ("foxconn", "hon hai precision", "2317.TW", "FB XNAS")}
    assert by == {
        "foxconn": "Foxconn",
        "hon hai precision": "",
        "2317.TW": "2317 XTAI",
        "FB XNAS": "FB ARCX",
    }
    assert search_companies("fb")[1].by == "FB XNAS until 2022-06-08"


def test_no_more_than_asked_for_in_as_many_queries(hon_hai: Issuer, django_assert_num_queries: object) -> None:
    for number in range(40):
        make_issuer(f"Hon {number}", listing=f"H{number} XNAS")
    assert len(search_companies("hon")) == 30
    for number in range(260):
        Alias.objects.create(issuer=hon_hai, text=f"First {number} Bancorp")
    assert search_companies("first")[0].issuer == hon_hai
    first = make_issuer("First")
    assert search_companies("first")[0].issuer == first
    assert len(search_companies("hon", most=5)) == 5
    with django_assert_num_queries(7):  # type: ignore[operator]
        search_companies("hon")
