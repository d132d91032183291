"""The mail that went out from this machine, for reading: on embedded servers alone, where a sink writes it to files."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

MOST_LISTED = 200
NAME = re.compile(r"[\w.@=+-]+\.eml")
# A mail brings its own styles, and nothing else: no script runs, nothing is fetched, and it is of no origin.
HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True)
class Mail:
    """One stored mail. `html` is as it was sent: not to be put into a page."""

    id: str
    at: datetime
    subject: str
    sender: str
    to: str
    headers: list[tuple[str, str]]
    text: str
    html: str


def embedded_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def inner(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if not settings.EMBEDDED:
            raise Http404("Mail is shown here only on embedded servers.")
        return view(request, *args, **kwargs)

    return inner


@require_safe
@embedded_only
def inbox(request: HttpRequest) -> HttpResponse:
    files = sorted(settings.MAIL_DIR.glob("*.eml"), key=lambda file: (file.stat().st_mtime, file.name), reverse=True)
    return render(request, "mail/list.html", {"mails": [read_mail(file) for file in files[:MOST_LISTED]]})


@require_safe
@embedded_only
def message(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mail/message.html", {"mail": _named(name)})


@require_safe
@embedded_only
def message_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part, as a mail program shows it."""
    return HttpResponse(_named(name).html, headers={"Content-Security-Policy": HTML_POLICY})


def _named(name: str) -> Mail:
    file = settings.MAIL_DIR / name
    if not NAME.fullmatch(name) or not file.is_file():
        raise Http404("No such mail.")
    return read_mail(file)


def read_mail(file: Path) -> Mail:
    """A mail from its file, whatever is wrong with it."""
    parsed = message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default)
    return Mail(
        id=file.name,
        at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        subject=str(parsed["Subject"] or "(no subject)"),
        sender=str(parsed["From"] or ""),
        to=str(parsed["To"] or ""),
        headers=[(name, str(value)) for name, value in parsed.items()],
        text=_content(parsed.get_body(("plain",))),
        html=_content(parsed.get_body(("html",))),
    )


def _content(part: MIMEPart | None) -> str:
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
