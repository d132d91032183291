"""Where articles of one story disagree: what is found, and above all what is not."""

import pytest

from research.contradictions import contradictions


def said(*texts: str) -> list[tuple[str, list[str]]]:
    return [
        (each.subject, [texts[figure.article][figure.start : figure.end] for figure in each.figures])
        for each in contradictions(texts)
    ]


@pytest.mark.parametrize(
    ("one", "other", "subject", "figures"),
    [
        (
            "Foxconn put capital expenditure at $1 billion to $5 billion.",
            "Capex will be $2-3 billion a year, the company said.",
            "capital spending",
            ["$1 billion to $5 billion", "$2-3 billion"],
        ),
        ("It will cut 10,000 jobs.", "The group plans to cut 12,000 jobs.", "jobs", ["10,000", "12,000"]),
        ("It lays off about 10,000 workers.", "The firm lays off 14,000 workers.", "employees", ["10,000", "14,000"]),
        ("Ford recalls 120,000 vehicles.", "Ford will recall 150,000 vehicles.", "vehicles", ["120,000", "150,000"]),
        ("It buys a 30% stake.", "It will take a 35 percent stake in the maker.", "stake", ["30%", "35 percent"]),
        (
            "Acme agreed to buy Bolt for $4.2 billion.",
            "Acme will acquire Bolt for $5.1bn.",
            "price of the deal",
            ["$4.2 billion", "$5.1bn"],
        ),
        (
            "Net profit was €1.2bn in the third quarter.",
            "Net profit of €1.4 billion in the third quarter.",
            "net profit",
            ["€1.2bn", "€1.4 billion"],
        ),
        ("It cuts at least 10,000 jobs.", "It cuts 8,000 jobs.", "jobs", ["10,000", "8,000"]),
        (
            "It will buy Bolt for $5bn, after it bought Cog for $4bn.",
            "It will buy Bolt for $6bn.",
            "price of the deal",
            ["$5bn", "$6bn"],
        ),
        (
            "The suit would block the $69B acquisition.",
            "It sues to block the $75 billion purchase.",
            "price of the deal",
            ["$69B", "$75 billion"],
        ),
        ("The regulator fined it $50 million.", "It faces a fine of $80 million.", "fine", ["$50 million", "$80 million"]),
    ],
)
def test_figures_that_cannot_both_be_right(one: str, other: str, subject: str, figures: list[str]) -> None:
    assert said(one, other) == [(subject, figures)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It will cut 10,000 jobs.", "The group cuts 10,000 jobs."),
        ("Capex of $4.6 billion.", "Capex of $5 billion."),  # rounded
        ("Capex of $4.62 billion.", "Capital spending of $4.6bn."),
        ("It was fined Rs 1,337 crore.", "A fine of Rs 1,337.76 crore."),  # cut off
        ("It was fined Rs 1,337 crore.", "A fine of Rs 1,338 crore."),
        ("It was fined Rs 1,337.76 crore.", "A fine of Rs 1,330 crore."),
        ("It cuts 12,000 jobs.", "It cuts more than 10,000 jobs."),  # a bound with room for it
        ("It cuts 12,000 jobs.", "It cuts up to 13,000 jobs."),
        ("It cuts about 10,000 jobs.", "It cuts 10,400 jobs."),
        ("Capex of $3 billion.", "Capex of $2-4 billion."),  # a range with room for it
        ("It will cut 10,000 jobs.", "It creates 12,000 jobs."),
        ("It will cut 10,000 jobs.", "The company employs 12,000 workers."),
        ("It will cut 10,000 jobs.", "It will cut 2,000 jobs in Germany."),
        ("It will cut 10,000 jobs, 2,000 jobs of them in Spain.", "It will cut 12,000 jobs."),  # speaks of parts
        ("It will cut 12,000 jobs, after 10,000 were announced.", "It will cut 10,000 jobs."),  # has the other's figure
        ("Revenue was $5bn in the first quarter.", "Revenue was $6bn in the second quarter."),
        ("Revenue was $5bn.", "Revenue was $6bn in 2024."),
        ("Revenue was $5bn.", "Revenue was €6bn."),
        ("Revenue rose to $6bn.", "Revenue rose from $5bn."),
        ("Revenue was $6bn.", "Analysts had put revenue at $5bn."),
        ("Revenue was $6bn.", "Revenue was $5bn a year earlier."),
        ("Capex grows by $2 billion.", "Capex of $3 billion."),
        ("Capex of $2 billion.", "Capex of $30 billion."),  # too far apart to be the same thing
        ("Revenue of $5bn and net profit of $1bn.", "Net profit of $1bn."),
        ("Shares rose 5%.", "Shares rose 7%."),  # of no subject that is compared
        ("It was founded in 1998 with 40 stores.", "It was founded in 2001."),
        ("Record quarterly revenue of $5.9 billion.", "Revenue tops $5 billion for the first time."),
        ("Revenue was $5bn.", "Revenue was $6bn."),  # of which quarter?
        ("Capex of $2 billion a year.", "Capex of $3 billion a quarter."),
        ("", "It will cut 10,000 jobs."),
    ],
)
def test_figures_that_may_both_be_right(one: str, other: str) -> None:
    assert said(one, other) == []
    assert said(other, one) == []


def test_an_article_does_not_contradict_itself() -> None:
    assert said("It will cut 10,000 jobs. The union says it cuts 12,000 jobs.") == []


def test_of_several_that_agree_the_first_speaks() -> None:
    texts = ("It cuts 10,000 jobs.", "It cuts 12,000 jobs.", "It is cutting 10,000 jobs.", "Nothing.")
    (found,) = contradictions(texts)
    assert [figure.article for figure in found.figures] == [0, 1]


def test_figures_of_two_companies_are_two_things() -> None:
    texts = ("Acme cuts 10,000 jobs.", "Bolt cuts 12,000 jobs.")
    assert contradictions(texts, [[(0, 4, 1)], [(0, 4, 2)]]) == []
    assert len(contradictions(texts, [[(0, 4, 1)], [(0, 4, 1)]])) == 1


def test_the_title_does_not_outweigh_the_text_and_the_sentence_is_given() -> None:
    texts = ("Acme cuts jobs\n\nThe group said on Monday it cuts 10,000 jobs. More follows.", "Acme to cut 12,000 jobs")
    (found,) = contradictions(texts)
    start, end = found.figures[0].sentence
    assert texts[0][start:end].strip() == "The group said on Monday it cuts 10,000 jobs."
