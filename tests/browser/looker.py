"""Looks at a page at every width and in both themes, and collects what it finds, so that one run names everything."""

from typing import Any, Literal

from playwright.sync_api import Page

from tests.browser.watched import Watched
from tools import vendor

AXE = (vendor.copy_of("axe-core") / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async (runOnly) => {
  const options = { runOnly, resultTypes: ["violations"] };
  if (Array.isArray(runOnly)) options.rules = { "target-size": { enabled: true } };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target}: ${node.failureSummary}`));
}"""
BEYOND = """() => {
  const over = document.scrollingElement.scrollWidth - innerWidth;
  if (over <= 0) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5);
  return [`${over} px beyond the right edge: ${wide.slice(0, 3).map((each) => each.className || each.tagName).join(", ")}`];
}"""
# The narrowest that the guidelines name, a phone, a tablet, a desk.
WIDTHS = {320: 800, 390: 844, 768: 1024, 1440: 900}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# A theme changes colours alone, and every layout is that of a phone or that of a desk.
RULES: dict[str, Any] = {"light": TAGS, "dark": {"type": "rule", "values": ["color-contrast"]}}
AXE_WIDTHS = (390, 1440)


class Looker:
    def __init__(self) -> None:
        self.findings: list[str] = []

    def look(self, page: Page, name: str) -> None:
        """The page as it stands now: its HTML is the same at every width and in both themes, so it is loaded once."""
        page.evaluate(AXE)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            self._found(f"{name}, {width}", page.evaluate(BEYOND))
            for theme in THEMES if width in AXE_WIDTHS else ():
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                self._found(f"{name}, {theme}, {width}", page.evaluate(RUN_AXE, RULES[theme]))

    def look_at(self, viewer: Watched, path: str, status: int = 200) -> None:
        viewer.open(path, status)
        self.look(viewer.page, path)

    def _found(self, where: str, findings: list[str]) -> None:
        self.findings += [f"{where}: {finding}" for finding in findings]
