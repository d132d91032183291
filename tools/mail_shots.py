"""Pictures of every kind of mail, as narrow and as wide as mail programs show them, light and dark, with the text part beside.

python -m tools.mail_shots    # to var/shots/mail/
"""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import django
from playwright.sync_api import Browser

from accounts import letters
from accounts.account_letters import LETTERS
from tools.chromium import chromium, find_chromium

SHOTS = Path(__file__).resolve().parent.parent / "var" / "shots" / "mail"
WIDTHS = (320, 480, 640)
HEIGHT = 600
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DESK = "https://desk.example"
TOKEN = "InVzZXItMjAyNS0xMS0yMCI:1vM2xq:9mX2bQ8TgB0kq7w5cP3nL1hZ6yR4sU"
STORY = SimpleNamespace(title="OpenAI and Foxconn to co-design and manufacture AI data-center racks in the United States")
FIRM = SimpleNamespace(name="Northlake Capital", trial_ends_at=datetime(2025, 12, 20, tzinfo=UTC))
SUMMARY = (
    "Hon Hai will design AI data-center racks with OpenAI and build parts in the United States; the initial agreement does not "
    "include purchase commitments."
)
REQUEST = SimpleNamespace(
    pk=118,
    name="Ada Ito",
    firm_name="Ito & Partners “Asia” <Hardware>",
    email="ada@ito.example",
    role="Portfolio manager",
    holds="",
    about="",
    note="We hold Hon Hai, Quanta and Wistron.\nIs there an API?",
    is_duplicate=True,
    is_disposable=False,
)
# What the templates read of an alerts.presenting.AlertItem.
ITEM = {
    "alert": SimpleNamespace(rule_id=1204, analysis=SimpleNamespace(summary=SUMMARY)),
    "ticker": "2317",
    "venue": "TT",
    "company": "Hon Hai Precision Industry",
    "sentence": "You hold 4.1% of NAV in Asia hardware and AI, so this works in your favour.",
    "sentiment": 0.45,
    "sentiment_word": "moderately positive",
    "impact": 0.35,
    "impact_word": "moderate",
    "relevance": 96.0,
    "weight": 0.041,
    "rule": "Hardware, both ways",
    "rule_sentence": "sentiment beyond ±0.35 and market impact from 0.30, for positions of 1% of NAV or more",
    "correction": "Sentiment is now +0.05 (neutral), market impact 0.10 (low): the rule no longer holds.",
}
SHORT = {
    **ITEM,
    "ticker": "005930",
    "venue": "KS",
    "company": "Samsung Electronics Donaudampfschifffahrtsgesellschaft 三星電子",
    "sentence": "You are short 2.0% of NAV in Relative value, so this works against you.",
    "sentiment": -0.62,
    "sentiment_word": "strongly negative",
    "weight": -0.02,
    "corrected": True,
}
ORIGIN = {
    "timestamp": datetime(2025, 11, 20, 9, 31, tzinfo=UTC),
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
}


def _alert(*items: Mapping[str, Any], step: int = 1) -> dict[str, Any]:
    return {
        "delivery": SimpleNamespace(step=step),
        "step": SimpleNamespace(label="alert"),
        "story": STORY,
        "items": items,
        "firm": FIRM,
        "rules_url": f"{DESK}/rules/",
        "action_url": f"{DESK}/stories/2317/",
        "action_label": "Open the story",
    }


def _account(name: str, **context: Any) -> dict[str, Any]:
    return LETTERS[name].context({"email": "alice.ahn@northlake.example", **context})


# A name for the pictures: the kind, and what it is written from.
def _circuit(**fields: Any) -> dict[str, Any]:
    said = {
        "model": "gpt-4o-mini",
        "host": "api.openai.com",
        "reason": "HTTP 401 (invalid_api_key)",
        "remedy": "It does not take our key: give it another one (OPENAI_API_KEY).",
    }
    endpoint = SimpleNamespace(**said, **fields)
    return {"endpoint": endpoint, "action_url": f"{DESK}/today/", "action_label": "Open Bellwether"}


SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "alert": ("alert", _alert(ITEM)),
    "alert-of-two": ("alert", _alert({**ITEM, "provisional": True}, SHORT)),
    "correction": ("correction", _alert(ITEM, step=0)),
    "demo-confirm": ("demo_confirm", {"link": f"{DESK}/demo/confirm/{TOKEN}/", "days": 3}),
    "demo-notice": ("demo_notice", {"request": REQUEST, "page": f"{DESK}/admin/accounts/demorequest/118/change/"}),
    "budget": (
        "budget",
        {
            "limit": SimpleNamespace(standing="near"),
            "percent": "82%",
            "whose": "the budget of the installation",
            "period": "today",
            "amount": "$8.20 of $10.00",
            "until": date(2025, 11, 21),
            "page": f"{DESK}/costs/",
        },
    ),
    "model-stopped": ("model_circuit", _circuit(opened_at=datetime(2025, 11, 20, 14, 2, tzinfo=UTC))),
    "model-answers": ("model_circuit", _circuit(opened_at=None)),
    "invitation": (
        "invitation",
        {
            "invitation": SimpleNamespace(name="Ada Ito"),
            "by": SimpleNamespace(name="Sam Staff", email="sam@bellwether.example"),
            "firm": FIRM,
            "days": 7,
            "action_url": f"{DESK}/invitation/{TOKEN}/",
            "action_label": "Accept the invitation",
        },
    ),
    "new-password": ("account", _account("account/email/password_reset_key", password_reset_url=f"{DESK}/reset/{TOKEN}/")),
    "unknown-account": ("account", _account("account/email/unknown_account")),
    "password-changed": ("account", _account("account/email/password_changed", **ORIGIN)),
    "code": ("account", _account("account/email/login_code", code="83KX-42")),
}


def write(name: str) -> letters.Letter:
    """The sample of that name, as it would be sent. Django must be set up."""
    kind, context = SAMPLES[name]
    return letters.write(kind, context)


def shoot_mails(browser: Browser, folder: Path) -> None:
    """Pictures of all samples, and their text parts, into the folder as <name>-<width>-<theme>.png and <name>.txt."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page()
    for name in SAMPLES:
        letter = write(name)
        (folder / f"{name}.txt").write_text(f"Subject: {letter.subject}\n\n{letter.text}")
        page.set_content(letter.html)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    with chromium(path) as browser:
        shoot_mails(browser, SHOTS)
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS}")
