"""Every page as its HTML is: valid, whole in its references, and with nothing that the content policy refuses."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import product

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.scope import every_firm
from tests import html
from tests.browser.scene import make_scene
from tests.cast import Cast, just_signed_in
from tests.config.test_walls import OBJECTS, named_urls
from tests.estate import make_estate

pytestmark = pytest.mark.slow

PAGE = '<!doctype html><html lang="en"><head><title>x</title></head><body>{}</body></html>'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>a<div>b</div></p>", "a browser reads"),
        ("<p><b>a</p></b>", "closes"),
        ("<div>a", "not closed"),
        ("<form><form></form></form>", "a browser reads"),
        ('<a href="/x"><a href="/y">a</a></a>', "a browser reads"),
        ("<table><tr><td>1</td></tr></table>", "a browser reads"),
        ("<table><tbody><div>1</div></tbody></table>", "a browser reads"),
        ("<span><div>a</div></span>", "div in span"),
        ('<h2><a href="/x"><p>a</p></a></h2>', "p in h2"),
        ('<button><a href="/x">a</a></button>', "a in button"),
        ("<ul><p>a</p></ul>", "p in ul"),
        ("<div><li>a</li></div>", "li in div"),
        ('<p id="a" id="b">a</p>', "id twice"),
        ('<p id="a"></p><p id="a"></p>', "stands 2 times"),
        ('<label for="nobody">a</label>', "names 'nobody'"),
        ('<section aria-labelledby="a b"><p id="a">a</p></section>', "names 'b'"),
        ('<a href="#nowhere">a</a>', "#nowhere"),
        ("<h1>a</h1><h3>b</h3>", "h3 follows h1"),
        ('<p style="color:red">a</p>', "has style"),
        ('<p onclick="x()">a</p>', "has onclick"),
        ('<a href="javascript:x()">a</a>', "javascript:"),
        ("<script>x()</script>", "stands in the page"),
        ("<c-note>a</c-note>", "template syntax: <c-"),
        ("<p>{{ name }}</p>", "template syntax: {{"),
    ],
)
def test_a_fault_is_found(body: str, fault: str) -> None:
    found = html.faults(PAGE.format(body))
    assert [sentence for sentence in found if fault in sentence], found


@pytest.mark.parametrize(
    "body",
    [
        '<main id="main"><h1>A</h1><p>a <b>b</b><br>c</p><ul><li>a</li></ul><a href="#main">up</a></main>',
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
        '<svg viewBox="0 0 1 1"><linearGradient id="a"/><path d="M0 0"/><text>a</text></svg><template><p>a</p></template>',
        '<script type="application/ld+json">{"a": "<b>"}</script><script src="/x.js"></script>',
        '<form><label for="a">a</label><input id="a"><select><option>1</option></select></form>',
        '<ul><li><a href="/x"><h2>a</h2><p>b</p></a></li></ul>',
    ],
)
def test_a_good_page_has_none(body: str) -> None:
    assert html.faults(PAGE.format(body)) == []


def test_a_fragment_is_judged_as_one() -> None:
    assert html.faults("<li>a</li>") == []
    assert html.faults("<p>a<div>b</div></p>") != []


def addresses() -> Iterator[str]:
    """Every page that needs nothing filled in. Those of the administration are Django's own."""
    for name, _ in named_urls(get_resolver()):
        with suppress(NoReverseMatch):
            if not name.startswith("admin:"):
                yield reverse(name)


def faults(client: Client, method: str, url: str) -> list[str]:
    """What is wrong with the answer. A form is sent empty, so that its errors are looked at too; what it changes is undone."""
    client.raise_request_exception = False
    with transaction.atomic():
        response = getattr(client, method)(url)
        transaction.set_rollback(True)
    found = [f"answered {response.status_code}"] if response.status_code >= 500 else []
    if "html" in response.headers.get("Content-Type", ""):
        found += html.faults(response.text)
    return [f"{method} {url}: {fault}" for fault in found]


@pytest.fixture
def pages(cast: Cast) -> list[str]:
    """Addresses of all pages, with something on each that may have something."""
    with every_firm():
        estate = make_estate(cast.firm)
        scene = make_scene(cast)
    urls = [*addresses(), "/nowhere/"]
    urls += [reverse(name, kwargs=arguments(estate)) for name, arguments in OBJECTS.items()]
    urls += [story.get_absolute_url() for story in (scene.full, scene.quick, scene.calm, scene.unread, scene.failed)]
    urls += [scene.full.publication.get_absolute_url()]
    return urls + [reverse("portfolios:portfolio", args=[book.slug]) for book in (scene.book, scene.unpriced, scene.empty)]


@pytest.mark.parametrize("method", ["get", pytest.param("post", marks=pytest.mark.slow)])
def test_every_page_is_valid_and_has_nothing_inline(cast: Cast, pages: list[str], method: str) -> None:
    clients = [Client(), just_signed_in(cast.bob), just_signed_in(cast.charlie)]
    found = [fault for client, url in product(clients, pages) for fault in faults(client, method, url)]
    assert not found, "\n".join(found)
