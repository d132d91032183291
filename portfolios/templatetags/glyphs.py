"""Glyphs and number formats for templates."""

from datetime import datetime

from django.template import Library
from django.utils import timezone
from django.utils.safestring import SafeString

from portfolios import formats, glyphs, icons

register = Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(glyphs.logo, name="logo")
register.simple_tag(glyphs.weight_bar, name="weight_bar")
register.simple_tag(glyphs.ticker, name="ticker")
register.simple_tag(glyphs.effect, name="effect")

register.filter("tone", glyphs.tone)
register.filter("signed", formats.signed)
register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("quantity", formats.quantity)
register.filter("compact_money", formats.compact_money)


@register.filter
def age(then: datetime | None) -> str:
    """How long ago, or the date, in the reader's time zone."""
    return formats.age(then, timezone.localtime())


@register.filter
def city(zone: str) -> str:
    """America/New_York is New York to its people."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.simple_tag
def lollipop(score: float | None, width: int = 60) -> SafeString:
    return glyphs.lollipop(score, width)
