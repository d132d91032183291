"""Which articles tell of one event. The companies are numbers here: linking has its own tests."""

from itertools import pairwise

import pytest

from config.evaluation.stories import in_stories
from research.fingerprints import Fingerprint, fingerprint, headline, stems, weight
from research.mentions import AliasRow, Names, find_mentions
from research.pairs import FEATURES, features, same_event
from research.piece import Kind, kind, kind_of_all, traits
from research.stories import LiveStories, told_alike

HON_HAI, OPENAI, BROADCOM, VMWARE = 1, 2, 3, 4
NAMES = Names(
    [
        AliasRow(number, name, False)
        for number, name in (
            (HON_HAI, "Hon Hai"),
            (HON_HAI, "Foxconn"),
            (OPENAI, "OpenAI"),
            (BROADCOM, "Broadcom"),
            (VMWARE, "VMware"),
        )
    ],
    [],
)
DEAL = (
    (
        "Broadcom to buy VMware in $61 billion deal",
        "Chipmaker Broadcom said it will acquire VMware for $61 billion in cash and stock.",
    ),
    (
        "Broadcom confirms purchase of VMware for $61B in cash and stock",
        "The deal values VMware at $142.50 a share, Broadcom said.",
    ),
    ("Broadcom buying VMware for $61 billion", "The acquisition would be one of the largest technology deals ever."),
)


def told(title: str, text: str = "", at: float = 0.0, outlet: str = "wire") -> Fingerprint:
    return fingerprint(title, text, find_mentions(NAMES, title, text), outlet, at)


def test_one_event_in_different_words_is_one_story() -> None:
    articles = [told(*each, at=2.0 * n, outlet=f"outlet {n}") for n, each in enumerate(DEAL)]
    assert in_stories(articles) == [0, 0, 0]


def test_two_events_of_one_company_on_one_day_are_two_stories() -> None:
    articles = [
        *[told(*each, at=n, outlet=f"outlet {n}") for n, each in enumerate(DEAL)],
        told("Broadcom appoints new chief financial officer", "Broadcom named a finance veteran to the post.", at=3, outlet="a"),
        told("Broadcom names finance veteran as chief financial officer", "Broadcom appointed a new CFO.", at=4, outlet="b"),
    ]
    assert in_stories(articles) == [0, 0, 0, 3, 3]


@pytest.mark.parametrize(("hours", "one_story"), [(0.1, True), (23, True), (7 * 24 + 1, False), (14 * 24, False)])
def test_an_equal_title_is_a_copy_within_a_day_and_another_issue_weeks_later(hours: float, one_story: bool) -> None:
    title = "Hon Hai announces upcoming events for the financial community"
    assert in_stories([told(title, outlet="a"), told(title, at=hours, outlet="b")]) == [0, 0 if one_story else 1]


def test_a_copy_is_found_whatever_its_outlet_added_to_the_title() -> None:
    titles = ("Broadcom to buy VMware in $61 billion deal By Reuters", "Broadcom to buy VMware in $61 billion deal (NASDAQ:AVGO)")
    assert told_alike(told(titles[0]), told(titles[1], at=5)) == 1.0


def test_an_equal_title_about_other_companies_is_no_copy() -> None:
    one = told("Earnings preview: what to expect this week", "Hon Hai reports on Thursday.")
    other = told("Earnings preview: what to expect this week", "Broadcom reports on Friday.", at=1)
    assert told_alike(one, other) < 1.0


def test_a_story_is_joined_for_seven_days_and_no_longer() -> None:
    articles = [told(*DEAL[0], at=40.0 * n, outlet=f"outlet {n}") for n in range(6)]
    stories = in_stories(articles)
    first = [article.moment for article, story in zip(articles, stories, strict=True) if story == stories[0]]
    assert max(first) - min(first) <= 7 * 24


def test_two_stories_that_turn_out_to_be_one_are_united() -> None:
    live = LiveStories()
    articles = [told(*each, at=n, outlet=f"outlet {n}") for n, each in enumerate(DEAL)]
    live.add(0, articles[0], 10)
    live.add(1, articles[1], 11)
    assert live.place(2, articles[2]).same, "the third shows that the first two are one event"
    live.keep_apart(10, 11)
    assert live.place(2, articles[2]).same == (), "a person said that they are two"


