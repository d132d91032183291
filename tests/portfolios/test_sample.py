"""The sample files: real identifiers, checked against the published lists, and books that add up."""

import csv
import gzip
import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum import isin, lei

from portfolios.sample import business_days, simulated_closes
from portfolios.sample_files import rows
from tests.shared_data import shared

FAMILY = {
    ("2317", "XTAI"): "hon-hai",
    ("2354", "XTAI"): "foxconn-technology",
    ("601138", "XSHG"): "foxconn-industrial-internet",
    ("6088", "XHKG"): "fit-hon-teng",
}
NEWER_THAN_THE_LIST = {"CRWV"}  # listed in March 2025
COMMON_WORDS = {"Apple", "Meta", "Arm", "Oracle", "Quanta", "Micron", "Alphabet", "Eaton", "Samsung", "Fii"}


def securities() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in rows("securities")}


def test_about_forty_issuers_each_named_once() -> None:
    slugs = [row["slug"] for row in rows("issuers")]
    assert 40 <= len(slugs) == len(set(slugs))
    assert {row["issuer"] for row in rows("aliases")} == set(slugs)
    assert {row["issuer"] for row in rows("securities")} | private() == set(slugs)


def private() -> set[str]:
    return {row["slug"] for row in rows("issuers") if row["is_private"] == "yes"}


def test_private_issuers_have_no_security() -> None:
    assert private() == {"openai", "anthropic"}
    assert not private() & {row["issuer"] for row in rows("securities")}


def test_relations_are_between_them_and_quote_the_sample_stories() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path("research/sample/stories").glob("*.json")]
    for row in rows("relations"):
        assert {row["issuer"], row["other"]} <= {each["slug"] for each in rows("issuers")}
        assert row["quote"] == "" or any(row["quote"] in text and row["source"].partition(", Bell")[0] in text for text in texts)


def test_hon_hai_family_is_told_apart() -> None:
    issuer_of = {(row["ticker"], row["mic"]): securities()[row["security"]]["issuer"] for row in rows("listings")}
    assert {listing: issuer_of[listing] for listing in FAMILY} == FAMILY


def test_every_name_belongs_to_one_issuer() -> None:
    twice = [text for text, count in Counter(row["text"] for row in rows("aliases")).items() if count > 1]
    assert twice == []


def test_common_words_need_corroboration() -> None:
    marked = {row["text"] for row in rows("aliases") if row["needs_corroboration"] == "yes"}
    assert marked >= COMMON_WORDS
    assert not marked & {"Foxconn", "Hon Hai", "OpenAI", "NVIDIA", "Intel", "TSMC"}


@pytest.mark.parametrize("row", [row for row in rows("securities") if row["isin"]], ids=lambda row: row["key"])
def test_isin_is_valid(row: dict[str, str]) -> None:
    assert isin.is_valid(row["isin"])


@pytest.mark.parametrize("row", [row for row in rows("issuers") if row["lei"]], ids=lambda row: row["slug"])
def test_lei_is_valid(row: dict[str, str]) -> None:
    assert lei.is_valid(row["lei"])


def test_taiwan_codes_and_isins_are_those_of_the_exchange() -> None:
    with gzip.open(shared("master/twse_equities.csv.gz"), "rt", encoding="utf-8") as file:
        published = {row["code"]: row["ISIN"] for row in csv.DictReader(file)}
    ours = {row["ticker"]: securities()[row["security"]]["isin"] for row in rows("listings") if row["mic"] == "XTAI"}
    assert ours == {code: published[code] for code in ours}


def first_word(name: str) -> str:
    return re.split(r"[^a-z0-9]+", name.casefold())[0]


def test_american_tickers_are_those_of_the_regulator() -> None:
    published = json.loads(shared("master/sec_company_tickers.json").read_text())
    listed = {entry["ticker"]: first_word(entry["title"]) for entry in published.values()}
    legal = {row["slug"]: first_word(row["legal_name"]) for row in rows("issuers")}
    ours = {
        row["ticker"]: legal[securities()[row["security"]]["issuer"]]
        for row in rows("listings")
        if row["mic"] in ("XNAS", "XNYS") and row["ticker"] not in NEWER_THAN_THE_LIST
    }
    assert ours == {ticker: listed[ticker] for ticker in ours}


def test_venues_are_operating_markets() -> None:
    with shared("master/iso10383_mic.csv").open(encoding="utf-8", newline="") as file:
        active = {row["mic"] for row in csv.DictReader(file) if row["status"] == "active"}
    assert {row["mic"] for row in rows("listings")} <= active


@pytest.mark.parametrize(
    ("last", "count", "expected"),
    [
        (date(2025, 11, 19), 3, [date(2025, 11, 17), date(2025, 11, 18), date(2025, 11, 19)]),
        (date(2025, 11, 17), 2, [date(2025, 11, 14), date(2025, 11, 17)]),
        (date(2025, 11, 16), 1, [date(2025, 11, 14)]),
    ],
)
def test_business_days(last: date, count: int, expected: list[date]) -> None:
    assert business_days(last, count) == expected


def test_simulated_closes_end_at_the_typed_one_and_never_change() -> None:
    closes = simulated_closes(Decimal("236.50"), 0.018, 60, "aXTAI2317")
    assert closes == simulated_closes(Decimal("236.50"), 0.018, 60, "aXTAI2317")
    assert len(closes) == 60
    assert closes[-1] == Decimal("236.50")
    assert closes[0] == Decimal("213.46")
    assert min(closes) > 100
    assert max(closes) < 500


def test_every_price_walks_in_the_tick_of_its_market() -> None:
    for row in rows("prices"):
        closes = simulated_closes(Decimal(row["close"]), float(row["daily_volatility"]), 60, "a" + row["mic"] + row["ticker"])
        assert {close.as_tuple().exponent for close in closes} == {Decimal(row["close"]).as_tuple().exponent}
        assert min(closes) > 0


def weights() -> dict[str, dict[str, Decimal]]:
    """Weight by ticker, computed from the files alone: portfolio → ticker → share of NAV."""
    usd = {row["currency"]: Decimal(row["usd"]) for row in rows("fx")} | {"USD": Decimal(1)}
    currency = {(row["mic"], row["ticker"]): row["currency"] for row in rows("listings")}
    close = {(row["mic"], row["ticker"]): Decimal(row["close"]) for row in rows("prices")}
    values: dict[str, dict[str, Decimal]] = {row["slug"]: {} for row in rows("portfolios")}
    for row in rows("holdings"):
        key = row["mic"], row["ticker"]
        values[row["portfolio"]][row["ticker"]] = Decimal(row["quantity"]) * close[key] * usd[currency[key]]
    nav = {slug: sum(held.values()) for slug, held in values.items()}
    for row in rows("cash"):
        nav[row["portfolio"]] += Decimal(row["amount"]) * usd[row["currency"]]
    return {slug: {ticker: value / nav[slug] for ticker, value in held.items()} for slug, held in values.items()}


def test_weights_are_as_the_stories_need_them() -> None:
    asia, world = weights()["asia-hardware-ai"], weights()["global-ai-infrastructure"]
    assert Decimal("0.040") < asia["2317"] < Decimal("0.042")
    assert Decimal("-0.017") < asia["SMCI"] < Decimal("-0.015")
    assert Decimal("0.014") < world["2317"] < Decimal("0.016")
    assert 0 < 1 - sum(asia.values()) < Decimal("0.2")
    assert 0 < 1 - sum(world.values()) < Decimal("0.2")
