"""The local mailbox: what the sink wrote, read as mail, and nothing of it where mail goes elsewhere."""

import os
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Path:
    settings.EMBEDDED = True
    settings.MAIL_DIR = tmp_path
    return tmp_path


def put(mailbox: Path, name: str, subject: str, html: str = "", at: int = 1_764_000_000) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Bellwether <alerts@b.example>", "alice@northlake.example"
    message["Message-ID"] = f"<{name}@b.example>"
    message.set_content(f"The text of {subject} at 4.1 % of NAV — “quoted”.")
    if html:
        message.add_alternative(html, subtype="html")
    (mailbox / name).write_bytes(bytes(message))
    os.utime(mailbox / name, (at, at))


def test_newest_first(client: Client, mailbox: Path) -> None:
    put(mailbox, "a.eml", "2317 TT +0.45: older", at=1_764_000_000)
    put(mailbox, "b.eml", "2317 TT +0.45: newer", at=1_764_000_060)
    page = client.get("/mail/").content.decode()
    assert page.index("+0.45: newer") < page.index("+0.45: older")
    assert 'href="b.eml/"' in page
    assert "alice@northlake.example" in page


def test_an_empty_box_says_so(client: Client, mailbox: Path) -> None:
    assert "No mail has been sent yet" in client.get("/mail/").content.decode()


def test_a_mail_with_its_headers_and_its_words(client: Client, mailbox: Path) -> None:
    put(mailbox, "a.eml", "<b>bold</b>", "<h1>Hello</h1><script>alert(1)</script>")
    page = client.get("/mail/a.eml/").content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "4.1 % of NAV — “quoted”" in page
    assert "&lt;a.eml@b.example&gt;" in page
    assert "alert(1)" not in page
    assert 'href="/mail/a.eml/html/"' in page


def test_its_html_is_shown_by_itself_and_may_do_nothing(client: Client, mailbox: Path) -> None:
    html = '<h1 style="color: red">Hello</h1><script>alert(1)</script>'
    put(mailbox, "a.eml", "Subject", html)
    response = client.get("/mail/a.eml/html/")
    assert html in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; sandbox")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"Content-Type: text/plain; charset=no-such\n\nwords", b"Subject: =?x?q?\n\nwords"]
)
def test_a_broken_mail_is_shown_as_far_as_it_goes(client: Client, mailbox: Path, raw: bytes) -> None:
    (mailbox / "broken.eml").write_bytes(raw)
    assert client.get("/mail/").status_code == 200
    assert client.get("/mail/broken.eml/").status_code == 200
    assert client.get("/mail/broken.eml/html/").status_code == 200


@pytest.mark.parametrize("name", ["gone.eml", "..eml", "%2e%2e%2fsecret.eml", "secret.txt", "a.eml%00"])
def test_nothing_but_mail_is_read(client: Client, mailbox: Path, name: str) -> None:
    (mailbox / "secret.txt").write_text("secret")
    (mailbox.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert client.get(f"/mail/{name}/").status_code == 404
    assert client.get(f"/mail/{name}/html/").status_code == 404


def test_elsewhere_there_is_no_such_page(client: Client, mailbox: Path, settings: Any) -> None:
    put(mailbox, "a.eml", "Private")
    settings.EMBEDDED = False
    assert client.get("/mail/").status_code == 404
    assert client.get("/mail/a.eml/").status_code == 404
    assert client.get("/mail/a.eml/html/").status_code == 404
