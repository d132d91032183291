from django.template import Library

from research.preview import preview

register = Library()

register.simple_tag(preview, name="sample_preview")
