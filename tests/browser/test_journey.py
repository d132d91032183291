"""What people do here, as they do it: with a browser, from the sign-in to the acknowledgement."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Page, expect

from accounts.forms import FASTEST_SECONDS
from accounts.models import DemoRequest, User
from accounts.scope import every_firm
from alerts.matching import match_announced
from alerts.models import Alert, AlertReceipt, StreamEvent
from portfolios.models import Issuer
from research.models import Announcement, Source
from tests.browser.conftest import Visit
from tests.browser.scene import raise_alert
from tests.browser.watched import Watched
from tests.cast import Cast
from tests.make import (
    PASSWORD,
    make_analysis,
    make_holding,
    make_issuer,
    make_portfolio,
    make_rule,
    make_security,
    make_story,
)
from tests.stack import Stack, eventually, stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Hon Hai and OpenAI to co-design AI data-center racks"
TEXT = "Hon Hai Precision Industry will design racks with OpenAI. The initial agreement does not include purchase commitments."
SOON = 30_000
OPEN_IT_NOW = """
async () => {
  const fresh = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  document.querySelector("[name=opened]").value = fresh.querySelector("[name=opened]").value;
}
"""
COUNT_ALERTS = """
window.heardAlerts = 0;
document.addEventListener("live:alert", () => { window.heardAlerts += 1; }, true);
"""


@pytest.fixture
def hon_hai(cast: Cast) -> Issuer:
    """A holding at 4.1 % of NAV, with one story already read, which alerted nobody."""
    with every_firm():
        issuer = make_issuer("Hon Hai", aliases=["Hon Hai Precision Industry", "Foxconn"], listing="2317 XTAI", currency="TWD")
        make_issuer("OpenAI", is_private=True)
        portfolio = make_portfolio(cast.firm, name="Asia hardware")
        make_holding(portfolio, make_security(issuer), weight=0.041)
        make_rule(portfolio, [cast.alice], name="Material news", patience_seconds=20, min_impact=0.3, min_sentiment=0.35)
        story = make_story("Hon Hai names a new head of servers", state="done")
        story.articles.update(state="done")  # or the workers would read it anew
        make_analysis(story, {issuer: (0.05, 0.1)})
    return issuer


@pytest.fixture
def running(hon_hai: Issuer, tmp_path: Path) -> Iterator[Stack]:
    with stack(tmp_path) as everything:
        with every_firm():
            Source.objects.create(name="Wire", url=f"http://{everything.feed.address}/feed.xml", interval_seconds=5)
        yield everything


def sign_in(page: Page, user: User) -> None:
    """Through the form, with a password stored as the server under test stores them (the tests' own way is faster)."""
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1000)
    user.save(update_fields=["password"])
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today/")


def mark(page: Page) -> None:
    """Leave something in the page that a reload would take away."""
    page.evaluate("window.neverReloaded = true")


def is_marked(page: Page) -> bool:
    return page.evaluate("window.neverReloaded === true") is True


def wait_until_live(page: Page) -> None:
    expect(page.locator("[data-live-text]")).to_have_text("Live", timeout=SOON)


def test_an_alert_appears_by_itself_and_is_read_and_acknowledged(running: Stack, cast: Cast, visit: Visit) -> None:
    alice = visit(running.url)
    page = alice.page
    alice.open("/today/")
    sign_in(page, cast.alice)
    mark(page)
    wait_until_live(page)
    expect(page.locator(".c-story")).to_have_count(1)
    expect(page.get_by_text("No alert yet.")).to_be_visible()

    running.feed.publish("one", TITLE, TEXT)
    alert = page.locator(".c-alert", has_text=TITLE)
    expect(alert).to_contain_text("+0.45", timeout=SOON)
    expect(alert).to_contain_text("4.1%")
    expect(page.get_by_role("link", name="Show 1 new story")).to_be_visible(timeout=SOON)
    expect(page.locator(".c-story")).to_have_count(1)
    expect(page.locator("#count-side")).to_have_text("1")
    assert is_marked(page), "the page was loaded again"

    alert.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    expect(page.locator(".c-lede")).to_contain_text("The story is about Hon Hai")
    expect(page.locator(".c-big")).to_contain_text("+0.45")
    expect(page.locator(".c-evidence q")).to_have_text(TITLE)
    quoted = page.locator("#s-1 + mark")
    expect(quoted).not_to_be_visible()
    page.get_by_role("link", name="Open at sentence").click()
    expect(quoted).to_have_text(TITLE)
    expect(quoted).to_be_in_viewport()

    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Today").click()
    expect(page.locator(".c-story")).to_have_count(2)
    expect(page.get_by_role("link", name=re.compile("Show .* new"))).to_have_count(0)
    mark(page)
    page.get_by_role("button", name=f"Acknowledge 2317: {TITLE}").click()
    expect(alert).to_contain_text(re.compile(r"Acknowledged by Alice Ahn, \d\d:\d\d"))
    expect(page.locator("#count-side")).to_have_text("")
    assert is_marked(page), "the page was loaded again"
    with every_firm():
        receipt = AlertReceipt.objects.get()
        assert (receipt.user, receipt.acknowledged_at is not None) == (cast.alice, True)


