"""Pictures of every page, wide and narrow, light and dark: starts the product afresh, waits for its first alerts, and looks.

    make shots    # or: python -m tools.shots

All go to var/shots/. The two that the README shows go to docs/pictures/ as well.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from config.sample_sign_in import SAMPLE_SIGN_IN
from config.servers import free_port
from tools.chromium import chromium, find_chromium

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "var" / "shots"
PICTURES = ROOT / "docs" / "pictures"
KEPT = {"today-1440-light": "today.png", "story-1440-light": "story.png"}
WIDTHS = {1440: 960, 390: 844}  # so high that the alert on Hon Hai is still in view
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HON_HAI = "OpenAI and Foxconn"
STORIES = 4
START_SECONDS = 120
ALERT_SECONDS = 180
STOP_SECONDS = 30
VISITOR = {
    "landing": "/",
    "sign-in": "/accounts/login/",
    "password-reset": "/accounts/password/reset/",
    "demo": "/demo/",
    "demo-sent": "/demo/sent/",
    "privacy": "/privacy/",
    "not-found": "/nowhere/",
}
MEMBER = {
    "today": "/today/",
    "alerts": "/alerts/",
    "portfolios": "/portfolios/",
    "rules": "/rules/",
    "rule-new": "/rules/new/",
    "mail": "/mail/",
}
# Pages that are reached by the first link of that address on another page.
LINKED = {"story": ("/today/", "/stories/"), "portfolio": ("/portfolios/", "/portfolios/"), "message": ("/mail/", ".eml/")}


def main() -> None:
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    SHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bellwether-shots-") as var, product(Path(var)) as url, chromium(path) as browser:
        shoot(browser, url, VISITOR, signed_in=False)
        pages = MEMBER | wait_for_stories(browser, url)
        shoot(browser, url, pages, signed_in=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, kept in KEPT.items():
        shutil.copyfile(SHOTS / f"{name}.png", PICTURES / kept)
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS}")


@contextlib.contextmanager
def product(var: Path) -> Iterator[str]:
    """The whole product with its sample firm, on a var folder of its own. Gives its address."""
    command = [sys.executable, "manage.py", "up", f"--port={free_port(8300)}"]
    with (SHOTS / "up.log").open("w") as log:
        up = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"VAR_DIR": str(var)}, stdout=log, stderr=log)
    try:
        yield wait_for_address(up)
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(STOP_SECONDS)


def wait_for_address(up: subprocess.Popen[bytes]) -> str:
    for _ in range(START_SECONDS):
        if up.poll() is not None:
            break
        if found := re.search(r"Bellwether is ready: *(http\S+)", (SHOTS / "up.log").read_text()):
            return found[1]
        time.sleep(1)
    sys.exit(f"The product did not start: see {SHOTS / 'up.log'}")


def wait_for_stories(browser: Browser, url: str) -> dict[str, str]:
    """Sign in, stay until Hon Hai has alerted and some stories are there, and find the pages of single things."""
    page = browser.new_page()
    sign_in(page, url)
    page.get_by_text(HON_HAI).first.wait_for(timeout=ALERT_SECONDS * 1000)
    for _ in range(ALERT_SECONDS):
        page.goto(f"{url}/today/")
        if page.locator(".c-story").count() >= STORIES and page.locator(".c-alert", has_text=HON_HAI).count():
            break
        page.wait_for_timeout(1000)
    return {name: first_link(page, url, on, part) for name, (on, part) in LINKED.items()}


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/login/")
    for label, text in zip(("Email", "Password"), SAMPLE_SIGN_IN, strict=True):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/today/")


def first_link(page: Page, url: str, on: str, part: str) -> str:
    """The address that the first such link in the page's main part leads to; that of the Hon Hai story where there is one."""
    page.goto(f"{url}{on}")
    links = page.locator(f"main a[href*='{part}']")
    named = links.filter(has_text=HON_HAI)
    address: str = (named if named.count() else links).first.evaluate("link => link.href")
    return address.removeprefix(url)


def shoot(browser: Browser, url: str, pages: dict[str, str], *, signed_in: bool) -> None:
    page = browser.new_page(reduced_motion="reduce")
    if signed_in:
        sign_in(page, url)
    for name, path in pages.items():
        page.goto(f"{url}{path}")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=f"{name}-{width}-{theme}" not in KEPT)


if __name__ == "__main__":
    main()
