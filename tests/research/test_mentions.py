"""Who a text is about: the right company, the longest name, no common words, and offsets that point at the words."""

import json

import pytest

from research.mentions import AliasRow, FoundMention, ListingRow, Names, document, find_mentions
from tests.shared_data import shared

HON_HAI, FII, FTC, OPENAI, APPLE, TARGET, NVIDIA, ATT, META, METAMAT, AMD, CITI, VISA, ON, COKE, GALAXY_A, GALAXY_B, LULU = range(
    1, 19
)

NAMES = {
    HON_HAI: ["Hon Hai", "Hon Hai Precision Industry", "Foxconn", "Foxconn Technology Group", "鴻海", "鴻海精密", "富士康"],
    FII: ["Foxconn Industrial Internet", "工業富聯"],
    FTC: ["Foxconn Technology", "鴻準"],
    OPENAI: ["OpenAI"],
    APPLE: ["Apple Inc."],
    TARGET: ["Target Corporation"],
    NVIDIA: ["Nvidia"],
    ATT: ["AT&T"],
    META: ["Meta Platforms"],
    METAMAT: ["Meta Materials"],
    AMD: ["Advanced Micro Devices"],
    CITI: ["Citigroup"],
    COKE: ["Coca-Cola"],
    GALAXY_A: ["Galaxy Entertainment", "Galaxy"],
    GALAXY_B: ["Galaxy Digital", "Galaxy"],
    LULU: ["lululemon"],
}
COMMON = {APPLE: "Apple", TARGET: "Target", META: "Meta", VISA: "Visa", ON: "ON"}
LISTINGS = [
    (HON_HAI, "XTAI", "2317"), (HON_HAI, "XLON", "HHPD"), (FII, "XSHG", "601138"), (APPLE, "XNAS", "AAPL"),
    (TARGET, "XNYS", "TGT"), (NVIDIA, "XNAS", "NVDA"), (ATT, "XNYS", "T"), (META, "XNAS", "META"), (AMD, "XNAS", "AMD"),
    (CITI, "XNYS", "C"), (VISA, "XNYS", "V"), (ON, "XNAS", "ON"), (GALAXY_A, "XHKG", "27"),
]  # fmt: skip


@pytest.fixture(scope="module")
def names() -> Names:
    strong = [AliasRow(issuer, text) for issuer, texts in NAMES.items() for text in texts]
    common = [AliasRow(issuer, text, needs_corroboration=True) for issuer, text in COMMON.items()]
    return Names([*strong, *common], [ListingRow(*row) for row in LISTINGS])


