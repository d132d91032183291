"""What a story does to each holding, in words, and what it touches of each portfolio."""

import pytest

from accounts.scope import every_firm
from research.affected import affected, effect_in_words
from tests.cast import Cast
from tests.make import make_analysis, make_holding, make_issuer, make_portfolio, make_security


@pytest.mark.parametrize(
    ("sentiment", "weight", "is_short", "words"),
    [
        (0.45, 0.041, False, "Works in your favour."),
        (-0.45, 0.041, False, "Works against you."),
        (-0.45, -0.016, True, "You are short 1.6% of NAV, so negative news works in your favour."),
        (0.45, -0.016, True, "You are short 1.6% of NAV, so positive news works against you."),
        (0.1, -0.016, True, "You are short 1.6% of NAV, so neutral news changes little for you."),
        (0.45, None, True, "You are short, so positive news works against you."),
        (0.1, 0.041, False, "Changes little for you."),
        (None, 0.041, False, "Not measured for this position."),
    ],
)
def test_the_effect_in_words(sentiment: float | None, weight: float | None, is_short: bool, words: str) -> None:
    assert effect_in_words(sentiment, weight, is_short=is_short) == words


@pytest.mark.django_db
def test_shares_are_of_each_portfolio_and_count_a_short_by_its_size(cast: Cast) -> None:
    with every_firm():
        first, second, stranger = make_issuer(), make_issuer(), make_issuer()
        one, two, other = make_security(first), make_security(second), make_security(stranger)
        small, large, unpriced = (make_portfolio(cast.firm) for _ in range(3))
        make_holding(small, one, 10, weight=0.02)
        make_holding(large, one, 10, weight=0.05)
        make_holding(large, two, -10, weight=-0.07)
        make_holding(large, other, 10, weight=0.5)
        make_holding(unpriced, two, 10, weight=None)
        make_holding(make_portfolio(cast.other_firm), one, 10, weight=0.9)
        read = make_analysis(readings={first: (0.4, 0.3), second: (-0.4, 0.3)})
        found = affected(cast.firm, list(read.readings.all()))
    assert [book.portfolio for book in found.books] == [large, small, unpriced]
    assert [book.share for book in found.books] == [pytest.approx(0.12), 0.02, None]
    assert [position.weight for position in found.books[0].positions] == [-0.07, 0.05]
    assert found.most == pytest.approx(0.12)
    assert not found.has_moved
