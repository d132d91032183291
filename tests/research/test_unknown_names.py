"""Names of companies that the master lacks: those with evidence, at their full length, and nothing that is no company."""

import pytest

from research.mentions import AliasRow, ListingRow, Names, document, find_mentions
from research.unknown_names import FoundName, unknown_names

TITLE = "What the market did today"


def found(text: str, *known: str, title: str = TITLE) -> list[FoundName]:
    """The unknown names of a text in which the words of `known` are names that the master has."""
    whole = document(title, text)
    spans = [(at, at + len(words)) for words in known for at in range(len(whole)) if whole.startswith(words, at)]
    return unknown_names(title, text, spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # legal forms
        ("Yesterday Veltrano Robotics Inc. opened a plant.", "Veltrano Robotics Inc."),
        ("Yesterday Veltrano Robotics, Inc. opened a plant.", "Veltrano Robotics, Inc."),
        ("Orders went to Quorvex Ltd and to nobody else.", "Quorvex Ltd"),
        ("Orders went to Quorvex plc, to nobody else.", "Quorvex plc"),
        ("It bought parts from Brandolf AG in May.", "Brandolf AG"),
        ("It bought parts from Brandolf SE in May.", "Brandolf SE"),
        ("It bought parts from Hesterwijk N.V. in May.", "Hesterwijk N.V."),
        ("It bought parts from Colvaro S.A. in May.", "Colvaro S.A."),
        ("It bought parts from Morvelli S.p.A. in May.", "Morvelli S.p.A."),
        ("It bought parts from Ostrand Teknik AB in May.", "Ostrand Teknik AB"),
        ("It bought parts from Keltmann Optik GmbH in May.", "Keltmann Optik GmbH"),
        ("It bought parts from Norvik Marine A/S in May.", "Norvik Marine A/S"),
        ("It bought parts from Toshiro Kogaku K.K. in May.", "Toshiro Kogaku K.K."),
        ("Shenlu Precision Co., Ltd. makes hinges.", "Shenlu Precision Co., Ltd."),
        ("Loans came from Vostrel Holdings on Monday.", "Vostrel Holdings"),
        ("It was advised by Pettibrook & Co on the sale.", "Pettibrook & Co"),
        ("The report came from Harwick & Soames LLC last week.", "Harwick & Soames LLC"),
        ("The chips of Orenda-Fulvio Corp are late.", "Orenda-Fulvio Corp"),
        ("The chips of O'Darrow Devices Corp are late.", "O'Darrow Devices Corp"),
        ("The chips of iVelora Inc are late.", "iVelora Inc"),
        ("Shares of Bank of Ostravia Ltd were flat.", "Bank of Ostravia Ltd"),
        # tickers
        ("Today Veltrano Robotics (NASDAQ: VLTR) opened a plant.", "Veltrano Robotics"),
        ("Today Lumbrex Gold (TSX:LBX) opened a pit.", "Lumbrex Gold"),
        ("Today Kanroku Heavy (7799.T) opened a yard.", "Kanroku Heavy"),
        # words about companies
        ("The startup Quillara raised money.", "Quillara"),
        ("Prices hurt the chipmaker Brontec Micro again.", "Brontec Micro"),
        ("Chipmaker Brontec will cut jobs.", "Brontec"),
        ("Its largest supplier Zandrel is late.", "Zandrel"),
        ("It agreed to acquire Quillara for cash.", "Quillara"),
        ("It closed the acquisition of Quillara's rival.", "Quillara"),
        ("A partnership with Ostrande Medical was signed.", "Ostrande Medical"),
        ("Then Quillara, a Dutch maker of lasers, hired staff.", "Quillara"),
        ("Then Quillara, the largest Dutch software company, hired staff.", "Quillara"),
        ("On Monday Zandrel’s chief executive spoke.", "Zandrel"),
        ("On Monday Zandrel CEO Ann Holt spoke for an hour about what comes next.", "Zandrel"),
        ("On Monday Zandrel shares rose by a tenth.", "Zandrel"),
        ("Its customers trust the CEO of Quillara with much.", "Quillara"),
        # where a name begins
        ("Meanwhile Veltrano Robotics Inc. opened a plant.", "Veltrano Robotics Inc."),
        ("Chinese supplier Shenlu Optics Ltd is late.", "Shenlu Optics Ltd"),
        ("It was rated by W. R. Quorvex Corp. in May.", "W. R. Quorvex Corp."),
        ("It met Japan's Toshiro Kogaku Corp today.", "Toshiro Kogaku Corp"),
        ("Madrid-based Colvaro S.A. is late.", "Colvaro S.A."),
        ('They call it "Veltrano Robotics Inc." for now.', "Veltrano Robotics Inc."),
        ("TSXV: LBX Lumbrex Gold Corp. drills.", "Lumbrex Gold Corp."),
        # Chinese and Japanese
        ("昨日收購宏曜電子股份有限公司的股權", "宏曜電子股份有限公司"),
        ("與華暘技術有限公司合作", "華暘技術有限公司"),
        ("アクロメ工業株式会社は発表した", "アクロメ工業株式会社"),
        ("株式会社アクロメは発表した", "アクロメ"),
    ],
)
def test_a_name_with_evidence_is_found_at_its_full_length(text: str, expected: str) -> None:
    assert [name.text for name in found(text)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing happened, and nobody said why.",
        "Veltrano said that it was hiring.",  # a name, but no evidence
        "The Company said that the Group is a Corporation.",
        "He works for Global Technologies Inc.",  # what many are called
        "They met in Las Vegas, NV on Monday.",
        "The call begins at 5 PM ET Company Participants are there.",
        "She bought an iPhone SE and left.",
        "A Limited Edition of the Quorvex Limited Edition was sold.",
        # institutions, funds, events
        "The University of Ostravia Ltd. was mentioned.",
        "It sold the Quorvex Dividend ETF (NASDAQ: QDIV).",
        "It sold the Quorvex Dividend shares (NYSEARCA: QDIV).",
        "The firm Pettibrook Harwick LLP sues.",
        "The law firm Pettibrook Harwick sues.",
        # people, places, tickers
        "The company Robert Harwick left is for sale.",
        "Ann Holt, a founder of the company, left.",
        "The supplier Taiwan needs is in demand.",
        "They met in Maui, Hawaii, the company claimed.",
        "QRVX shares rose (NYSE:QRVX).",
        "It partnered with Quillara star Ann Holt.",
        "The producer SAN OSTRAVIA, March 3, is named in a report.",
        # cut off, or a number goes on
        "It agreed to acquire Quillara Medi...",
        "The startup Studio 31 raised money.",
        # who published it
        "TORONTO, May 3 (Newsvantor Inc.) -- Prices rose.",
        "Prices rose.\nBy Jost Vandermolen Quorvex Inc. said so.",
        # ordinary words
        "The firm Apple raised money.",
        "It is A Family Paper Company, they say.",
        "Fund of Technology and Robotics (NYSE: TNR) rose.",
        "The exchange is not known for Veltrano Robotics (QWERTY: VLTR).",
    ],
)
def test_what_is_no_company_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Veltrano Robotics Inc. opened a plant.", ["Veltrano Robotics"]),
        ("Veltrano Robotics Inc. opened a plant.", ["Veltrano"]),  # its longer form
        ("The startup Veltrano Cosmos raised money.", ["Veltrano"]),
        ("Veltrano Cosmos Inc. raised money.", ["Veltrano Cosmos Inc."]),
        ("Today Veltrano Robotic (NASDAQ: VLTR) opened a plant.", ["VLTR"]),
        ("Today Veltrano Robotic Inc. (NASDAQ: VLTR) opened a plant.", ["VLTR"]),
        ("與宏曜電子股份有限公司合作", ["宏曜"]),
    ],
)
def test_what_the_master_knows_is_not_found(text: str, known: list[str]) -> None:
    assert found(text, *known) == []


