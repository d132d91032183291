"""From any page to a company by the keyboard, and from a story to its correction: with scripts and without."""

import pytest
from playwright.sync_api import expect

from accounts.scope import every_firm
from portfolios.models import Issuer
from research.models import Correction, Story
from research.reading import read_articles
from tests.browser.conftest import Visit
from tests.cast import Cast
from tests.make import make_article, make_holding, make_issuer, make_portfolio, make_source
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def amd(cast: Cast) -> Issuer:
    with every_firm():
        issuer = make_issuer("Advanced Micro Devices", aliases=["AMD"], listing="AMD XNAS", slug="amd")
        make_holding(make_portfolio(cast.firm), issuer.securities.get(), weight=0.05)
    return issuer


@pytest.fixture
def story(amd: Issuer) -> Story:
    text = "AMD patients had better eyesight after macular injections."
    with every_firm():
        article = make_article(make_source(), title="Trial of a drug against AMD", text=text)
    read_articles([article.pk])
    with every_firm():
        return Story.objects.get(articles=article)


def test_a_company_is_found_from_any_page_by_the_keyboard(web: Stack, cast: Cast, amd: Issuer, visit: Visit) -> None:
    alice = visit(web.url, cast.alice)
    alice.open("/rules/")
    page = alice.page
    for key in ("Control+k", "/"):
        page.locator("body").press(key)
        expect(page.get_by_role("searchbox", name="Find a company")).to_be_focused()
        page.locator("h1").click()
    page.locator("body").press("/")
    page.keyboard.type("amd us/")
    expect(page.get_by_role("searchbox", name="Find a company")).to_have_value("amd us/")  # where one writes it is a letter
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/?q=amd+us")
    page.get_by_role("link", name="Advanced Micro Devices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Advanced Micro Devices")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_wrong_company_is_said_to_be_one_and_taken_back(
    web: Stack, cast: Cast, amd: Issuer, story: Story, visit: Visit, scripts: bool
) -> None:
    alice = visit(web.url, cast.alice, java_script_enabled=scripts)
    alice.open(story.get_absolute_url())
    page = alice.page
    page.get_by_text("Why is this linked?").click()
    expect(page.get_by_text("“AMD” in the headline")).to_be_visible()
    page.get_by_role("link", name="Wrong company").click()
    page.get_by_label("macular").check()
    page.get_by_role("button", name="This story is not about it").click()
    expect(page.get_by_text("Your firm no longer sees this story as one about Advanced Micro Devices.")).to_be_visible()
    with every_firm():
        assert Correction.objects.get().context == "macular"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Why is this linked?")).to_be_visible()
