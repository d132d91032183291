"""What an article adds: numbers in any spelling, companies, and the sentences that have them."""

import pytest

from research.new_facts import new_facts, sentences_with
from research.sentences import sentences_around

NOTHING = ["An earlier article without any."]


def words(before: list[str], text: str) -> list[str]:
    facts = new_facts(before, text)
    assert all(text[fact.start : fact.end] == fact.words and fact.kind == "number" for fact in facts)
    return [fact.words for fact in facts]


@pytest.mark.parametrize(
    ("before", "text", "new"),
    [
        # told, in another spelling
        ("Halden pays $4.1 billion.", "The $4.1bn deal", []),
        ("Halden pays $4.1bn.", "A price of 4.1 billion dollars, or 4.1 bln", []),
        ("Halden pays $4,100 million.", "The US$4.1 billion deal", []),
        ("Sales rose 12%.", "Up 12 percent, 12 per cent, 12 pct and 12.0%", []),
        ("It employs 1,200 people.", "The 1200 jobs; １,２００ people", []),
        ("It has twelve plants.", "Its 12 plants", []),
        ("A 300-megawatt site", "300 MW, or 300MW", []),
        ("10-15% more", "Between 10 and 15 percent", []),
        ("營收80億美元", "營收80億美元", []),
        ("營收80億美元", "Revenue of $8 billion", []),
        ("營收80億美元", "營收８０亿美元", []),
        # new
        ("Halden pays $4.1 billion.", "Halden pays $4.12 billion", ["$4.12 billion"]),
        ("A ratio of 4.12 to 1", "A ratio of 4.1 to 1", ["4.1"]),
        ("Halden pays $4.1 billion.", "Halden pays $4.1 million", ["$4.1 million"]),
        ("Halden pays $40.", "Halden pays €40", ["€40"]),
        ("Halden pays 40 euros.", "Halden pays 40 yen", ["40 yen"]),
        ("It has 12 plants.", "Sales rose 12%", ["12%"]),
        ("Yields rose 25%.", "Yields rose 25 bps, then 25 basis points", ["25 bps", "25 basis points"]),
        ("A 300 MW site", "A 300 GW grid", ["300 GW"]),
        ("營收80億美元", "營收80萬美元，成長12％", ["80萬美元", "12％"]),
        ("營收80億美元", "營收80億日圓", ["80億日圓"]),
        ("Nothing yet.", "It costs $4.1 billion or £3.2 bln; 1,200 jobs go", ["$4.1 billion", "£3.2 bln", "1,200"]),
        ("Nothing yet.", "EPS 1.25, up from 0.95 (a rise of 32%)", ["1.25", "0.95", "32%"]),
        ("Nothing yet.", "Between 5 and 7 percent", ["5", "7 percent"]),
        ("Nothing yet.", "A fee of $5 and 3 GW", ["$5", "3 GW"]),
        ("Nothing yet.", "SEK 500 a share", ["SEK 500"]),
        ("Nothing yet.", "Halden Hires 500 Workers", ["500"]),
        ("Nothing yet.", "HALDEN HIRES 500 WORKERS", ["500"]),
        ("Nothing yet.", "Twice: 12% here, 12% there", ["12%", "12%"]),
        ("Nothing yet.", "", []),
        ("", "Sales rose 12%", ["12%"]),
    ],
)  # fmt: skip
def test_numbers(before: str, text: str, new: list[str]) -> None:
    assert words([before], text) == new


