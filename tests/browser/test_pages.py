"""Every page, light and dark, from a small phone to a desk: no finding of axe, nothing the content policy refuses, nothing beyond
the edge, no error in the console and no request that fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.utils import timezone
from playwright.sync_api import Page

from accounts.demo import confirm, confirm_token
from accounts.invitations import invite, path_of
from accounts.models import DemoRequest, Invitation, Membership
from accounts.scope import every_firm
from portfolios import uploads
from portfolios.models import Portfolio
from research.models import Correction
from research.published import unpublish
from tests.browser.conftest import Visit
from tests.browser.looker import AXE_WIDTHS, THEMES, WIDTHS, Looker
from tests.browser.scene import Scene, make_scene
from tests.browser.watched import Watched
from tests.cast import Cast
from tests.make import make_member, make_user
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DOCUMENTS = ("/how-scores-work/", "/privacy/", "/terms/", "/security/")
FILES = {
    "holdings.csv": b"ticker,mic,quantity\n2317,XTAI,10\nNVDA,XNAS,5\n",
    "some-bad.csv": b"ticker,mic,quantity\n2317,XTAI,ten\nNOPE,XTAI,5\n,,\nNVDA,XNAS,7\n",
    "no-header.csv": b"2317,XTAI,10\nNVDA,XNAS,5\n",
    "not-a-table.csv": b"\x00\x01\x02",
    "empty.csv": b"",
}


@pytest.fixture
def scene(cast: Cast) -> Scene:
    with every_firm():
        return make_scene(cast)


@pytest.fixture
def looker() -> Iterator[Looker]:
    looker = Looker()
    yield looker
    assert not looker.findings, "\n".join(looker.findings)


def press(viewer: Watched, name: str, status: int = 422) -> None:
    """Send a form whose answer is to have that status, though the browser would not have sent it."""
    page = viewer.page
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    with page.expect_navigation() as navigation:
        page.locator("main").get_by_role("button", name=name, exact=True).click()
    response = navigation.value
    assert response is not None
    assert response.status == status
    if status >= 400:
        viewer.forgive_status(status)


def ask_for_demo(**fields: Any) -> DemoRequest:
    given = {"firm_name": "Eastgate", "name": "Dana Diaz", "email": "dana@eastgate.example", "consented_at": timezone.now()}
    return DemoRequest.objects.create(**{**given, "email_key": "dana@eastgate.example", **fields})


def test_public_pages(web: Stack, scene: Scene, visit: Visit, looker: Looker) -> None:
    visitor = visit(web.url)
    for path in ("/", "/news/", scene.full.publication.get_absolute_url(), *DOCUMENTS):
        looker.look_at(visitor, path)
    looker.look_at(visitor, "/nowhere/", 404)
    looker.look_at(visitor, "/news/no-such-story/", 404)
    with every_firm():
        unpublish(scene.full)
    visitor.open("/news/")
    looker.look(visitor.page, "/news/ without a story")


def test_the_status_page(web: Stack, cast: Cast, visit: Visit, looker: Looker) -> None:
    visitor = visit(web.url)
    looker.look_at(visitor, "/status")


def test_pages_of_a_demo_request(web: Stack, cast: Cast, visit: Visit, looker: Looker) -> None:
    visitor = visit(web.url)
    looker.look_at(visitor, "/demo/")
    press(visitor, "Request a demo")
    looker.look(visitor.page, "the demo form with errors")
    looker.look_at(visitor, "/demo/sent/")
    asked = ask_for_demo()
    link = f"/demo/confirm/{confirm_token(asked)}/"
    looker.look_at(visitor, link)
    confirm(asked)
    visitor.open(link)
    looker.look(visitor.page, "a demo request, confirmed")
    looker.look_at(visitor, "/demo/confirm/cut-off/", 404)


def test_pages_of_an_invitation(web: Stack, cast: Cast, visit: Visit, looker: Looker) -> None:
    with every_firm():
        invitation = invite(cast.firm, "dana@northlake.example", Membership.Role.ANALYST, cast.bob, "Dana")
        link = path_of(invitation)
        for_charlie = path_of(invite(cast.firm, cast.charlie.email, Membership.Role.ANALYST, cast.bob))
    visitor = visit(web.url)
    looker.look_at(visitor, link)
    press(visitor, "Join with this password")
    looker.look(visitor.page, "an invitation with errors")
    looker.look_at(visitor, "/invitation/cut-off/", 404)
    looker.look_at(visitor, for_charlie)
    charlie = visit(web.url, cast.charlie)
    looker.look_at(charlie, for_charlie)
    looker.look_at(charlie, link)
    with every_firm():
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=1))
    looker.look_at(visitor, link, 410)


def test_pages_of_the_sign_in(web: Stack, cast: Cast, visit: Visit, looker: Looker) -> None:
    visitor = visit(web.url)
    page = visitor.page
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/accounts/password/reset/key/1-none/"):
        looker.look_at(visitor, path)
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


def test_pages_of_an_account(web: Stack, cast: Cast, visit: Visit, looker: Looker) -> None:
    alice = visit(web.url, cast.alice)
    for path in (
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/reauthenticate/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/logout/",
    ):
        looker.look_at(alice, path)
    TOTP.activate(cast.alice, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(cast.alice)
    for path in ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "reauthenticate/"):
        looker.look_at(alice, f"/accounts/2fa/{path}")


def test_pages_of_an_analyst(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    alice = visit(web.url, cast.alice)
    for path in ("/today/", "/alerts/", "/portfolios/", "/portfolios/global-ai/", "/portfolios/asia/", "/portfolios/empty/"):
        looker.look_at(alice, path)
    for path in ("/mail/", "/mail/0b4c.eml/"):
        looker.look_at(alice, path)


def test_stories_of_an_analyst(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    alice = visit(web.url, cast.alice)
    for story in (scene.full, scene.quick, scene.calm, scene.unread, scene.failed):
        looker.look_at(alice, story.get_absolute_url())
    for story in (scene.full, scene.calm):
        alice.open(story.get_absolute_url())
        open_folds(alice.page)
        looker.look(alice.page, f"{story.title}, all folds open")


def test_pages_of_versions_and_of_ones_own_score(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    alice, story = visit(web.url, cast.alice), scene.full.get_absolute_url()
    looker.look_at(alice, f"{story}versions/1/")
    open_folds(alice.page)
    looker.look(alice.page, "an earlier version, all folds open")
    looker.look_at(alice, f"{story}?at=2025-01-01T00:00:00Z")
    looker.look_at(alice, f"{story}disagreement/")
    press(alice, "Show my score")
    looker.look(alice.page, "a disagreement with errors")
    alice.page.get_by_label("Sentiment").fill("-0.2")
    alice.page.get_by_label("Why").fill("The order is not binding.")
    press(alice, "Show my score", 200)
    assert "Alice Ahn disagrees: −0.20" in alice.page.locator("#scores").inner_text()
    looker.look(alice.page, "a story with two disagreements")
    press_first = alice.page.locator("#scores").get_by_role("button", name="Undo")
    press_first.click()
    alice.page.wait_for_url("**#scores")
    assert "Alice Ahn disagrees" not in alice.page.locator("#scores").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_contradiction_to_the_text(web: Stack, cast: Cast, scene: Scene, visit: Visit, scripts: bool) -> None:
    alice = visit(web.url, cast.alice, java_script_enabled=scripts)
    alice.open(scene.full.get_absolute_url())
    alice.page.locator(".c-differ").get_by_role("link", name="Open its text").last.click()
    assert alice.page.locator(".c-source", has_text="It is 1,200 racks.").is_visible()


def test_pages_of_companies(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    alice = visit(web.url, cast.alice)
    company, story = scene.company.get_absolute_url(), scene.full.get_absolute_url()
    wrong, missing = f"{story}wrong-company/{scene.company.slug}/", f"{story}missing-company/?q=nvidia"
    for path in ("/companies/", "/companies/?q=foxconn", "/companies/?q=nobody", company, "/unknown-names/", "/corrections/"):
        looker.look_at(alice, path)
    for path in (wrong, missing):
        looker.look_at(alice, path)
    press(alice, "This story is about it too")
    looker.look(alice.page, "a missing company with errors")
    with every_firm():
        staff = make_member(cast.firm, user=make_user(name="Sam Staff", is_staff=True, is_superuser=True)).user
        Correction.objects.create(
            firm=cast.firm, story=scene.calm, issuer=scene.company, kind="wrong", words="Foxconn", note="No."
        )
    keeper = visit(web.url, staff)
    for path in ("/companies/", company, f"{company}join/?q=vertiv", "/unknown-names/", "/corrections/"):
        looker.look_at(keeper, path)


def open_folds(page: Page) -> None:
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


def test_pages_of_rules_and_the_team(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    bob = visit(web.url, cast.bob)
    for path in ("/rules/", f"/rules/{scene.rule.pk}/", "/rules/new/"):
        looker.look_at(bob, path)
    bob.open("/rules/new/")
    bob.page.get_by_label("Market impact from").fill("7")
    press(bob, "Save the rule")
    looker.look(bob.page, "a rule form with errors")
    looker.look_at(bob, "/team/", 403)
    with every_firm():
        invite(cast.other_firm, "dana@harbour.example", Membership.Role.ANALYST, cast.charlie, "Dana")
    charlie = visit(web.url, cast.charlie)
    looker.look_at(charlie, "/team/")
    press(charlie, "Send the invitation")
    looker.look(charlie.page, "an invitation form with errors")


def test_pages_of_imports(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    bob = visit(web.url, cast.bob)
    page = bob.page
    for path, button in (("/portfolios/new/", "Make the portfolio"), ("/portfolios/global-ai/import/", "Preview")):
        looker.look_at(bob, path)
        press(bob, button)
        looker.look(page, f"{path} with errors")
    for name, data in FILES.items():
        looker.look_at(bob, send(scene.book, name, data, cast))
    bob.open(send(scene.empty, "holdings.csv", FILES["holdings.csv"], cast))
    page.locator("main form[action$='/application/'] button").first.click()
    page.wait_for_load_state()
    looker.look(page, "an import, applied")


def send(portfolio: Portfolio, name: str, data: bytes, cast: Cast) -> str:
    with every_firm():
        upload = uploads.keep(portfolio, data, name, cast.bob)
    return f"/portfolios/{portfolio.slug}/import/{upload.pk}/"


def test_pages_of_a_firm_with_nothing(web: Stack, cast: Cast, scene: Scene, visit: Visit, looker: Looker) -> None:
    charlie = visit(web.url, cast.charlie)
    for path in (
        "/today/",
        "/alerts/",
        "/portfolios/",
        "/companies/",
        "/unknown-names/",
        "/corrections/",
        "/rules/",
        "/rules/new/",
    ):
        looker.look_at(charlie, path)
    for path in ("/portfolios/global-ai/", f"/rules/{scene.rule.pk}/"):
        charlie.open(path, 404)
    looker.look_at(charlie, "/nowhere/", 404)


def test_pages_of_somebody_without_a_firm(web: Stack, db: None, visit: Visit, looker: Looker) -> None:
    looker.look_at(visit(web.url, make_user(name="Nora New")), "/today/", 403)


def test_pages_of_the_administration_keep_the_policy(web: Stack, cast: Cast, scene: Scene, visit: Visit) -> None:
    """Without axe: what it would find there is Django's own, and ours to mend only by replacing it."""
    ask_for_demo(status="new", confirmed_at=timezone.now(), is_disposable=True)
    staff = visit(web.url, make_user(name="Sam Staff", is_staff=True, is_superuser=True))
    staff.open("/admin/")
    for model in admin.site._registry:
        page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        staff.open(page)
        with every_firm():
            row = model._default_manager.first()
        if row:
            staff.open(f"{page}{row.pk}/change/")


