"""A visitor's way in, as they go it: from the first page by a public story and their mailbox to an alert on their own book."""

import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.forms import FASTEST_SECONDS
from accounts.models import DemoRequest, Membership, User
from accounts.scope import every_firm
from alerts.models import Alert
from portfolios.models import Issuer, Portfolio
from portfolios.sample import load_master
from research.models import Source
from research.published import publish
from tests.browser.conftest import Visit
from tests.browser.watched import Watched
from tests.make import PASSWORD, make_analysis, make_story, make_user
from tests.stack import Stack, eventually, stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SEED = "OpenAI and Foxconn to co-design AI data-center racks"
TITLE = "Hon Hai wins an order for AI data-center racks"
TEXT = "Hon Hai Precision Industry won an order for racks. The agreement includes purchase commitments for several years."
DANA = "dana@eastgate.example"
CELLS = "Ticker\tExchange\tShares\n2317\tXTAI\t120,000\n2382\tXTAI\t-5,000\nXXXX\tXTAI\t1\n"
SOON = 45_000
GIVEN = {"name": "Dana Diaz", "firm_name": "Eastgate", "email": DANA, "role": "PM", "holds": "Asia, 40 names"}


@pytest.fixture
def running(db: None, tmp_path: Path) -> Iterator[Stack]:
    with stack(tmp_path) as everything:
        with every_firm():
            load_master()
            analysis = make_analysis(make_story(SEED, state="done"), {Issuer.objects.get(slug="hon-hai"): (0.45, 0.35)})
            analysis.story.articles.update(state="done")
            publish(analysis.story, None)
            Source.objects.create(name="Wire", url=f"http://{everything.feed.address}/feed.xml", interval_seconds=5)
        yield everything


def mail(running: Stack, subject: str) -> EmailMessage:
    def found() -> list[EmailMessage]:
        return [message for message in running.mail.to(DANA) if subject in message["Subject"]]

    return eventually(found, what=f"mail: {subject}")[0]


def link_in(message: EmailMessage) -> str:
    text = message.get_body(("plain",))
    found = re.search(r"http://\S+", text.get_content()) if text else None
    assert found, "no link in the text part"
    return found.group()


def follow(visitor: Watched, running: Stack, subject: str) -> Page:
    visitor.open(link_in(mail(running, subject)).removeprefix(running.url))
    return visitor.page


def staff_provision(visit: Visit, running: Stack, staff: User) -> None:
    page = (desk := visit(running.url, staff)).page
    desk.open("/admin/accounts/demorequest/")
    page.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("provision_trials")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).first.click()
    expect(page.get_by_text("was sent the invitation")).to_be_visible()


def test_from_the_first_page_to_the_first_alert_on_their_own_book(running: Stack, visit: Visit) -> None:
    staff = make_user("sam@bellwether.example", is_staff=True, is_superuser=True)
    visitor = visit(running.url)
    page = visitor.page

    visitor.open("/")
    page.get_by_role("link", name=SEED).first.click()
    expect(page.get_by_role("heading", level=1, name=SEED)).to_be_visible()
    expect(page.locator("main")).to_contain_text("moderately positive")
    page.locator("main").get_by_role("link", name="Request a demo").last.click()

    for name, text in GIVEN.items():
        page.locator(f"main [name={name}]").fill(text)
    page.locator("main [name=consent]").check()
    time.sleep(FASTEST_SECONDS + 1)
    page.locator("main form").get_by_role("button", name="Request a demo").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()

    follow(visitor, running, "Confirm your request")
    page.get_by_role("button", name="Confirm the request").click()
    expect(page.get_by_role("heading", name="Your request is confirmed")).to_be_visible()
    assert DemoRequest.objects.get().about.startswith("openai-and-foxconn")

    staff_provision(visit, running, staff)

    follow(visitor, running, "invit")
    page.get_by_label(re.compile("password", re.I)).first.fill(PASSWORD)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Join with this password").click()
    page.wait_for_url("**/today/")
    with every_firm():
        dana = Membership.objects.get(user__email=DANA)
    assert (dana.role, dana.firm.name) == (Membership.Role.ADMINISTRATOR, "Eastgate")

    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Portfolios").click()
    page.get_by_role("link", name="New portfolio").click()
    page.get_by_label("Name").fill("Our book")
    page.get_by_role("button", name="Make the portfolio").click()
    page.get_by_label("Or paste the cells").fill(
        "Ticker\tExchange\tShares\n2317\tXTAI\t120,000\n2382\tXTAI\t-5,000\nXXXX\tXTAI\t1\n"
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("We know no listing XXXX on XTAI.")).to_be_visible()
    page.get_by_role("button", name="Apply the 2 good rows, leave out 1").click()
    expect(page.get_by_text("2 rows imported, 1 needs a ticker. 2 are new or changed, 0 as before.")).to_be_visible()

    page.get_by_role("link", name="Add an alert rule").click()
    expect(page.get_by_label("Portfolio")).to_have_value(str(own_book().pk))
    page.get_by_label("Name").fill("Our news")
    page.get_by_role("button", name=re.compile("Save|Add|Make")).last.click()
    page.wait_for_url("**/rules/")

    visitor.open("/today/")
    expect(page.locator("[data-live-text]")).to_have_text("Live", timeout=SOON)
    running.feed.publish("order", TITLE, TEXT)
    alert = page.locator(".c-alert", has_text=TITLE)
    expect(alert.first).to_contain_text("+0.45", timeout=SOON)
    with every_firm():
        assert Alert.objects.of(dana.firm).filter(rule__portfolio=own_book()).exists()


def own_book() -> Portfolio:
    with every_firm():
        return Portfolio.objects.get(name="Our book")