@pytest.mark.parametrize(
    "text",
    [
        # years
        "In 2026 and since 1998", "fiscal 2027", "in the 1990s", "by mid-2028", "2024-25", "2024/25", "2025-2026", "2026年",
        # dates
        "on May 12, 2022", "on 12 May", "on 12th of May 2022", "on 12 and 13 May", "MAY 12", "Sept. 30", "May 12-14",
        "2026-05-12", "12/05/2026", "5/12", "12.05.2026", "2026年5月12日", "5月12日", "12日", "2026년 5월 12일",
        # times of day
        "at 9:30", "at 14:05:30", "at 9.30am", "at 11 p.m. sharp", "at 10 AM", "at 1400 GMT", "16:15 UTC", "上午9時30分",
        "14点30分",
        # ordinals and lists
        "the 3rd of its kind", "its 12th plant", "the No. 12 maker", "lot #45", "第12條",
        "1. Costs\n12. Risks\n(13) Outlook\n14) End",
        # single digits
        "3 plants", "a 5-year plan", "9",
        # names
        "the H100 and the GB200", "an RTX 4080 card", "RTX 4080 Cards Sell Out In Days", "in Q4 and in 4Q26", "the iPhone 17",
        "a Boeing 737 MAX", "a Boeing 737 of theirs", "the S&P 500", "Windows 11 is out", "a phase 12 trial", "COVID-19 costs",
        "its 10-K and 20-F", "the A380", "the 4080 Ti", "at Studio 54 they said",
        # tickers
        "(NASDAQ:HLD2)", "Halden (TWSE: 2317)", "鴻海（2317）", "(601138, XSHG)", "2317.TW", "7203.T",
        "0700-HK", "2317 TT", "TPE:2317", "股票代號2317",
        # addresses
        "see https://example.com/2041/55817?id=88", "write to desk42@example.com or 77@example.com", "call +1 (212) 555-0123",
        "call 212-555-0123",
    ],
)  # fmt: skip
def test_no_facts(text: str) -> None:
    assert words(NOTHING, text) == []


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("In May 12% more", ["12%"]),
        ("On May 12 it sold 40 ships", ["40"]),
        ("In March 3,000 left", ["3,000"]),
        ("Rates may rise 12 may not", ["12"]),
        ("In 2026 2,026 left", ["2,026"]),
        ("It cost $2026", ["$2026"]),
        ("A loss (1,200) and (45%)", ["1,200", "45%"]),
        ("Some 300 left. About 400 stay. On Monday 500 came", ["300", "400", "500"]),
        ("REVENUE: 450, EPS: 1.25, a 300-MW site", ["450", "1.25", "300-MW"]),
        ("Workers: 120 plants\n45 docks", ["120", "45"]),
        ("At 9:30 it fell 11 points", ["11"]),
        ("12日圓", ["12日圓"]),
        ("1. It lost 450", ["450"]),
    ],
)
def test_facts_beside_what_is_none(text: str, new: list[str]) -> None:
    assert words(NOTHING, text) == new


def test_the_first_article_adds_nothing() -> None:
    assert new_facts([], "Halden pays $4.1 billion", names=[(0, 6, "Halden")]) == []


def test_any_earlier_article_counts() -> None:
    assert words(["It pays $4.1 billion.", "Sales rose 12%."], "$4.1bn, 12 percent and 13 percent") == ["13 percent"]


def test_companies() -> None:
    text = "Morrow 24 and Halden: 31 depots go to Kestrel, says Morrow 24."
    names = [(38, 45, "Kestrel"), (14, 20, "Halden"), (0, 9, "Morrow 24"), (52, 61, "Morrow 24"), (52, 61, "Morrow Freight")]
    facts = new_facts(NOTHING, text, names_before={"HALDEN", "Morrow Freight"}, names=names)
    assert [(fact.kind, fact.words, fact.start) for fact in facts] == [
        ("company", "Morrow 24", 0),  # its number is no fact
        ("number", "31", 22),
        ("company", "Kestrel", 38),
        ("company", "Morrow 24", 52),
    ]
    assert all(text[fact.start : fact.end] == fact.words for fact in facts)


TEXT = (
    "Halden pays 40% more\n"
    "Acme Inc. will sell 12 depots. The U.S. unit has 31 ships. Nobody knew. Mr. Lin expects 4.1 billion. He left.\n"
    "售價80億美元。沒有人知道。"
)


@pytest.mark.parametrize(
    ("before", "sentences"),
    [
        ("40%, 12, 31, 4.1 billion, 80億", []),
        ("40%, 31, 4.1 billion, 80億", ["Acme Inc. will sell 12 depots."]),
        ("40%, 12, 31, 80億", ["Mr. Lin expects 4.1 billion."]),
        ("4.1 billion", [
            "Halden pays 40% more", "Acme Inc. will sell 12 depots. The U.S. unit has 31 ships.", "售價80億美元。",
        ]),
    ],
)  # fmt: skip
def test_sentences_with(before: str, sentences: list[str]) -> None:
    spans = sentences_with(TEXT, new_facts([before], TEXT))
    assert [TEXT[start:end] for start, end in spans] == sentences


def test_sentences_with_nothing() -> None:
    assert sentences_with("", []) == []
    assert sentences_with(TEXT, []) == []


@pytest.mark.parametrize(
    ("stretch", "expected"),
    [
        ("12 depots", "Acme Inc. will sell 12 depots. "),
        ("12 depots.", "Acme Inc. will sell 12 depots. "),  # takes the full stop with it
        ("ships. Nobody", "The U.S. unit has 31 ships. Nobody knew. "),
        ("沒有人", "沒有人知道。"),
        ("Halden", "Halden pays 40% more\n"),
    ],
)
def test_sentences_around(stretch: str, expected: str) -> None:
    at = TEXT.index(stretch)
    assert TEXT[slice(*sentences_around(TEXT, at, at + len(stretch)))] == expected
