"""What all mails have in common, of every kind there is."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tools.mail_shots import SAMPLES, write

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "emails"
LARGEST = 30_000  # some mail programs cut what is beyond 100 kB
ADDRESSES = re.compile(r"https://desk\.example[^\s\"<)]*")


def test_every_kind_is_looked_at() -> None:
    kinds = {file.name.removesuffix(".mjml") for file in TEMPLATES.glob("*.mjml") if not file.name.startswith("_")}
    assert {kind for kind, _ in SAMPLES.values()} == kinds


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_words_with_and_without_html(name: str) -> None:
    letter = write(name)
    assert "\n" not in letter.subject
    assert len(letter.text) > 60
    for part in (letter.subject, letter.text, letter.html):
        assert not re.search(r"\{[{%#]|None|\bmj-(?!column|outlook)|!(?![a-z>\[-])", re.sub(r"(?s)<style.*?</style>", "", part))
    assert len(letter.html.encode()) < LARGEST
    # What the button opens is in the text part too.
    assert {link for link in ADDRESSES.findall(letter.html) if "#" not in link} <= set(ADDRESSES.findall(letter.text))


@pytest.mark.parametrize("name", SAMPLES)
def test_it_asks_nobody_for_anything(name: str) -> None:
    html = write(name).html
    assert not re.search(r"<(img|link|script|iframe|form)\b|url\(|@import|\bon[a-z]+=", html)
    assert 'name="color-scheme" content="light dark"' in html
    assert '<html lang="en"' in html
