"""Scores with their words: the glyphs of the shared look and the labels of the scale."""

from django.template import Library
from django.utils.safestring import SafeString

from portfolios import glyphs
from research.events import tags
from research.scoring import impact_word, sentiment_label

register = Library()

register.filter("sentiment_word", sentiment_label)
register.filter("impact_word", impact_word)
register.filter("event_tags", tags)
register.simple_tag(glyphs.pips, name="pips")


@register.simple_tag
def score(value: float | None, width: int = 60) -> SafeString:
    return glyphs.score(value, sentiment_label(value), width)


@register.simple_tag
def impact(value: float | None, width: int = 60) -> SafeString:
    return glyphs.impact(value, impact_word(value), width)


@register.simple_tag
def gauge(value: float | None, so_far: glyphs.SoFar | None = None) -> SafeString:
    return glyphs.gauge(value, sentiment_label(value), so_far)
