"""The story page as a reader uses it: from a claim to its words in the source, and the price with and without scripts."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.scope import every_firm
from portfolios.models import Issuer
from research import sample
from research.analysis import analyse
from research.cleaning import visible_text
from research.models import Story
from research.reading import read_articles
from tests.browser.conftest import Visit
from tests.cast import Cast
from tests.make import make_article, make_holding, make_issuer, make_portfolio, make_price, make_source
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AT = datetime(2025, 11, 20, 14, 31, tzinfo=UTC)
BEFORE = (229.0, 231.5, 230.0, 233.0, 234.5, 232.0, 236.5, 235.0)
AFTER = (239.0, 237.5, 241.0)


@pytest.fixture
def story(cast: Cast) -> Story:
    """The first sample story, read from its recorded reply, with closes on both sides of it and holdings of each kind."""
    with every_firm():
        hon_hai = make_issuer("Hon Hai", slug="hon-hai", aliases=["Foxconn"], listing="2317 XTAI", currency="TWD")
        quanta = make_issuer("Quanta Computer", slug="quanta", listing="2382 XTAI", currency="TWD")
        make_issuer("OpenAI", slug="openai", is_private=True)
        book = make_portfolio(cast.firm, name="Asia hardware & AI")
        make_holding(book, hon_hai.securities.get(), 40_000, weight=0.0412)
        make_holding(book, quanta.securities.get(), -9_000, weight=-0.0161)
        for issuer in (hon_hai, quanta):
            _closes(issuer)
        first = sample.stories()[0]
        source = make_source(name="Bellwether sample desk", is_sample=True)
        article = make_article(
            source, guid=first.guid, title=first.title, text=visible_text(first.html), published_at=AT, received_at=AT
        )
        read_articles([article.pk])
        story = Story.objects.get()
    assert analyse(story.pk)
    return story


def _closes(issuer: Issuer) -> None:
    listing = issuer.securities.get().listings.get()
    for days, close in enumerate(reversed(BEFORE)):
        make_price(listing, close, date=date(2025, 11, 20) - timedelta(days=days))
    for days, close in enumerate(AFTER, start=1):
        make_price(listing, close, date=date(2025, 11, 20) + timedelta(days=days))


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_claim_to_its_words_in_the_source(web: Stack, cast: Cast, story: Story, visit: Visit, scripts: bool) -> None:
    alice = visit(web.url, cast.alice, java_script_enabled=scripts)
    alice.open(story.get_absolute_url())
    page = alice.page
    page.locator("#c-summary .c-cite").first.click()
    assert page.url.endswith("#e-1")
    assert not page.locator(".c-source mark").first.is_visible()
    page.locator("#e-1").get_by_role("link", name="Open at sentence").click()
    mark = page.locator("#s-1 + mark")
    assert mark.is_visible()
    top = mark.bounding_box()
    assert top
    assert 48 < top["y"] < 900
    page.locator("#e-1").get_by_role("link", name="Summary").click()
    assert page.url.endswith("#c-summary")


def test_the_price_has_a_cursor_where_scripts_run(web: Stack, cast: Cast, story: Story, visit: Visit) -> None:
    alice = visit(web.url, cast.alice)
    alice.open(story.get_absolute_url())
    page = alice.page
    plot = page.locator("[data-plot]")
    plot.locator("canvas").wait_for()
    assert plot.get_attribute("role") == "img"
    assert "in the 3 sessions after the story" in (plot.get_attribute("aria-label") or "")
    assert not plot.locator("svg").first.is_visible()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 80)
    assert re.fullmatch(r"\d+ Nov 2025 [+−]?\d+\.\d\d%", page.locator("[data-cursor]").inner_text())
    page.get_by_role("link", name="1 day", exact=True).click()
    page.get_by_text("in the session after the story").first.wait_for()
    assert page.url.endswith("?span=1d")
    page.locator("[data-plot] canvas").wait_for()
    assert page.locator("#affected thead").get_by_text("1 day").is_visible()


def test_the_price_is_drawn_without_scripts(web: Stack, cast: Cast, story: Story, visit: Visit) -> None:
    alice = visit(web.url, cast.alice, java_script_enabled=False)
    page = alice.page
    alice.open(story.get_absolute_url())
    narrow, wide = page.locator(".c-chart__svg--narrow"), page.locator(".c-chart__svg--wide")
    assert (narrow.is_visible(), wide.is_visible()) == (True, False)
    page.set_viewport_size({"width": 800, "height": 900})
    assert (narrow.is_visible(), wide.is_visible()) == (False, True)
    page.get_by_role("link", name="1 month").click()
    assert "span=1m" in page.url
    assert page.locator(".c-seg [aria-current]").inner_text().endswith("1M")
