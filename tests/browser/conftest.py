"""Chromium, and a web server of the product on the test's own database."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from accounts.models import User
from tests.browser.watched import Watched
from tests.cast import just_signed_in
from tests.stack import Stack, stack
from tools.chromium import chromium, find_chromium


class Visit(Protocol):
    """Opens a fresh browser profile on the server at this address, signed in as this person. Options are Playwright's."""

    def __call__(self, origin: str, user: User | None = None, **options: Any) -> Watched: ...


# Of the package and not of the session: Playwright keeps an event loop running in this thread, under which other tests could
# not run theirs, and Django takes its own calls for asynchronous ones.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("There is no Chromium on this machine.")
    with pytest.MonkeyPatch.context() as patch, chromium(path) as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield running


@pytest.fixture(scope="package")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web server alone: nothing arrives, nothing is sent."""
    with stack(tmp_path_factory.mktemp("web"), "web") as running:
        yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens pages; at the end none of them may have done what it must not."""
    opened: list[Watched] = []
    yield partial(_open, browser, opened)
    for watched in opened:
        watched.context.close()
    for watched in opened:
        watched.assert_no_faults()


def _open(browser: Browser, opened: list[Watched], origin: str, user: User | None = None, **options: Any) -> Watched:
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **options})
    if user:
        value = just_signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": origin}])
    opened.append(watched := Watched(context, origin))
    return watched
