"""Glyphs and number formats for templates."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.template import Library
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portfolios import bars, formats, glyphs, icons

register = Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(glyphs.logo, name="logo")
register.simple_tag(glyphs.weight_bar, name="weight_bar")
register.simple_tag(bars.share_bar, name="share_bar")
register.simple_tag(glyphs.ticker, name="ticker")
register.simple_tag(glyphs.effect, name="effect")
register.simple_tag(glyphs.triangle, name="triangle")
register.simple_tag(glyphs.change, name="change")

register.filter("tone", glyphs.tone)
register.filter("signed", formats.signed)
register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("quantity", formats.quantity)
register.filter("compact_money", formats.compact_money)
register.filter("duration", formats.duration)


@register.filter
def age(then: datetime | None) -> str:
    """How long ago, or the date, in the reader's time zone."""
    return formats.age(then, timezone.localtime())


@register.simple_tag
def moment(at: datetime | date | None, form: str = "age", *, zone: str = "") -> SafeString | str:
    """The time element: what it says is short, its title is the time in full, and its attribute is for machines.

    Forms: age, clock, stamp, exact, date (see formats.moment), in the reader's time zone or in `zone`, an IANA name. A date
    without a time is that date in any form. Null is n/a.
    """
    if at is None:
        return formats.NOT_AVAILABLE
    element = '<time datetime="{}" title="{}">{}</time>'
    if not isinstance(at, datetime):
        return format_html(element, at.isoformat(), f"{at:%A} {formats.day(at)}", formats.day(at))
    now = timezone.localtime(timezone=ZoneInfo(zone) if zone else None)
    said = formats.moment(at, form, now)
    return format_html(element, formats.machine_time(at), formats.in_full(at.astimezone(now.tzinfo)), said)


@register.filter
def city(zone: str) -> str:
    """America/New_York is New York to its people."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.simple_tag
def lollipop(score: float | None, width: int = 60) -> SafeString:
    return glyphs.lollipop(score, width)