def test_a_known_neighbour_hides_nobody() -> None:
    names = found("Quorvex’s unit Zandrel Ltd met “Quorvex”, Brandolf AG and Quorvex.", "Quorvex")
    assert [name.key for name in names] == ["zandrel", "brandolf"]


@pytest.mark.parametrize(
    ("text", "key", "ticker"),
    [
        ("Veltrano Robotics Inc. rose.", "veltrano robotics", ""),
        ("VELTRANO ROBOTICS Incorporated rose.", "veltrano robotics", ""),
        ("Shenlu Precision Co., Ltd. rose.", "shenlu precision", ""),
        ("Norvik Marine A/S rose.", "norvik marine", ""),
        ("宏曜電子股份有限公司", "宏曜電子", ""),
        ("Veltrano Robotics Inc. (NASDAQ: VLTR) rose.", "veltrano robotics", "US:VLTR"),
        ("Veltrano Robotics (NYSE: VLT.A) rose.", "veltrano robotics", "US:VLT.A"),
        ("Lumbrex Gold (TSX:LBX, OTCQB: LBXF) rose.", "lumbrex gold", "XTSE:LBX"),
        ("Kanroku Heavy (7799.T) rose.", "kanroku heavy", "XTKS:7799"),
        ("Brontec Micro (8899.TW) rose.", "brontec micro", "XTAI:8899"),
        ("Morvelli Moda (Euronext: MVM) rose.", "morvelli moda", "MVM"),  # Paris, Amsterdam, Brussels or Lisbon
    ],
)
def test_keys_and_tickers(text: str, key: str, ticker: str) -> None:
    (name,) = found(text)
    assert (name.key, name.ticker) == (key, ticker)


