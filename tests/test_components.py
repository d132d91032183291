"""What pages are built of: each component gives the markup of the style sheets, and nothing that is put into it breaks out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.utils import timezone
from django_cotton.compiler_regex import CottonCompiler

AT = datetime(2025, 11, 20, 14, 31, 27, tzinfo=UTC)


def rendered(text: str, **context: Any) -> str:
    """The template in one line, with one space where there is any."""
    # A template from a file comes through the loader, which does this.
    compiled = CottonCompiler().process("{% load glyphs %}" + text)
    words = engines["django"].from_string(compiled).render(context).split()
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


# --- Components.


class OneField(forms.Form):
    name = forms.CharField(help_text="As on the door.")
    agree = forms.BooleanField(label="Agreed")


HOSTILE, ESCAPED = "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("<c-tag>{{ said }}</c-tag>", '<span class="c-tag" >&lt;script&gt;x&lt;/script&gt;</span>'),
        ('<c-tag kind="warn">Sample</c-tag>', '<span class="c-tag c-tag--warn" >Sample</span>'),
        (
            '<c-empty hidden="hidden">{{ said }}</c-empty>',
            '<div class="c-empty" hidden="hidden">&lt;script&gt;x&lt;/script&gt;</div>',
        ),
        (
            '<c-note kind="warn" role="alert">{{ said }}</c-note>',
            '<div class="c-note c-note--warn" role="alert"><span>&lt;script&gt;x&lt;/script&gt;</span></div>',
        ),
        (
            '<c-button type="submit" id="{{ said }}" size="small">{{ said }}</c-button>',
            f'<button class="c-btn c-btn--small" type="submit" id="{ESCAPED}">{ESCAPED}</button>',
        ),
        (
            '<c-button href="/x/?a={{ said }}" variant="primary" download>Get</c-button>',
            f'<a class="c-btn c-btn--primary" href="/x/?a={ESCAPED}" download>Get</a>',
        ),
    ],
)
def test_a_component_gives_its_markup_and_escapes_what_is_put_in(text: str, markup: str) -> None:
    assert rendered(text, said=HOSTILE) == markup


def test_a_component_takes_nothing_that_the_page_around_calls_alike() -> None:
    page = '<c-button icon="plus">New</c-button><c-button>Plain</c-button><c-tag>Word</c-tag><c-note>Line</c-note>'
    odd = dict.fromkeys(("href", "variant", "size", "icon", "kind"), "odd")
    first, rest = rendered(page, **odd).split("</button>", 1)
    assert first.startswith('<button class="c-btn" ><svg class="c-icon"')
    assert rest == (
        '<button class="c-btn" >Plain</button><span class="c-tag" >Word</span><div class="c-note" ><span>Line</span></div>'
    )


def test_a_panel_is_named_by_its_heading() -> None:
    markup = rendered('<c-panel title="{{ said }}" id="x-title"><c-slot name="aside">12</c-slot>Body</c-panel>', said=HOSTILE)
    assert 'aria-labelledby="x-title"' in markup
    assert '<h2 id="x-title">&lt;script&gt;x&lt;/script&gt;</h2>' in markup
    assert '<div class="c-panel__aside">12</div>' in markup


def test_a_form_shows_its_fields_with_hints_and_errors() -> None:
    form = OneField({"name": HOSTILE})
    form.add_error(None, "Nothing was stored.")
    markup = rendered('<c-fields :form="form" />', form=form)
    assert '<div class="c-note c-note--warn" role="alert">' in markup
    assert "Nothing was stored." in markup
    assert "&lt;script&gt;x" in markup
    assert "<script" not in markup
    assert 'id="id_name_helptext">As on the door.' in markup
    assert "This field is required." in markup
    assert "c-field--check" in markup


def test_components_and_partials_live_in_one_template() -> None:
    page = "{% partialdef row %}<c-tag>{{ said }}</c-tag>{% endpartialdef %}{% partial row %}"
    assert rendered(page, said="x") == '<span class="c-tag" >x</span>'
