"""Pictures of every page, wide and narrow, light and dark: starts the product afresh, walks through it, and looks.

    make shots    # or: python -m tools.shots

All go to var/shots/, with contact.html and contact.png that show them at once, and every kind of mail in mail/. The two that the
README shows go to docs/pictures/ as well.
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

from playwright.sync_api import Page, ViewportSize

from config.servers import free_port
from tools.chromium import chromium, find_chromium
from tools.contact_sheet import make_contact_sheet
from tools.mail_shots import shoot_mails
from tools.tour import WALKS, Walker

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "var" / "shots"
PICTURES = ROOT / "docs" / "pictures"
KEPT = {"today-1440-light": "today.png", "story-1440-light": "story.png"}
WIDTHS = {1440: 960, 390: 844}  # so high that the alert on Hon Hai is still in view
DESK: ViewportSize = {"width": 1440, "height": 960}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LIVE_MS = 20_000
START_SECONDS = 120
STOP_SECONDS = 30


def main() -> None:
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    shutil.rmtree(SHOTS, ignore_errors=True)  # what is no page any more is no picture any more
    SHOTS.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="bellwether-shots-") as var, product(Path(var)) as url, chromium(path) as browser:
        for walk in WALKS:
            page = browser.new_page(reduced_motion="reduce", viewport=DESK)
            for name in walk(Walker(page, url, Path(var) / "mail")):
                shoot(page, name)
            page.context.close()
        shoot_mails(browser, SHOTS / "mail")
        make_contact_sheet(browser, SHOTS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, kept in KEPT.items():
        shutil.copyfile(SHOTS / f"{name}.png", PICTURES / kept)
    print(f"{len(list(SHOTS.glob('*-*-*.png')))} pictures, see {SHOTS / 'contact.html'}")


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


def shoot(page: Page, name: str) -> None:
    """Pictures of the page as it stands, which stays as it was. A page that is live is so after a moment."""
    state = page.locator("[data-live-text]")
    if state.count():
        state.filter(has_text="Live").wait_for(state="attached", timeout=LIVE_MS)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        whole = max(height, page.evaluate("document.documentElement.scrollHeight"))
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            stem = f"{name}-{width}-{theme}"
            # Not Playwright's own whole page: what is fixed to the bottom of the window would stand in its middle.
            page.set_viewport_size({"width": width, "height": height if stem in KEPT else whole})
            page.screenshot(path=SHOTS / f"{stem}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)


if __name__ == "__main__":
    main()