@pytest.mark.parametrize(
    ("text", "count", "reason"),
    [
        ("Veltrano Robotics Inc. rose.", 1, "legal form"),
        ("Veltrano Robotics Inc. rose. Of Veltrano Robotics we know that Veltrano Robotics’s plant burned.", 3, "legal form"),
        ("Veltrano Robotics Inc. (NASDAQ: VLTR) rose; Veltrano Roboticsville did not.", 1, "ticker"),
        ("宏曜電子股份有限公司表示,宏曜電子將", 2, "legal form"),
        ("The startup Quillara grew. Then Quillara, a maker of lasers, grew.", 2, "kind"),
    ],
)
def test_places_are_counted_and_the_best_reason_is_given(text: str, count: int, reason: str) -> None:
    (name,) = found(text)
    assert (name.count, name.reason) == (count, reason)


def test_a_short_name_is_that_of_the_longer() -> None:
    names = found("Quillara Lasers Inc. rose. Later the startup Quillara fell.")
    assert [name.key for name in names] == ["quillara lasers"]


def test_in_a_title_that_capitalises_everything_only_forms_and_tickers_count() -> None:
    title = "Why The Startup Quillara And Its Rival Veltrano Robotics Inc. Could Both Win"
    assert [name.text for name in found("", title=title)] == ["Veltrano Robotics Inc."]


def test_the_opinion_of_a_headline_is_no_name() -> None:
    assert found("", title="Veltrano: Every Bargain Is Gone By Now (NYSE: VLTR)") == []
    assert found("", title="Veltrano Stock: One Bargain Nobody Wants (NYSE: VLTR)") == []
    assert [name.ticker for name in found("", title="Veltrano Robotics (NYSE: VLTR) Stock Price Up 1.4%")] == ["US:VLTR"]


def test_the_spans_that_linking_found_hide_their_names() -> None:
    names = Names([AliasRow(1, "Zandrel"), AliasRow(2, "Brontec Micro")], [ListingRow(2, "XNAS", "BRMC")])
    title, text = "Ｚａｎｄｒｅｌ: “Growth”", "Zandrel Ltd and Brontec Micro Inc. (NASDAQ: BRMC) will supply Quorvex­ Ltd."
    spans = [span for mention in find_mentions(names, title, text) for span in mention.spans]
    assert [name.text for name in unknown_names(title, text, spans)] == ["Quorvex Ltd."]
