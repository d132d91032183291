"""The way through every page of the running product, as a visitor and as people of the sample firm walk it.

A walk is a generator: it goes to a page, with something on it to see, and gives the name of what now stands in the browser.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Page

from config.sample_sign_in import PASSWORD, SAMPLE_ADMINISTRATOR, SAMPLE_MANAGER, SAMPLE_SIGN_IN

HON_HAI = "OpenAI and Foxconn"
STORIES = 4
ALERT_SECONDS = 180
MAIL_SECONDS = 60
TYPING_SECONDS = 3  # who sends a form at once is a program
VISITOR = {
    "landing": "/",
    "news": "/news/",
    "how-scores-work": "/how-scores-work/",
    "privacy": "/privacy/",
    "terms": "/terms/",
    "security": "/security/",
    "status": "/status",
    "sign-in": "/accounts/login/",
    "password-reset": "/accounts/password/reset/",
    "reset-link-used": "/accounts/password/reset/key/1-none/",
    "sign-up-closed": "/accounts/signup/",
    "not-found": "/nowhere/",
}
ANALYST = {
    "today": "/today/",
    "alerts": "/alerts/",
    "portfolios": "/portfolios/",
    "companies": "/companies/",
    "companies-found": "/companies/?q=foxconn",
    "company": "/companies/hon-hai/",
    "corrections": "/corrections/",
    "unknown-names": "/unknown-names/",
    "read": "/read/",
    "rules": "/rules/",
    "mail": "/mail/",
    "refused": "/team/",
    "not-found-member": "/nowhere/",
    "sign-out": "/accounts/logout/",
}
ACCOUNT = {
    "account-email": "/accounts/email/",
    "account-password": "/accounts/password/change/",
    "two-factor": "/accounts/2fa/",
    "two-factor-app": "/accounts/2fa/totp/activate/",
    "two-factor-keys": "/accounts/2fa/webauthn/",
    "two-factor-codes-new": "/accounts/2fa/recovery-codes/generate/",
    "two-factor-key-new": "/accounts/2fa/webauthn/add/",
}
CELLS = "Ticker\tExchange\tShares\n2317\tXTAI\t120,000\n2382\tXTAI\tmany\nXXXX\tXTAI\t1\n2330\tXTAI\t5,000\n"
DANA = "dana@eastgate.example"


@dataclass
class Walker:
    """A browser page on the product at this address, whose mails lie in that folder."""

    page: Page
    url: str
    mails: Path

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def press(self, name: str) -> None:
        """Send a form, also one that the browser would not send; the page is then the answer."""
        self.page.evaluate("for (const form of document.forms) form.noValidate = true")
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]").fill(text)

    def follow(self, part: str) -> None:
        """The first link with that in its address in the page's main part; that of the Hon Hai story where there is one."""
        links = self.page.locator(f"main a[href*='{part}']")
        named = links.filter(has_text=HON_HAI)
        self.page.goto((named if named.count() else links).first.evaluate("link => link.href"))

    def follow_mail(self, to: str) -> None:
        """The first link of the newest mail to that address, once it is there."""
        self.page.goto(eventually(lambda: self._link_to(to), MAIL_SECONDS, f"mail to {to}"))

    def _link_to(self, to: str) -> str:
        for path in sorted(self.mails.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",)) if to in (message["To"] or "") else None
            if body and (found := re.search(r"http://\S+", body.get_content())):
                return found[0]
        return ""

    def sign_in(self, email: str) -> None:
        self.go("/accounts/login/")
        self.page.get_by_label("Email", exact=True).fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url("**/today/")

    def each(self, pages: dict[str, str]) -> Iterator[str]:
        for name, path in pages.items():
            self.go(path)
            yield name


def eventually(look: Callable[[], str], seconds: int, what: str) -> str:
    for _ in range(seconds):
        if found := look():
            return found
        time.sleep(1)
    raise TimeoutError(f"Not within {seconds} s: {what}")


def as_visitor(walker: Walker) -> Iterator[str]:
    yield from walker.each(VISITOR)
    walker.go("/news/")
    walker.follow("/news/")
    yield "news-story"
    walker.go("/accounts/login/")
    walker.fill(login=DANA, password="wrong")
    walker.press("Sign in")
    yield "sign-in-refused"
    yield from _demo(walker)


def _demo(walker: Walker) -> Iterator[str]:
    walker.go("/demo/")
    yield "demo"
    time.sleep(TYPING_SECONDS)
    walker.press("Request a demo")
    yield "demo-errors"
    walker.fill(name="Dana Diaz", firm_name="Eastgate Capital", email=DANA, role="Portfolio manager", holds="Asia, 40 names")
    walker.page.locator("main [name=consent]").check()
    time.sleep(TYPING_SECONDS)
    walker.press("Request a demo")
    yield "demo-sent"
    walker.follow_mail(DANA)
    yield "demo-confirm"
    walker.press("Confirm the request")
    yield "demo-confirmed"
    walker.go("/demo/confirm/cut-off/")
    yield "demo-link-cut"


def as_analyst(walker: Walker) -> Iterator[str]:
    """Stays until Hon Hai has alerted and some stories are there."""
    walker.sign_in(SAMPLE_SIGN_IN[0])
    eventually(lambda: _is_alerted(walker), ALERT_SECONDS, "the alert on Hon Hai")
    for name, on, part in (("story", "/today/", "/stories/"), ("portfolio", "/portfolios/", "/portfolios/asia")):
        walker.go(on)
        walker.follow(part)
        yield name
    walker.go("/today/")
    walker.follow("/stories/")
    story = walker.page.url.removesuffix("/").removeprefix(walker.url)
    yield from walker.each(
        {
            "company-wrong": f"{story}/wrong-company/quanta/",
            "company-missing": f"{story}/missing-company/?q=amd",
            "story-then": f"{story}/versions/1/",
            "disagreement": f"{story}/disagreement/",
        }
    )
    walker.go("/mail/")
    walker.follow(".eml/")
    yield "message"
    yield from walker.each(ANALYST)


def _is_alerted(walker: Walker) -> str:
    walker.go("/today/")
    alerts, stories = walker.page.locator(".c-alert", has_text=HON_HAI), walker.page.locator(".c-story")
    return "yes" if alerts.count() and stories.count() >= STORIES else ""


def as_owner_of_an_account(walker: Walker) -> Iterator[str]:
    """Some of these open only once the password was given again."""
    walker.sign_in(SAMPLE_SIGN_IN[0])
    walker.go("/accounts/reauthenticate/")
    yield "account-again"
    walker.fill(password=PASSWORD)
    with walker.page.expect_navigation():
        walker.page.locator("main [name=password]").press("Enter")
    yield from walker.each(ACCOUNT)


def as_manager(walker: Walker) -> Iterator[str]:
    walker.sign_in(SAMPLE_MANAGER)
    walker.go("/rules/new/")
    yield "rule-new"
    walker.fill(min_impact="7")
    walker.press("Save the rule")
    yield "rule-errors"
    walker.go("/portfolios/new/")
    yield "portfolio-new"
    walker.go("/portfolios/")
    walker.follow("/portfolios/asia")
    walker.page.goto(f"{walker.page.url}import/")
    yield "import"
    walker.fill(cells=CELLS)
    walker.press("Preview")
    yield "import-preview"


def as_administrator(walker: Walker) -> Iterator[str]:
    walker.sign_in(SAMPLE_ADMINISTRATOR)
    walker.go("/team/")
    walker.fill(email=DANA)
    walker.press("Send the invitation")
    yield "team"


def as_invited(walker: Walker) -> Iterator[str]:
    walker.follow_mail(DANA)
    yield "invitation"
    walker.press("Join with this password")
    yield "invitation-errors"


WALKS: tuple[Callable[[Walker], Iterator[str]], ...] = (
    as_visitor,
    as_analyst,
    as_owner_of_an_account,
    as_manager,
    as_administrator,
    as_invited,
)
