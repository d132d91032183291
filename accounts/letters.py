"""A mail from its templates, emails/<kind>.subject.txt, .txt and .mjml, and the message made of it.

Values are escaped in the MJML and in no text part, so a template needs to do neither. MJML becomes tables that old mail programs
read; it is compiled in the process, by `mrml`, in less than a millisecond.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any
from uuid import UUID

import mrml
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine

PRODUCT = "Bellwether"
LONGEST_SUBJECT = 150
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # MJML is XML, and people may type anything


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def write(kind: str, context: Mapping[str, Any]) -> Letter:
    """What a mail of that kind says. Templates see the context, `base_url`, `product` and, but for itself, the `subject`."""
    known = {"base_url": settings.BASE_URL, "product": PRODUCT, **context}
    known["subject"] = subject = one_line(_fill(f"{kind}.subject.txt", known, escaped=False))
    source = NOT_IN_XML.sub(" ", _fill(f"{kind}.mjml", known, escaped=True))
    # Without these options it would ask Google for fonts, from the reader's mail program.
    html = mrml.to_html(source, render_options=mrml.RenderOptions(disable_comments=True, fonts={})).content
    return Letter(subject, _fill(f"{kind}.txt", known, escaped=False).strip() + "\n", html)


def _fill(name: str, context: Mapping[str, Any], *, escaped: bool) -> str:
    return Engine.get_default().get_template(f"emails/{name}").render(Context(dict(context), autoescape=escaped))


def message(letter: Letter, key: UUID, to: str, *, name: str = "", reply_to: str = "") -> EmailMultiAlternatives:
    """The letter to one person. Its Message-ID is the key: a second copy shows as one."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    made = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[str(Address(one_line(name), addr_spec=to)) if name else to],
        reply_to=[reply_to] if reply_to else None,
        headers={"Message-ID": f"<{key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    if letter.html:
        made.attach_alternative(letter.html, "text/html")
    return made


def one_line(text: str) -> str:
    """The text as one line of a header: nothing invisible, and not longer than mail programs show."""
    seen = (" " if not character.isprintable() else character for character in text if unicodedata.category(character) != "Cf")
    line = " ".join("".join(seen).split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"
