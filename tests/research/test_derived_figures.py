"""Figures that no text has: those that follow from the texts are marked with their arithmetic, the others are slips."""

import pytest

from research.slips import check_prose


@pytest.mark.parametrize(
    ("prose", "text", "how"),
    [
        (
            "Sales were up 20 % to $120m.",
            "Sales went from $100 million to $120 million.",
            "(120 million − 100 million) ÷ 100 million",
        ),
        ("Together they pay $30m.", "One pays $10 million, the other $20 million.", "10 million + 20 million"),
        ("The margin fell 2.5 percentage points.", "The margin was 9.5 % after 12 %.", "12 % − 9.5 %"),
        ("It costs about $1.3bn.", "It costs $1.27 billion.", "rounded from 1.27 billion"),
        ("Output rose fivefold to 50 units, 5 times as much.", "Output rose from 10 to 50 units.", "50 ÷ 10"),
    ],
)
def test_a_figure_that_follows_is_marked_with_its_arithmetic(prose: str, text: str, how: str) -> None:
    checked = check_prose({"new": prose}, [text], ())
    assert [slip for slip in checked.slips if slip.kind != "name"] == []
    assert [figure.how for figure in checked.derived] == [how]


@pytest.mark.parametrize(
    "prose",
    [
        "Sales were up 25 % to $120m.",  # the arithmetic is wrong
        "Together they pay $230m.",
        "Sales were 20 % of the plan to $120m of $100m.",
        "It costs $1.3bn.",  # rounded without saying so
    ],
)
def test_what_does_not_follow_is_a_slip(prose: str) -> None:
    text = "Sales went from $100 million to $120 million. It costs $1.27 billion."
    assert check_prose({"new": prose}, [text], ()).slips
    assert check_prose({"new": prose}, [text], ()).derived == []


@pytest.mark.parametrize(
    ("prose", "text", "how"),
    [
        ("The union won with a majority of 24 votes.", "They voted 56 to 32 for it.", "56 − 32"),
        ("In all, four get $100m, $30m or $20m each.", "Two get $30 million each, two $20 million.", "20 million + 20 million"),
        ("Fewer than a thousand shares were sold.", "It sold 825 shares.", "825 is under 1,000"),
        ("Gross profit was $140.1 million.", "(Amounts in thousands) Profit $ 7 and 140,071", "rounded from 140.071 million"),
        ("Up to 25% of the phones are made there.", "It may make a quarter of its phones there.", "a quarter of, in letters"),
        ("The remaining 80% stays with Intel.", "Intel sells a 20% stake.", "100 % − 20 %"),
        ("Before the fall, it cost $187.84.", "It is at $177.29, down $10.55 or 5.62%.", "10.55 + 177.29"),
    ],
)  # fmt: skip
def test_what_a_fluent_writer_works_out(prose: str, text: str, how: str) -> None:
    checked = check_prose({"new": prose}, [text], ())
    assert checked.slips == []
    assert any(how in figure.how for figure in checked.derived), checked.derived


@pytest.mark.parametrize(
    ("prose", "text"),
    [
        ("Fewer than a thousand shares were sold.", "It sold 1,825 shares."),
        ("Gross profit was $140.2 million.", "(Amounts in thousands) Gross profit $ 7 and 140,071"),
        ("Up to 35% of the phones are made there.", "It may make a quarter of its phones there."),
        ("The remaining 70% stays with Intel.", "Intel sells a 20% stake."),
        ("More than NT$60bn of that came in 2021.", "More than $260 billion, of it $60 billion in 2021."),
    ],
)
def test_what_he_gets_wrong(prose: str, text: str) -> None:
    assert check_prose({"new": prose}, [text], ["Intel"]).slips
