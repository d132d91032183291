"""How registers write companies, what the press calls them, and how much each such name says by itself."""

import pytest

from portfolios.company_names import Grade, first_words, grade_of, press_names
from portfolios.ordinary import commonness, is_ordinary


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Apple Inc.", ["Apple Inc.", "Apple"]),
        ("QUALCOMM INC/DE", ["Qualcomm Inc", "Qualcomm"]),
        ("AMAZON COM INC", ["Amazon.com Inc", "Amazon.com"]),
        ("AT&T INC.", ["AT&T Inc.", "AT&T"]),
        ("MERCK & CO., INC.", ["Merck & Co., Inc.", "Merck"]),
        ("BANK OF AMERICA CORP /DE/", ["Bank Of America Corp", "Bank Of America"]),
        ("US BANCORP \\DE\\", ["US Bancorp"]),
        ("NOVO NORDISK A S", ["Novo Nordisk AS", "Novo Nordisk"]),
        ("Alibaba Group Holding Ltd", ["Alibaba Group Holding Ltd", "Alibaba Group Holding", "Alibaba"]),
        ("T-Mobile US, Inc.", ["T-Mobile US, Inc.", "T-Mobile US", "T-Mobile"]),
        ("Energy Holdings, Inc.", ["Energy Holdings, Inc.", "Energy Holdings"]),  # energy alone is no company
        ("PT Bank Mandiri (Persero) Tbk / ADR", ["PT Bank Mandiri Tbk", "PT Bank Mandiri"]),
        ("台泥", ["台泥"]),
    ],
)
def test_names_of_a_title(title: str, names: list[str]) -> None:
    assert press_names(title) == names


def test_a_first_word_of_its_own_may_stand_for_the_company() -> None:
    titles = ["REGENERON PHARMACEUTICALS, INC.", "Tencent Music Entertainment Group", "Navitas Semiconductor Corp", "NAVITAS LTD"]
    firsts = first_words([title] for title in titles)
    assert "Regeneron" in press_names(titles[0], firsts)
    assert "Tencent" not in press_names(titles[1], firsts)  # its parent's name
    assert "Navitas" not in press_names(titles[2], firsts)  # there are two


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("Apple", Grade.WORD),
        ("Crypto", Grade.WORD),
        ("RTX", Grade.SHORT),
        ("AT&T", Grade.SHORT),
        ("Boeing", Grade.NAME),
        ("Applied Materials", Grade.PHRASE),
        ("Quantum Computing", Grade.WORD),
        ("Nvidia", Grade.DISTINCT),
        ("Goldman Sachs", Grade.DISTINCT),
        ("鴻海精密", Grade.DISTINCT),
        ("統一", Grade.WORD),
    ],
)
def test_how_much_a_name_says(text: str, grade: Grade) -> None:
    assert grade_of(text) == grade


def test_ordinary_words_are_told_from_names() -> None:
    assert all(map(is_ordinary, ["apple", "Target", "computing", "blockchain", "materials"]))
    assert not any(map(is_ordinary, ["Boeing", "Nike", "Disney", "Tesla", "Foxconn"]))
    assert commonness("Nvidia") == 0
