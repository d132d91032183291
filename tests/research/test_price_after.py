"""The price after a story: from the last close the market knew before it, in sessions; nothing where nothing can be compared."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.scope import every_firm
from portfolios.models import Issuer
from research.price_after import SPANS, PriceAfter, prices_around
from tests.cast import Cast
from tests.make import make_analysis, make_holding, make_issuer, make_portfolio, make_price, make_story

NOON = datetime(2025, 11, 20, 4, 0, tzinfo=UTC)  # in Taipei, while the exchange is open
ONE_DAY, THREE_DAYS, MONTH = SPANS
CLOSES = {"2025-11-18": 200, "2025-11-19": 100, "2025-11-20": 104, "2025-11-21": 99, "2025-11-24": 110, "2025-11-25": 90}


@pytest.fixture
def hon_hai(cast: Cast) -> Issuer:
    with every_firm():
        return make_issuer("Hon Hai", listing="2317 XTAI", currency="TWD")


def prices(issuer: Issuer, closes: dict[str, int], **fields: Any) -> None:
    with every_firm():
        listing = issuer.securities.get().listings.get()
        for day, close in closes.items():
            make_price(listing, close, date=date.fromisoformat(day), **fields)


def panel(issuer: Issuer, span: Any = THREE_DAYS, moment: datetime = NOON) -> PriceAfter | None:
    with every_firm():
        analysis = make_analysis(make_story(published_at=moment, received_at=moment), {issuer: (0.45, 0.35)})
        readings = list(analysis.readings.select_related("issuer").prefetch_related("issuer__securities__listings"))
        return prices_around(analysis.story, readings).after(readings[0], span)


@pytest.mark.parametrize(
    ("span", "change", "sentence"),
    [
        (ONE_DAY, 0.04, "2317 TT rose 4.00% in the session after the story."),
        (THREE_DAYS, 0.10, "2317 TT rose 10.00% in the 3 sessions after the story."),
        (MONTH, -0.10, "2317 TT fell 10.00% in the 4 sessions after the story."),
    ],
)
def test_the_move_is_from_the_last_close_before(hon_hai: Issuer, span: Any, change: float, sentence: str) -> None:
    prices(hon_hai, CLOSES)
    found = panel(hon_hai, span)
    assert found
    assert found.change == pytest.approx(change)
    assert found.sentence == sentence
    assert [point.change for point in found.points][:2] == [1.0, 0.0]


def test_a_story_after_the_close_has_that_close_before_it(hon_hai: Issuer) -> None:
    prices(hon_hai, CLOSES)
    found = panel(hon_hai, ONE_DAY, datetime(2025, 11, 20, 8, 0, tzinfo=UTC))
    assert found
    assert found.change == pytest.approx(99 / 104 - 1)


def test_before_the_next_close_there_is_no_move(hon_hai: Issuer) -> None:
    prices(hon_hai, {"2025-11-18": 200, "2025-11-19": 100})
    found = panel(hon_hai)
    assert found
    assert found.change is None
    assert found.sentence == "No close since the story yet. The last before it: 100 TWD on 19 Nov 2025."


def test_a_close_too_old_compares_with_nothing(hon_hai: Issuer) -> None:
    prices(hon_hai, {"2025-10-01": 50, "2025-11-21": 99})
    found = panel(hon_hai)
    assert found
    assert found.change is None


@pytest.mark.parametrize("closes", [{}, {"2025-11-21": 99}])
def test_without_a_close_before_there_is_no_panel(hon_hai: Issuer, closes: dict[str, int]) -> None:
    prices(hon_hai, closes)
    assert panel(hon_hai) is None


def test_a_private_company_has_no_price(cast: Cast) -> None:
    with every_firm():
        openai = make_issuer("OpenAI", is_private=True)
    assert panel(openai) is None


def test_the_page_shows_the_price_and_how_the_holding_moved(alice_client: Client, cast: Cast, hon_hai: Issuer) -> None:
    prices(hon_hai, CLOSES, source="sample")
    with every_firm():
        make_holding(make_portfolio(cast.firm), hon_hai.securities.get(), -10, weight=-0.016)
        analysis = make_analysis(make_story(published_at=NOON, received_at=NOON), {hon_hai: (-0.45, 0.35)})
    page = alice_client.get(f"/stories/{analysis.story.pk}/?span=1d").content.decode()
    assert "Price after the story" in page
    assert "Simulated" in page
    assert "2317 TT rose 4.00% in the session after the story." in page
    assert "You are short 1.6% of NAV, so negative news works in your favour." in page
    assert '<time datetime="2025-11-21">' not in page.split("Show as table")[1]


def test_no_more_queries_for_more_companies(alice_client: Client, cast: Cast, hon_hai: Issuer) -> None:
    prices(hon_hai, CLOSES)

    def queries(companies: int) -> int:
        with every_firm():
            book = make_portfolio(cast.firm)
            read = [hon_hai, *(make_issuer(listing=f"A{companies}{number} XNAS") for number in range(companies - 1))]
            for issuer in read:
                make_holding(book, issuer.securities.get(), 10, weight=0.05)
            analysis = make_analysis(make_story(published_at=NOON, received_at=NOON), dict.fromkeys(read, (0.4, 0.3)))
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(f"/stories/{analysis.story.pk}/").status_code == 200
        return len(captured)

    assert queries(2) == queries(9) <= 29
