"""What prose says beside its text: each slip is found, and a true paraphrase is let pass."""

import time

import pytest

from research.slips import check_prose


@pytest.mark.parametrize(
    ("prose", "text", "missing"),
    [
        ("Sales were 1,500 units.", "It sold 1500 units", []),
        ("Revenue of $1.2 bn", "revenue of $1,200 million", []),
        ("Revenue of $1.2bn", "revenue of 1.2 billion dollars", []),
        ("Revenue of $1.3bn", "revenue of $1.2bn", ["$1.3bn"]),
        ("Up 5%", "up 5 per cent", []),
        ("Up 5%", "5 plants", ["5%"]),
        ("Up 5 points", "up 5%", ["5"]),
        ("Between 10% and 15%", "10-15% more", []),
        ("Between 10-15%", "10 to 15 percent", []),
        ("Paid €40", "paid $40", ["€40"]),
        ("Paid 40", "paid $40", []),
        ("Paid NT$5 billion", "NT$5bn", []),
        ("Rs.500 crore", "Rs 500 cr", []),
        ("In 2026, on 14 March", "14 March 2026", []),
        ("In 2027", "In 2026", ["2027"]),
        ("by mid-2026", "in 2026", []),
        ("GB200 racks in Q3", "GB200 in Q4", ["Q3"]),
        ("GB300 racks", "GB200 racks", ["GB300"]),
        ("3 plants", "three plants", []),
        ("25 basis points", "25 bps", []),
        ("25 bps", "25%", ["25 bps"]),
        ("第三季營收２３１７億", "第三季營收2317億", []),
        ("Sales of 8 billion and 5 million", "營收80億美元, 500萬", []),
        ("Sales of 8 billion", "營收80萬美元", ["8 billion"]),
        ("Sales of $8 billion", "營收80億日圓", ["$8 billion"]),
        ("Orders of 3.2 trillion won", "3.2조원", []),
        ("Paid 40 euros or 5 dollars", "paid $40 and A$5", ["40 euros"]),
        ("Between 10 and 15 euros", "$10 to $15", ["15 euros"]),
        ("300 MW, 1.5 gigawatts, 2 GWh", "300-megawatt and 1.5GW, 2 GW", ["2 GWh"]),
        ("just words", "", []),
        ("７％ more", "7% more", []),
        ("It fell 7.5%, then 8%", "fell 7.50 percent", ["8%"]),
        ("1,234,567 and .5", "1234567 and 0.5", []),
    ],
)  # fmt: skip
def test_numbers_by_value(prose: str, text: str, missing: list[str]) -> None:
    slips = check_prose({"new": prose}, [text], ()).slips
    assert [slip.words for slip in slips if slip.kind != "name"] == missing


