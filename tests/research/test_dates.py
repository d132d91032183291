"""A date is the same date however it is spelled, and no other."""

import pytest

from research.dates import dates, days, is_dated


@pytest.mark.parametrize(
    ("prose", "text"),
    [
        ("14 May 2026", "on May 14, 2026"),
        ("May 14", "2026-05-14"),
        ("14 May 2026", "14.5.2026 and 2026/05/14"),
        ("5 April 2026", "05/04/2026"),
        ("4 May 2026", "05/04/2026"),
        ("Q3 2025", "the third quarter of 2025"),
        ("the third quarter", "3Q25"),
        ("Q3", "the September quarter"),
        ("Q3", "three months ended September 30"),
        ("second half of 2022", "2H22"),
        ("H1 2027", "the first half of 2027"),
        ("fiscal 2026", "FY26"),
        ("FY2024", "fiscal years 2023 and 2024"),
        ("2023", "from 2022 to 2023"),
        ("2024", "2022-24"),
        ("May 2026", "14 May 2026"),
        ("2 November 2024", "November 2,\n2024"),
        ("on 6 September", "Sept. 5-6"),
        ("Thursday", "2026-05-14"),
        ("14 May 2026", "2026年5月14日"),
        ("14 May 2026", "民國115年5月14日"),
        ("Q3", "第三季"),
        ("14 May 2026", "In 2026 it was signed, on 14 May."),
    ],
)
def test_spelled_another_way(prose: str, text: str) -> None:
    (found,) = dates(prose)
    assert is_dated(found, days(text))


@pytest.mark.parametrize(
    ("prose", "text"),
    [
        ("15 May 2026", "May 14, 2026"),
        ("14 June", "14 May"),
        ("14 May 2025", "14 May 2026"),
        ("14 May 2026", "14 May"),
        ("Q4 2025", "Q3 2025"),
        ("the second quarter", "Q3"),
        ("fiscal 2027", "FY26"),
        ("Friday", "2026-05-14"),
        ("Tuesday", "on Monday"),
        ("H2 2027", "H1 2027"),
        ("14 May", "May 2026"),
    ],
)
def test_another_date(prose: str, text: str) -> None:
    (found,) = dates(prose)
    assert not is_dated(found, days(text))


@pytest.mark.parametrize(
    "text", ["It may go.", "May it last.", "March on.", "a 2.5-million order", "$2,024", "ratio 3/4", "next month"]
)
def test_no_dates(text: str) -> None:
    assert dates(text) == []


def test_each_end_of_a_range_is_a_date() -> None:
    assert [is_dated(each, days("September 5 and 2022")) for each in dates("September 5-7")] == [True, False]
    assert [is_dated(each, days("2022")) for each in dates("2022-2023")] == [True, False]