def issuers(found: list[FoundMention]) -> set[int]:
    return {mention.issuer_id for mention in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the longest name
        ("Foxconn Industrial Internet reports its profit", {FII}),
        ("Foxconn Technology Group plans a plant", {HON_HAI}),
        ("Foxconn Technology makes casings", {FTC}),
        ("Hon Hai Precision Industry and Foxconn Industrial Internet", {HON_HAI, FII}),
        ("Meta Materials falls after Meta Platforms rises", {METAMAT, META}),
        # boundaries
        ("Foxconn’s plant", {HON_HAI}),
        ("Foxconn-made phones", {HON_HAI}),
        ("“Foxconn”,(Nvidia)", {HON_HAI, NVIDIA}),
        ("Foxconnected and NvidiaX", set()),
        ("AT&T's network", {ATT}),
        ("coca cola and Coca‑Cola", {COKE}),
        # Unicode
        ("Ｎｖｉｄｉａ rises", {NVIDIA}),
        ("Hon\u00a0Hai and Nvi\u00addia", {HON_HAI, NVIDIA}),
        ("鴻海精密與OpenAI合作", {HON_HAI, OPENAI}),
        ("富士康Foxconn（2317）", {HON_HAI}),
        ("工業富聯公布財報", {FII}),
        # case
        ("nvidia, foxconn and hon hai", {NVIDIA, HON_HAI}),
        ("NVIDIA AND FOXCONN", {NVIDIA, HON_HAI}),
        ("lululemon sells leggings, so does LULULEMON", {LULU}),
        ("advanced micro devices", {AMD}),
        ("apple pie is on target, visa pending", set()),
        # common words
        ("Apple is a fruit", set()),
        ("Target practice and a Visa for travel", set()),
        ("Apple shares rise as Apple Inc. reports", {APPLE}),
        ("Apple Inc reports", {APPLE}),
        ("Apple (NASDAQ: AAPL) reports", {APPLE}),
        ("Apple reports; watch $AAPL", {APPLE}),
        ("Apple (AAPL) reports", {APPLE}),
        ("Nvidia said that Apple was a customer", {NVIDIA, APPLE}),
        ("Nvidia Says Apple Is Rotten In Every Basket", {NVIDIA}),
        ("Nvidia said that Apple Hospitality was a customer", {NVIDIA}),
        ("Nvidia runs a Target-rich campaign", {NVIDIA}),
        ("the Nvidia team switched ON the lamp", {NVIDIA}),
        # a name of two companies
        ("Galaxy opens a casino", set()),
        ("Galaxy (HKG: 0027) opens a casino", {GALAXY_A}),
        ("Galaxy Digital trades; Galaxy is new", {GALAXY_B}),
        # tickers
        ("T, C and V are letters, AMD an eye disease", set()),
        ("age-related macular degeneration (AMD) patients", set()),
        ("Chipmaker Amdocs (AMD)", set()),
        ("The Chipmaker Rises (NVDA)", {NVIDIA}),
        ("option (C) is correct", set()),
        ("Citigroup (C) option", {CITI}),
        ("NYSE:T, TWSE: 2317 and Nasdaq : NVDA", {ATT, HON_HAI, NVIDIA}),
        ("(NASDAQ: AAPL, NVDA)", {APPLE, NVIDIA}),
        ("2317.TW, 2317 TT, 601138.SS", {HON_HAI, FII}),
        ("AAPL.US and NVDA.O", {APPLE, NVIDIA}),
        ("keep a focus ON US markets in 2317 HK dollars", set()),
        ("$T and $V, but not US$V or $5", {ATT, VISA}),
        ("(2317) lines", set()),
        # addresses
        ("see www.nvidia.com, nvidia.com/news or write to @nvidia", set()),
        ("Nvidia.com sells cards", {NVIDIA}),
        ("", set()),
    ],
)  # fmt: skip
def test_who_is_named(names: Names, text: str, expected: set[int]) -> None:
    assert issuers(find_mentions(names, "", text)) == expected


HEADLINE = "OpenAI and Foxconn to co-design racks"
BODY = "OpenAI and Hon Hai Precision Industry (TWSE: 2317), better known as Foxconn, will work together. Nvidia was not named."


def test_what_a_mention_says(names: Names) -> None:
    found = {mention.issuer_id: mention for mention in find_mentions(names, HEADLINE, BODY)}
    assert set(found) == {OPENAI, HON_HAI, NVIDIA}
    hon_hai = found[HON_HAI]
    assert (hon_hai.words, hon_hai.in_headline, hon_hai.tier) == ("Foxconn", True, "primary")
    assert (hon_hai.resolved_by, hon_hai.confidence, hon_hai.count) == ("ticker XTAI:2317", 0.99, 3)
    assert found[NVIDIA].tier == "passing"
    assert not found[NVIDIA].in_headline
    assert found[NVIDIA].relevance < found[OPENAI].relevance
    assert all(0 <= mention.relevance <= 100 for mention in found.values())


