"""What every page is built of: each component gives the markup of the style sheets, and nothing that is put into it breaks out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template import engines
from django.utils import timezone

AT = datetime(2025, 11, 20, 14, 31, 27, tzinfo=UTC)


def rendered(text: str, **context: Any) -> str:
    """The template in one line, with one space where there is any."""
    words = engines["django"].from_string("{% load glyphs %}" + text).render(context).split()
    return " ".join(words).replace("> <", "><")


# --- Times.


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ('{% moment at "clock" %}', "15:31"),
        ('{% moment at "stamp" %}', "15:31, 20 Nov 2025"),
        ('{% moment at "date" %}', "20 Nov 2025"),
        ("{% moment at %}", "20 Nov 2025"),
    ],
)
def test_a_time_has_one_element(tag: str, text: str) -> None:
    with timezone.override("Europe/Paris"):
        said = rendered(tag, at=AT)
    title = "Thu 20 Nov 2025, 15:31:27 CET (UTC+01:00)"
    assert said == f'<time datetime="2025-11-20T14:31:27Z" title="{title}">{text}</time>'


def test_a_time_in_a_zone_of_its_own() -> None:
    assert ">22:31</time>" in rendered('{% moment at "clock" zone="Asia/Taipei" %}', at=AT)


def test_a_date_without_a_time_is_of_no_zone() -> None:
    said = rendered("{% moment at %}", at=date(2025, 11, 20))
    assert said == '<time datetime="2025-11-20" title="Thursday 20 Nov 2025">20 Nov 2025</time>'


def test_no_time_is_not_available() -> None:
    assert rendered("{% moment at %}", at=None) == "n/a"