@pytest.mark.parametrize(
    ("text", "candidate", "prose"),
    [
        (
            "Foxconn said revenue was NT$1.3tn in May. It did not elaborate.",
            "Hon Hai Precision Industry",
            "Foxconn reported sales of 1.3 trillion Taiwan dollars for May and did not elaborate.",
        ),
        (
            "Foxconn said revenue was NT$1.3tn in May. It did not elaborate.",
            "Hon Hai Precision Industry",
            "Hon Hai reported sales of NT$1.3 trillion for May and gave no details.",
        ),
        (
            "The deal carries no purchase commitment, OpenAI said on 14 May 2026.",
            "OpenAI",
            "OpenAI said on 2026-05-14 that the deal does not commit anyone to buy.",
        ),
        (
            "Margins are not expected to recover before Q3 2025, the CFO said.",
            "Acme",
            "The CFO does not expect margins to recover until 3Q25 at the earliest.",
        ),
        (
            "Revenue rose from $100 million to $120 million.",
            "Acme",
            "Revenue was up 20 percent to $120m.",
        ),
        (
            "Revenue rose from $100 million to $120 million.",
            "Acme",
            "Revenue grew by $20 million.",
        ),
        (
            "Apple denied that it was in talks with Intel.",
            "Apple",
            "Apple said it is not in talks with Intel.",
        ),
        (
            "TSMC will build two fabs in Arizona at a cost of $40 billion.",
            "Taiwan Semiconductor Manufacturing",
            "Taiwan Semiconductor plans a pair of plants in Arizona costing 40 billion dollars.",
        ),
        (
            "鴻海第三季營收新台幣2兆元，年增11%。",
            "Hon Hai Precision Industry",
            "Hon Hai's revenue in Q3 was NT$2 trillion, up 11 percent.",
        ),
        (
            "Shares declined 5% to €12.10 after Siemens cut its outlook.",
            "Siemens",
            "The stock lost 5 percent to 12.10 euros; Siemens lowered its forecast.",
        ),
        (
            "The regulator approved the merger without conditions.",
            "Acme",
            "The regulator cleared the merger and set no conditions.",
        ),
        (
            "The loan has yet to be repaid.",
            "Acme",
            "The loan has not been repaid so far.",
        ),
        (
            "Nvidia said supply is no longer a constraint.",
            "Nvidia",
            "Nvidia says that supply does not constrain it any more.",
        ),
        (
            "Intel's board approved a dividend of 12.5 cents a share.",
            "Intel",
            "Intel pays $0.125 a share.",
        ),
        (
            "Sales came to 4,250 million yen.",
            "Sony",
            "Sales came to 4.25 billion yen.",
        ),
        (
            "The U.S. Securities and Exchange Commission is looking into the matter, people familiar said.",
            "Acme",
            "The SEC is looking into the matter, according to people familiar with it.",
        ),
        (
            "The SEC is looking into the matter.",
            "Acme",
            "The Securities and Exchange Commission is investigating.",
        ),
        (
            "Chief Executive Lisa Su said AMD gained share.",
            "Advanced Micro Devices",
            "AMD's CEO Lisa Su said that the company had won market share.",
        ),
        (
            "Profit fell 12 % to 1.2 bn euros; the company will not pay a dividend.",
            "Acme",
            "Profit fell by 12% to €1,200 million. There is no dividend.",
        ),
        (
            "The plant opens in the first half of 2027, not in 2026 as planned.",
            "Acme",
            "The plant opens in H1 2027, later than planned.",
        ),
        (
            "Microsoft has no plans to raise prices.",
            "Microsoft",
            "Microsoft does not plan to raise prices.",
        ),
        (
            "The talks failed to produce an agreement.",
            "Acme",
            "The talks did not lead to an agreement.",
        ),
        (
            "The company expects to ship 3 million units this year, up from 2.5 million.",
            "Acme",
            "It expects shipments of three million units, a fifth more than the 2.5 million before.",
        ),
        (
            "The contract runs for five years and is worth £300m.",
            "BAE Systems",
            "The five-year contract is worth 300 million pounds.",
        ),
    ],
)
def test_a_true_paraphrase_is_let_pass(text: str, candidate: str, prose: str) -> None:
    assert check_prose({"summary": prose}, [text], [candidate]).slips == []


