"""A page that keeps account of everything that must not happen on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  window.reportViolation(`${event.violatedDirective} refused ${event.blockedURI} on ${location.pathname}`);
});
"""
OWN_SCHEMES = ("about", "blob", "data")


@dataclass
class Watched:
    """A browser context with one page. `origin` is the only server it may speak to."""

    context: BrowserContext
    origin: str
    faults: list[str] = field(default_factory=list)
    page: Page = field(init=False)
    _is_away: bool = False

    def __post_init__(self) -> None:
        self.context.set_default_timeout(20_000)
        self.context.expose_binding("reportViolation", lambda source, what: self.faults.append(f"policy: {what}"))
        self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("request", self._on_request)
        self.context.on("requestfailed", self._on_failed)
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        self.page = self.context.new_page()

    def open(self, path: str, status: int = 200) -> Response:
        """Go to the page, which must answer with that status."""
        response = self.page.goto(f"{self.origin}{path}")
        assert response is not None
        assert response.status == status, f"{path} answered {response.status}"
        if status >= 400:
            self.forgive_status(status)
        return response

    def forgive_status(self, status: int) -> None:
        """Chromium writes an error for a page that was refused as it had to be: once, and about the page itself."""
        said = f"console: Failed to load resource: the server responded with a status of {status}"
        self.page.wait_for_load_state()
        found = next((fault for fault in self.faults if fault.startswith(said) and fault.endswith(f" {self.page.url}")), None)
        if found:
            self.faults.remove(found)

    @contextmanager
    def server_away(self) -> Iterator[None]:
        """Until the end of the block the server is down, and what does not reach it is no fault."""
        self._is_away = True
        yield
        self._is_away = False

    def assert_no_faults(self) -> None:
        assert not self.faults, "\n".join(self.faults)

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in OWN_SCHEMES and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.faults.append(f"request to a stranger: {request.url}")
        if parts.path == "/csp-report/":
            self.faults.append(f"policy report: {request.post_data}")

    def _on_failed(self, request: Request) -> None:
        # Aborted is what was under way when somebody went on to another page.
        if request.failure != "net::ERR_ABORTED" and not self._is_away:
            self.faults.append(f"request failed: {request.url} {request.failure}")

    def _on_console(self, message: ConsoleMessage) -> None:
        unreached = self._is_away and "net::ERR_" in message.text
        if message.type in ("error", "warning") and not unreached:
            self.faults.append(f"console: {message.text} {message.location.get('url', '')}")
