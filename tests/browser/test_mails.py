"""Every kind of mail, as narrow and as wide as mail programs show them, light and dark: readable, within the edge, one button."""

from itertools import product

import pytest
from playwright.sync_api import Browser

from tests.browser.looker import AXE, RUN_AXE
from tools.mail_shots import HEIGHT, SAMPLES, THEMES, WIDTHS, write

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THUMB = 44


def test_mails_are_read_anywhere(browser: Browser) -> None:
    page = browser.new_page()
    findings: list[str] = []
    for name in SAMPLES:
        page.set_content(write(name).html)
        page.evaluate(AXE)
        for width, theme in product(WIDTHS, THEMES):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme=theme)
            found: list[str] = page.evaluate(RUN_AXE, TAGS)
            if (beyond := page.evaluate("document.scrollingElement.scrollWidth - innerWidth")) > 0:
                found.append(f"{beyond} px beyond the right edge")
            buttons = page.locator(".button a")
            heights = [button.bounding_box()["height"] for button in buttons.all()]  # type: ignore[index]
            if len(heights) > 1 or any(height < THUMB for height in heights):
                found.append(f"buttons of {heights} px")
            findings += [f"{name}, {theme}, {width}: {finding}" for finding in found]
    page.close()
    assert findings == []