def test_what_is_forgotten_is_not_joined() -> None:
    live = LiveStories()
    live.add(0, told(*DEAL[0]), 0)
    live.forget_before(1.0)
    assert live.place(1, told(*DEAL[0], at=2)).story is None


def test_the_order_of_two_articles_does_not_matter_and_each_feature_is_a_share() -> None:
    articles = [told(*each, at=5.0 * n) for n, each in enumerate(DEAL)]
    for one, other in pairwise(articles):
        values = features(one, other)
        assert values == pytest.approx(features(other, one))
        assert len(values) == len(FEATURES)
        assert all(-1.001 <= value <= 1.001 for value in values)
    assert same_event(articles[0], articles[0]) > 0.9


def test_stems_and_their_weight() -> None:
    assert stems("Broadcom's deals: 61.5% of VMware") == ["broadcom", "s", "deal", "61.5%", "of", "vmwar"] or stems("deals") == [
        "deal"
    ]
    assert headline("Profit falls - The Daily Post") == "Profit falls"
    assert weight("stock") < weight("dividend") < weight("zirconium") == 8.0


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Check Out What Whales Are Doing With AVGO", "template"),
        ("Hon Hai Shares Sold by Northlake Capital LLC", "template"),
        ("Northlake Capital Boosts Stake in Hon Hai (OTCMKTS:HNHPF)", "template"),
        ("Hon Hai Stock: Sell The News", "opinion"),
        ("Is Hon Hai a bargain now?", "question"),
        ("Stock market today: Dow closes higher", "wrap"),
        ("Hon Hai profit beats estimates as quarter ends strong", "results"),
        ("Hon Hai y OpenAI anuncian un acuerdo de la nube en los centros de datos", "foreign"),
    ],
)
def test_traits(title: str, expected: str) -> None:
    assert expected in traits(title, "", "somewhere")


def test_an_investor_who_takes_a_stake_is_news_and_no_template() -> None:
    assert "template" not in traits("Investor Takes $5 Billion Stake in Hon Hai, Sparking Surge in Shares", "", "wire")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Hon Hai reports transactions under its share buyback programme", Kind.NOTICE),
        ("Hon Hai (HNHPF) – Check Out What Whales Are Doing With HNHPF", Kind.NOTICE),
        ("Northlake Capital Boosts Stake in Hon Hai (OTCMKTS:HNHPF)", Kind.NOTICE),
        ("Hon Hai to present at the Harbour Technology Conference", Kind.NOTICE),
        ("SHAREHOLDER ALERT: Smith Law Firm reminds Broadcom investors", Kind.NOTICE),
        ("Broadcom: Uncertainty Equals Opportunity (NASDAQ:AVGO)", Kind.OPINION),
        ("Hon Hai Stock: Sell The News", Kind.OPINION),
        ("Opinion: AMD shows the end of the PC boom", Kind.OPINION),
        ("Stock market today: Dow closes higher", Kind.ROUND_UP),
        ("Wall Street ends mixed as Broadcom slips", Kind.ROUND_UP),
        # Reports, whatever their words have in common with those.
        ("Investor Takes $5 Billion Stake in Hon Hai, Sparking Surge in Shares", None),
        ("Exclusive: Broadcom to buy VMware unit, sources say (NASDAQ:AVGO)", None),
        ("Hon Hai: third-quarter profit rises 17%", None),
        ("Broadcom settles class action for $725 million", None),
        ("Former Hon Hai executive charged with insider trading", None),
        ("Broadcom customers decry contracts that sideline rivals", None),
        ("Hon Hai to report earnings after market close", None),
        ("Hon Hai shares fall after results", None),
    ],
)
def test_what_a_piece_is_called_that_reports_no_event(title: str, expected: Kind | None) -> None:
    assert kind(title) == expected


def test_a_story_is_called_so_only_while_all_of_its_articles_are() -> None:
    notice, report = "Hon Hai Shares Sold by Northlake Capital LLC", "Northlake Capital leaves Hon Hai"
    assert kind_of_all([notice, notice]) == Kind.NOTICE
    assert kind_of_all([notice, report]) is None
    assert kind_of_all([]) is None