@pytest.mark.parametrize(
    ("text", "candidate", "prose", "kind"),
    [
        (
            "Foxconn said revenue was NT$1.3tn in May. It did not elaborate.",
            "Hon Hai Precision Industry",
            "Foxconn reported sales of NT$1.3 trillion for May and elaborated.",
            "negation",
        ),
        (
            "Foxconn said revenue was NT$1.3tn in May. It did not elaborate.",
            "Hon Hai Precision Industry",
            "Foxconn reported sales of US$1.3 trillion for May.",
            "currency",
        ),
        (
            "The deal carries no purchase commitment, OpenAI said on 14 May 2026.",
            "OpenAI",
            "The deal carries a purchase commitment, OpenAI said on May 14, 2026.",
            "negation",
        ),
        (
            "The deal carries no purchase commitment, OpenAI said on 14 May 2026.",
            "OpenAI",
            "OpenAI said on 15 May 2026 that the deal comes without a purchase commitment.",
            "date",
        ),
        (
            "Margins are not expected to recover before Q3 2025, the CFO said.",
            "Acme",
            "Margins are expected to recover before the third quarter of 2025.",
            "negation",
        ),
        (
            "Margins are not expected to recover before Q3 2025, the CFO said.",
            "Acme",
            "Margins will recover before Q3 2025.",
            "negation",
        ),
        (
            "Revenue rose from $100 million to $120 million.",
            "Acme",
            "Revenue was up 25 percent to $120m.",
            "number",
        ),
        (
            "Apple denied that it was in talks with Intel.",
            "Apple",
            "Apple is in talks with Intel.",
            "negation",
        ),
        (
            "Apple denied that it was in talks with Intel.",
            "Apple",
            "Apple confirmed talks with Intel.",
            "negation",
        ),
        (
            "TSMC will build two fabs in Arizona at a cost of $40 billion.",
            "Taiwan Semiconductor Manufacturing",
            "TSMC will not build two fabs in Arizona.",
            "negation",
        ),
        (
            "TSMC will build two fabs in Arizona at a cost of $40 billion.",
            "Taiwan Semiconductor Manufacturing",
            "TSMC will build three fabs in Arizona.",
            "number",
        ),
        (
            "TSMC will build two fabs in Arizona at a cost of $40 billion.",
            "Taiwan Semiconductor Manufacturing",
            "Samsung will build two fabs in Arizona.",
            "name",
        ),
        (
            "鴻海第三季營收新台幣2兆元，年增11%。",
            "Hon Hai Precision Industry",
            "Hon Hai's revenue in Q3 was US$2 trillion, up 11 percent.",
            "currency",
        ),
        (
            "The company declined to comment on the report, which Reuters published on Monday.",
            "Acme",
            "The company commented on the report.",
            "negation",
        ),
        (
            "The company declined to comment on the report, which Reuters published on Monday.",
            "Acme",
            "The company would not comment on Tuesday.",
            "date",
        ),
        (
            "Shares declined 5% to €12.10 after Siemens cut its outlook.",
            "Siemens",
            "Siemens did not cut its outlook.",
            "negation",
        ),
        (
            "The regulator approved the merger without conditions.",
            "Acme",
            "The regulator approved the merger with conditions.",
            "negation",
        ),
        (
            "The loan has yet to be repaid.",
            "Acme",
            "The loan has been repaid.",
            "negation",
        ),
        (
            "Neither company disclosed the price.",
            "Acme",
            "The companies disclosed the price.",
            "negation",
        ),
        (
            "Nvidia said supply is no longer a constraint.",
            "Nvidia",
            "Supply is a constraint, Nvidia said.",
            "negation",
        ),
        (
            "Intel's board approved a dividend of 12.5 cents a share.",
            "Intel",
            "The board of AMD approved the dividend.",
            "name",
        ),
        (
            "Sales came to 4,250 million yen.",
            "Sony",
            "Sales came to 4.25 billion dollars.",
            "currency",
        ),
        (
            "Sales came to 4,250 million yen.",
            "Sony",
            "Sales came to 4.25 million yen.",
            "scale",
        ),
        (
            "Chief Executive Lisa Su said AMD gained share.",
            "Advanced Micro Devices",
            "Qualcomm's CEO Lisa Su said that the company had won market share.",
            "name",
        ),
        (
            "Profit fell 12 % to 1.2 bn euros; the company will not pay a dividend.",
            "Acme",
            "Profit fell 12 percent to 1.2 billion euros and the company will pay a dividend.",
            "negation",
        ),
        (
            "Microsoft has no plans to raise prices.",
            "Microsoft",
            "Microsoft has plans to raise prices.",
            "negation",
        ),
        (
            "The talks failed to produce an agreement.",
            "Acme",
            "The talks produced an agreement.",
            "negation",
        ),
        (
            "The company is unlikely to meet its target.",
            "Acme",
            "The company is likely to meet its target.",
            "negation",
        ),
        (
            "Tesla never confirmed the order.",
            "Tesla",
            "Tesla confirmed the order.",
            "negation",
        ),
        (
            "Output rose to 50,000 wafers a month.",
            "TSMC",
            "Output did not rise to 50,000 wafers a month.",
            "negation",
        ),
        (
            "Output rose to 50,000 wafers a month.",
            "TSMC",
            "Output never rose to 50,000 wafers a month.",
            "negation",
        ),
        (
            "The contract runs for five years and is worth £300m.",
            "BAE Systems",
            "The contract runs for seven years and is worth £300m.",
            "number",
        ),
    ],
)
def test_a_slip_is_found(text: str, candidate: str, prose: str, kind: str) -> None:
    slips = check_prose({"summary": prose}, [text], [candidate]).slips
    assert kind in {slip.kind for slip in slips}
    assert all(prose[slip.start : slip.end] == slip.words for slip in slips)


def test_what_is_not_told_may_be_said_to_be_so() -> None:
    sections = {"unspecified": "The price is not disclosed.\nNeither side gives a date.", "risk": "The deal may not close."}
    assert check_prose(sections, ["Acme buys Bolt."], ["Acme"]).slips == []
    turned = check_prose({"unspecified": "The price is disclosed."}, ["Acme buys Bolt."], ["Acme"]).slips
    assert [slip.kind for slip in turned] == ["negation"]


def test_a_long_list_of_counts_is_read_once_however_many_numbers_the_prose_has() -> None:
    text = " ".join(f"Hon Hai has {count} plants." for count in range(1, 400))
    prose = " ".join(["It counts twenty plants and seven plants."] * 40)
    started = time.process_time()
    check_prose({"summary": prose, "new": prose}, [text], ["Hon Hai"])
    assert time.process_time() - started < 5  # read anew for each of them it took 20
