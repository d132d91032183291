"""Prose as fluent writers write it: their own remarks are no denials, and what the story tells may not be turned round."""

import pytest

from research.grounding import locate
from research.slips import check_prose

CHIP = "Nvidia agreed to pay $5.5 million to settle charges. Its RTX 4070 card ships on Thursday and costs $599."
OFFER = "Nvidia recommends that stockholders reject the mini-tender offer, which is unsolicited."


@pytest.mark.parametrize(
    ("key", "prose", "text"),
    [
        ("against", "One small fine doesn't change how a firm of this kind is run.", CHIP),
        ("against", "The sum isn't large enough to matter.", CHIP),
        ("thesis", "Without Nvidia, the settlement would be another matter.", CHIP),
        ("new", "It is an opinion; there is no news from the company in it.", CHIP),
        ("against", "There's no indication of any wrongdoing.", CHIP),
        ("summary", "Nvidia tells its holders to turn the mini-tender offer down.", OFFER),
        ("summary", "It opens no earlier than 2025.", "The plant is to open in 2025 at the earliest."),
        ("supports", "No other segment grew faster.", "Cloud was the fastest of the segments."),
        ("new", "The managers get no cash bonus.", "The results yielded zero bonus payout for the managers."),
        ("thesis", "The price may not exceed the value by more than 2.5%.", "The price is not more than 2.5% greater than that."),
        ("new", "The government is against hearing the case.", "The government urges the court not to hear the case."),
        ("supports", "Non-GAAP earnings rose.", "Non-GAAP earnings surge."),
        ("watch", "The fourth quarter.", "Sales fell in the third quarter."),
        ("watch", "Who takes over in September.", "He resigned with effect from August 31."),
        ("summary", "Sales were lower than in November.", "December sales fell 13.5% month-over-month."),
        ("new", "Inclusion in the index, a filing with the SEC, 10-Ks.", "Acme joins the index and filed its Form 10-K."),
        ("watch", "Word from Riyadh or Redmond.", "Saudi Arabia is in talks with Microsoft."),
        ("risk", "Subsidies could lead to overcapacity.", "The EU pays for chip plants."),
    ],
)  # fmt: skip
def test_let_pass(key: str, prose: str, text: str) -> None:
    assert check_prose({key: prose}, [text], ["Nvidia", "Microsoft"]).slips == []


@pytest.mark.parametrize(
    ("key", "prose", "text"),
    [
        ("summary", "Nvidia has not agreed to pay $5.5 million.", CHIP),
        ("supports", "Some $599 is not what it costs.", CHIP),
        ("new", "The penalty was not settled.", CHIP),
        ("thesis", "The card does not ship on Thursday.", CHIP),
        ("new", "Nvidia is not about to abandon the purchase.", "Nvidia is about to abandon its purchase of Arm."),
        ("summary", "It has not paid developers more than 260 billion dollars.", "Apple paid developers more than $260 billion."),
        ("new", "Nothing new about it is not reported.", CHIP),
        ("unspecified", "A price target appears in the excerpt.", CHIP),
        ("unspecified", "It is clear whether a fee is due.", CHIP),
        ("against", "One card does move the earnings.", CHIP),
        ("new", "A spokesman confirmed any involvement.", "A spokesman denied involvement."),
    ],
)
def test_turned_round(key: str, prose: str, text: str) -> None:
    assert [slip.kind for slip in check_prose({key: prose}, [text], ["Nvidia"]).slips] == ["negation"]


def test_the_period_that_comes_next_is_only_to_be_watched() -> None:
    slips = check_prose({"new": "Sales fell in the fourth quarter."}, ["Sales fell in the third quarter."], ()).slips
    assert [slip.kind for slip in slips] == ["date"]


def test_a_quote_may_end_where_words_ran_together() -> None:
    assert locate("increased to 700GH/s", "Hash rate increased to 700GH/sApproximately 350 a month") == (10, 30)
    assert locate("grew 5", "It grew 52%") is None
