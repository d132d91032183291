"""The roll-up of a company: the arithmetic by hand, and what counts as known at a moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.scope import every_firm
from portfolios.models import Issuer
from research.models import Analysis, Correction, Story
from research.rollup import RollUp, Scored, novelty_within, roll_up
from research.rollups import roll_ups
from tests.cast import Cast
from tests.make import make_analysis, make_article, make_holding, make_issuer, make_portfolio, make_security, make_story

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("stories", "value", "n"),
    [
        ([], None, 0),
        ([Scored(0.45, 0.8, 90, 100)], 0.45, 1),
        # (.5 × .8 + −.5 × .2) ÷ (.8 + .2)
        ([Scored(0.5, 0.8, 100, 100), Scored(-0.5, 0.2, 100, 100)], 0.3, 2),
        # weights .9 × .8 × 1 = .72 and .5 × .4 × .75 = .15: (.72 × .6 − .15 × .2) ÷ .87
        ([Scored(0.6, 0.9, 80, 100), Scored(-0.2, 0.5, 40, 75)], 0.4621, 2),
        # What was not measured is not neutral, and what weighs nothing is not counted.
        ([Scored(0.6, 0.9, 80, 100), Scored(None, 0.9, 80, 100), Scored(0.1, None, 80, 100), Scored(-1, 0.9, 80, 0)], 0.6, 1),
        ([Scored(-0.4, 0.9, 80, 0)], None, 0),
        ([Scored(0.0, 0.9, 80, 100)], 0.0, 1),
    ],
)
def test_the_mean_by_hand(stories: list[Scored], value: float | None, n: int) -> None:
    assert roll_up(7, stories) == RollUp(7, value, n)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([1], 100),
        ([1, 2, 3], 100),  # its first article came within the window
        ([30, 20], 75),  # it began before the window: by its place in the story
        ([80, 2], 100),  # after a gap of a day it is new again
        ([30], 0),
        ([-1], 0),  # what comes later is not known yet
    ],
)
def test_how_new_a_story_was_to_a_day(hours: list[int], expected: int) -> None:
    assert novelty_within([NOW - each * HOUR for each in hours], NOW - 24 * HOUR, NOW) == expected


def told(issuer: Issuer, sentiment: float | None, ago: timedelta, *, scored: timedelta | None = None, **fields: Any) -> Story:
    """A story that reached us that long ago, and was scored then or `scored` ago."""
    story = make_story(received_at=NOW - ago, published_at=NOW - ago, **fields)
    make_analysis(story, {issuer: (sentiment, 0.4)}, scored_at=NOW - (ago if scored is None else scored))
    return story


def values(cast: Cast, issuer: Issuer, at: datetime = NOW) -> list[tuple[int, float | None, int]]:
    return [(each.days, each.value, each.n) for each in roll_ups(cast.firm, [issuer.pk], at)[issuer.pk]]


@pytest.mark.django_db
class TestAsOf:
    def test_no_data_is_null_and_not_zero(self, across_firms: None, cast: Cast) -> None:
        assert values(cast, make_issuer()) == [(1, None, 0), (7, None, 0), (30, None, 0)]

    def test_each_window_has_its_stories(self, across_firms: None, cast: Cast) -> None:
        issuer = make_issuer()
        told(issuer, 0.6, 2 * HOUR)
        told(issuer, 0.2, timedelta(days=3))
        told(issuer, -0.5, timedelta(days=20))
        told(issuer, -1.0, timedelta(days=40))
        assert values(cast, issuer) == [(1, 0.6, 1), (7, 0.4, 2), (30, 0.1, 3)]

    def test_what_came_or_was_scored_later_is_not_known(self, across_firms: None, cast: Cast) -> None:
        issuer = make_issuer()
        story = told(issuer, 0.6, 3 * HOUR)
        make_analysis(story, {issuer: (-0.8, 0.4)}, scored_at=NOW - HOUR, received_at=NOW - 2 * HOUR)
        make_article(story=story, received_at=NOW - 2 * HOUR)
        told(issuer, 0.9, -HOUR)
        assert values(cast, issuer, NOW - 2 * HOUR)[0] == (1, 0.6, 1)
        assert values(cast, issuer)[0] == (1, -0.8, 1)
        assert values(cast, issuer, NOW - 4 * HOUR)[0] == (1, None, 0)

    def test_a_rescored_story_is_not_rewritten_but_loaded_history_is_read(self, across_firms: None, cast: Cast) -> None:
        issuer, other = make_issuer(), make_issuer()
        story = told(issuer, 0.4, 10 * HOUR)
        make_analysis(story, {issuer: (-0.4, 0.4)}, scored_at=NOW + 9 * HOUR)
        told(other, 0.3, 10 * HOUR, scored=-1000 * HOUR, is_backfill=True)
        assert values(cast, issuer)[0] == (1, 0.4, 1)
        assert values(cast, other)[0] == (1, 0.3, 1)

    def test_what_the_newest_version_no_longer_reads_does_not_count(self, across_firms: None, cast: Cast) -> None:
        issuer = make_issuer()
        make_analysis(told(issuer, 0.4, 2 * HOUR), {make_issuer(): (0.1, 0.1)}, scored_at=NOW - HOUR)
        assert values(cast, issuer)[0] == (1, None, 0)

    def test_of_its_firm_alone_and_without_what_it_corrected(self, across_firms: None, cast: Cast) -> None:
        issuer = make_issuer()
        told(issuer, 0.9, HOUR, firm=cast.other_firm)
        wrong = told(issuer, 0.4, HOUR)
        assert values(cast, issuer)[0] == (1, 0.4, 1)
        Correction.objects.create(firm=cast.firm, story=wrong, issuer=issuer, kind="wrong", words="x")
        assert values(cast, issuer)[0] == (1, None, 0)

    def test_two_queries_for_any_number_of_companies(self, across_firms: None, cast: Cast) -> None:
        issuers = [make_issuer() for _ in range(5)]
        for number, issuer in enumerate(issuers):
            told(issuer, number / 10, HOUR)
        with CaptureQueriesContext(connection) as captured:
            found = roll_ups(cast.firm, [issuer.pk for issuer in issuers], NOW)
        assert len(captured) == 2
        assert [found[issuer.pk][0].value for issuer in issuers] == [0.0, 0.1, 0.2, 0.3, 0.4]


@pytest.mark.django_db
def test_the_pages_show_three_figures_and_no_data_where_there_is_none(alice_client: Client, cast: Cast) -> None:
    with every_firm():
        issuer = make_issuer("Hon Hai", listing="2317 XTAI")
        make_holding(make_portfolio(cast.firm), issuer.securities.get(), weight=0.04)
        make_holding(make_portfolio(cast.firm), make_security(make_issuer("Quiet")), weight=0.01)
        now = datetime.now(UTC)
        story = make_story(received_at=now - 50 * HOUR, published_at=now - 50 * HOUR)
        make_analysis(story, {issuer: (0.5, 0.4)}, scored_at=now - 49 * HOUR)
        assert Analysis.objects.count() == 1
    page = " ".join(alice_client.get(issuer.get_absolute_url()).content.decode().split())
    assert "<dt>1 day</dt> <dd>no data</dd>" in page
    assert page.count("+0.50</b> <small>1 story</small>") == 2
    listed = " ".join(alice_client.get("/companies/").content.decode().split())
    assert "Sentiment, 7 days" in listed
    assert listed.count(">no data<") == 1