def test_what_is_wrong_is_found(web: Stack, cast: Cast, visit: Visit) -> None:
    """The instruments themselves: a page spoiled in six ways."""
    viewer = visit(web.url)
    viewer.open("/privacy/")
    viewer.page.evaluate("""() => {
      const [first, second] = document.querySelectorAll("main p");
      second.style.color = "rgb(118 118 118)";  // too little on light and on dark
      first.style.width = "3000px";
      first.setAttribute("style", "color: red");
      document.createElement("img").src = "http://stranger.example/pixel.png";
      document.createElement("img").src = "/static/nowhere.png";
      document.querySelector("main").append(document.createElement("button"));
      setTimeout(() => { throw new Error("spoiled"); });
    }""")
    looker = Looker()
    looker.look(viewer.page, "spoiled")
    assert sum("color-contrast" in finding for finding in looker.findings) == len(THEMES) * len(AXE_WIDTHS)
    assert sum("button-name" in finding for finding in looker.findings) == len(AXE_WIDTHS)
    assert sum("beyond the right edge" in finding for finding in looker.findings) == len(WIDTHS)
    faults = " ".join(viewer.faults)
    viewer.faults.clear()
    for expected in (
        "policy: style-src",
        "policy: img-src refused http://stranger",
        "policy report",
        "console: Failed to load resource",
        "script: spoiled",
    ):
        assert expected in faults