@pytest.mark.parametrize(
    ("text", "reason", "confidence"),
    [
        ("Hon Hai Precision Industry", "full name", 0.97),
        ("Foxconn", "name", 0.93),
        ("foxconn", "name", 0.8),
        ("TPE:2317", "ticker XTAI:2317", 0.99),
        ("Foxconn (2317)", "ticker XTAI:2317", 0.97),
    ],
)
def test_how_it_was_resolved(names: Names, text: str, reason: str, confidence: float) -> None:
    (mention,) = find_mentions(names, "", text)
    assert (mention.resolved_by, mention.confidence) == (reason, confidence)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Apple corp gains", ""),
        ("Apple Corp gains", "name, corroborated by legal form"),
        ("Nvidia said that Apple was a customer", "name, capitalised"),
        ("Apple shares rise", "name, corroborated by words of the market"),
        ("Nvidia, Apple and OpenAI meet", "name, in a list of companies"),
        ("Apple rises. Buy AAPL", "name, corroborated by ticker"),
    ],
)
def test_why_a_common_word_counts(names: Names, text: str, reason: str) -> None:
    found = [mention for mention in find_mentions(names, "", text) if mention.issuer_id == APPLE]
    assert [mention.resolved_by for mention in found] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (HEADLINE, BODY),
        ("Nvi\u00addia’s  “ﬁrst” Ｎｖｉｄｉａ", "鴻海\u200b精密與OpenAI\n\n\n合作 e\u0301 Hon\u00a0Hai"),
        ("", "İstanbul: Nvidia; ŉ ǰ Foxconn"),
    ],
)
def test_offsets_point_into_the_document(names: Names, title: str, text: str) -> None:
    whole = document(title, text)
    found = find_mentions(names, title, text)
    assert found
    for mention in found:
        assert whole[mention.start : mention.end] == mention.words
        assert mention.spans[0] == (mention.start, mention.end)
        assert list(mention.spans) == sorted(set(mention.spans))
        assert all(whole[start:end].strip() == whole[start:end] != "" for start, end in mention.spans)


def test_earlier_and_more_often_is_more_relevant(names: Names) -> None:
    early, late = find_mentions(names, "Nvidia and OpenAI", "Nvidia again. Nvidia.")
    assert (early.issuer_id, late.issuer_id) == (NVIDIA, OPENAI)
    (alone,) = find_mentions(names, "", "x " * 500 + "Nvidia")
    assert alone.relevance < 75


def test_no_names_at_all() -> None:
    assert find_mentions(Names([], []), "Nvidia", "\x00 Foxconn") == []
    assert find_mentions(Names([AliasRow(1, "V"), AliasRow(1, " ")]), "V", "V") == []


def test_real_articles_with_numeric_and_dollar_noise(names: Names) -> None:
    for line in shared("labelled/news_dev.jsonl").read_text().splitlines():
        row = json.loads(line)
        whole = document(row["title"], row["description"])
        for mention in find_mentions(names, row["title"], row["description"]):
            assert whole[mention.start : mention.end] == mention.words


@pytest.mark.parametrize(
    ("title", "tiers"),
    [
        ("Nvidia and Microsoft sign", {"Nvidia": "primary", "Microsoft": "primary"}),
        ("Nvidia, Microsoft and Oracle sign", {"Nvidia": "primary", "Microsoft": "primary", "Oracle": "primary"}),
        ("Oracle shares jump after Microsoft discloses a stake", {"Oracle": "primary", "Microsoft": "secondary"}),
        ("Movers: Nvidia, Microsoft, Oracle and Intel", dict.fromkeys(("Nvidia", "Microsoft", "Oracle", "Intel"), "secondary")),
    ],
)
def test_who_is_named_together_is_one_as_much_as_the_other_and_a_round_up_is_about_nobody(
    title: str, tiers: dict[str, str]
) -> None:
    companies = dict(enumerate(("Nvidia", "Microsoft", "Oracle", "Intel")))
    names = Names([AliasRow(number, name) for number, name in companies.items()])
    found = find_mentions(names, title, "What happened today.")
    assert {companies[mention.issuer_id]: mention.tier for mention in found} == tiers