def test_a_browser_that_lost_the_server_catches_up_with_what_it_missed(running: Stack, cast: Cast, visit: Visit) -> None:
    alice = visit(running.url, cast.alice)
    page = alice.page
    page.add_init_script(COUNT_ALERTS)
    alice.open("/today/")
    mark(page)
    wait_until_live(page)
    with alice.server_away():
        running.kill("web")
        expect(page.locator("[data-live-text]")).to_have_text("Reconnecting", timeout=SOON)
        running.feed.publish("missed", TITLE, TEXT)
        eventually(confirmed, what="the alert that the browser misses")
        assert page.evaluate("window.heardAlerts") == 0
        running.start("web")
        wait_until_live(page)
    expect(page.locator(".c-alert")).to_have_count(1, timeout=SOON)
    expect(page.locator(".c-alert")).to_contain_text(TITLE)
    expect(page.get_by_role("link", name="Show 1 new story")).to_be_visible()
    with every_firm():
        told = StreamEvent.objects.filter(kind=StreamEvent.Kind.ALERT).count()
    assert page.evaluate("window.heardAlerts") == told, "each event is heard once"
    assert is_marked(page), "the page was loaded again"


def test_the_first_story_fills_an_empty_page_by_itself(web: Stack, cast: Cast, visit: Visit) -> None:
    with every_firm():
        issuer = make_issuer("Hon Hai", listing="2317 XTAI")
        make_holding(make_portfolio(cast.firm), make_security(issuer), weight=0.041)
    alice = visit(web.url, cast.alice)
    page = alice.page
    alice.open("/today/")
    mark(page)
    wait_until_live(page)
    expect(page.get_by_text("No story about your holdings yet.")).to_be_visible()
    with every_firm():
        analysis = make_analysis(make_story(TITLE, state="done"), {issuer: (0.45, 0.35)})
        match_announced([Announcement.objects.create(analysis=analysis).pk])
    expect(page.locator(".c-story")).to_contain_text(TITLE, timeout=SOON)
    expect(page.get_by_role("heading", level=1)).to_contain_text("One story touches your book")
    assert is_marked(page), "the page was loaded again"


def confirmed() -> bool:
    with every_firm():
        return Alert.objects.filter(status=Alert.Status.CONFIRMED).exists()


def test_a_form_sent_faster_than_people_type_keeps_what_was_typed(web: Stack, visit: Visit) -> None:
    visitor = visit(web.url)
    page = visitor.page
    visitor.open("/")
    for name in ("name", "firm_name"):
        page.locator(f"[name={name}]").fill("Eve")
    page.locator("[name=email]").fill("eve@eastgate.example")
    page.locator("[name=role]").fill("PM")
    page.locator("[name=consent]").check()
    page.evaluate(OPEN_IT_NOW)  # however long this machine took to fill it in
    send_demo(visitor, status=422)
    expect(page.get_by_role("alert")).to_contain_text("too quick")
    expect(page.locator("[name=name]")).to_have_value("Eve")
    time.sleep(FASTEST_SECONDS + 1)
    send_demo(visitor)
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    assert DemoRequest.objects.get().firm_name == "Eve"


def send_demo(visitor: Watched, status: int = 200) -> None:
    """Press the button. The browser's own check of addresses is laxer than ours."""
    with visitor.page.expect_navigation():
        visitor.page.locator("main form").get_by_role("button", name="Request a demo").click()
    if status != 200:
        visitor.forgive_status(status)


def test_signing_in_and_acknowledging_work_without_javascript(web: Stack, cast: Cast, hon_hai: Issuer, visit: Visit) -> None:
    with every_firm():
        raise_alert(hon_hai, TITLE)
    alice = visit(web.url, java_script_enabled=False)
    page = alice.page
    alice.open("/today/")
    sign_in(page, cast.alice)
    expect(page.locator(".c-alert")).to_contain_text("+0.45")
    page.get_by_role("button", name=f"Acknowledge 2317: {TITLE}").click()
    expect(page.locator(".c-alert")).to_contain_text("Acknowledged by Alice Ahn")
    page.locator(".c-alert").get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    page.locator("summary", has_text="Alice Ahn").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
