"""Every page, light and dark, wide and narrow: no finding of axe, nothing the content policy refuses, nothing beyond the edge.

A page is loaded once and then shown in each of the four ways: its HTML is the same in all.
"""

from collections.abc import Iterator
from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Page

from accounts.scope import every_firm
from research.models import Story
from tests.browser.conftest import Visit
from tests.browser.scene import Scene, make_scene
from tests.browser.watched import Watched
from tests.cast import Cast
from tests.make import make_user
from tests.stack import Stack
from tools import vendor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = (vendor.copy_of("axe-core") / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async (tags) => {
  const options = { runOnly: tags, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target}: ${node.failureSummary}`));
}"""
WIDTHS = {1440: 900, 390: 844}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BAD_FILE = b"ticker,mic,quantity\n2317,XTAI,ten\nNOPE,XTAI,5\n,,\n"


@pytest.fixture
def scene(cast: Cast) -> Scene:
    with every_firm():
        return make_scene(cast)


class Looker:
    """Looks at a page in all four ways, and collects what it finds, so that one run names everything."""

    def __init__(self) -> None:
        self.findings: list[str] = []

    def look(self, page: Page, name: str) -> None:
        page.evaluate(AXE)
        for width, theme in product(WIDTHS, THEMES):
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found: list[str] = page.evaluate(RUN_AXE, TAGS)
            beyond = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if beyond > 0:
                found.append(f"{beyond} px beyond the right edge")
            self.findings += [f"{name}, {theme}, {width}: {finding}" for finding in found]

    def look_at(self, viewer: Watched, path: str, status: int = 200) -> None:
        viewer.open(path, status)
        self.look(viewer.page, path)


@pytest.fixture
def looker() -> Iterator[Looker]:
    looker = Looker()
    yield looker
    assert not looker.findings, "\n".join(looker.findings)


def press(viewer: Watched, name: str, status: int = 422) -> None:
    """Send a form that the server refuses with that status, though the browser would not have sent it."""
    page = viewer.page
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    with page.expect_navigation() as navigation:
        page.locator("main").get_by_role("button", name=name, exact=True).click()
    response = navigation.value
    assert response is not None
    assert response.status == status
    if status >= 400:
        viewer.forgive_status(status)


def test_pages_of_a_visitor(web: Stack, cast: Cast, visit: Visit, looker: Looker) -> None:
    visitor = visit(web.url)
    page = visitor.page
    for path in ("/", "/demo/", "/demo/sent/", "/privacy/", "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"):
        looker.look_at(visitor, path)
    looker.look_at(visitor, "/nowhere/", 404)

    visitor.open("/")
    press(visitor, "Request a demo")
    looker.look(page, "the demo form with errors")
    visitor.open("/accounts/login/")
    page.get_by_label("Email").fill(cast.alice.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    press(visitor, "Sign in", 200)
    assert page.get_by_role("alert").is_visible()
    looker.look(page, "the sign-in form after a wrong password")
    visitor.open("/accounts/password/reset/")
    page.get_by_label("Email").fill("nobody@northlake.example")
    press(visitor, "Send the link", 200)
    looker.look(page, "password reset, asked for")
    looker.look_at(visitor, "/accounts/password/reset/key/1-none/")


def test_pages_of_an_analyst(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    alice = visit(web.url, cast.alice)
    for path in ("/today/", "/alerts/", "/portfolios/", "/portfolios/global-ai/", "/portfolios/asia/", "/portfolios/new/"):
        looker.look_at(alice, path)
    for story in (scene.full, scene.quick, scene.unread, scene.failed):
        looker.look_at(alice, story.get_absolute_url())
    open_everything(alice.page, scene.full)
    looker.look(alice.page, "a story with all its folds open")
    for path in ("/mail/", "/mail/0b4c.eml/", "/accounts/logout/"):
        looker.look_at(alice, path)


def open_everything(page: Page, story: Story) -> None:
    page.goto(page.url.replace(page.url.split("/stories/")[1], f"{story.pk}/"))
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


def test_pages_of_rules_and_imports(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    bob = visit(web.url, cast.bob)
    page = bob.page
    for path in ("/rules/", f"/rules/{scene.rule.pk}/", "/portfolios/global-ai/import/"):
        looker.look_at(bob, path)
    bob.open("/rules/new/")
    page.get_by_label("Market impact from").fill("7")
    press(bob, "Save the rule")
    looker.look(page, "a rule form with errors")
    for name, data, status, button in (
        ("nothing chosen", b"", 422, "Import"),
        ("refused", BAD_FILE, 422, "Import"),
        ("checked", b"ticker,mic,quantity\n2317,XTAI,10\n", 200, "Check only"),
        ("imported", b"ticker,mic,quantity\n2317,XTAI,10\n", 200, "Import"),
    ):
        bob.open("/portfolios/global-ai/import/")
        if data:
            page.locator("[type=file]").set_input_files({"name": "holdings.csv", "mimeType": "text/csv", "buffer": data})
        press(bob, button, status)
        looker.look(page, f"an import, {name}")


def test_pages_of_a_firm_with_nothing(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    charlie = visit(web.url, cast.charlie)
    for path in ("/today/", "/alerts/", "/portfolios/", "/rules/", "/rules/new/"):
        looker.look_at(charlie, path)
    for path in ("/portfolios/global-ai/", f"/rules/{scene.rule.pk}/"):
        charlie.open(path, 404)
    looker.look_at(charlie, "/nowhere/", 404)


def test_pages_of_somebody_without_a_firm(web: Stack, db: None, visit: Visit, looker: Looker) -> None:
    looker.look_at(visit(web.url, make_user(name="Nora New")), "/today/", 403)


def test_pages_of_the_administration_keep_the_policy(web: Stack, cast: Cast, scene: Scene, visit: Visit) -> None:
    """Without axe: what it would find there is Django's own, and ours to mend only by replacing it."""
    staff = visit(web.url, make_user(name="Sam Staff", is_staff=True, is_superuser=True))
    for path in ("", "accounts/firm/", "accounts/firm/add/", f"research/story/{scene.full.pk}/change/"):
        staff.open(f"/admin/{path}")


def test_what_is_wrong_is_found(web: Stack, cast: Cast, visit: Visit) -> None:
    """The instruments themselves: a page spoiled in five ways."""
    viewer = visit(web.url)
    viewer.open("/privacy/")
    viewer.page.evaluate("""() => {
      const [heading] = document.getElementsByTagName("h1");
      heading.style.color = "rgb(200 200 200)";
      heading.style.width = "3000px";
      heading.setAttribute("style", "color: red");
      document.createElement("img").src = "http://stranger.example/pixel.png";
      setTimeout(() => { throw new Error("spoiled"); });
    }""")
    looker = Looker()
    looker.look(viewer.page, "spoiled")
    ways = len(THEMES) * len(WIDTHS)
    assert sum("color-contrast" in finding for finding in looker.findings) >= ways / 2  # in the dark it is readable
    assert sum("beyond the right edge" in finding for finding in looker.findings) == ways
    faults = " ".join(viewer.faults)
    viewer.faults.clear()
    for expected in ("policy: style-src", "policy: img-src refused http://stranger", "policy report", "script: spoiled"):
        assert expected in faults
