"""What the landing page shows of the published stories."""

from django.template import Library

from research.preview import preview

register = Library()

register.simple_tag(preview, name="published_preview")
