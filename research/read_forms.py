"""The form of what a person wants read."""

from typing import Any

from django import forms
from django.core.validators import URLValidator

from research.cleaning import plain_text

MOST_CHARACTERS = 100_000


class ReadForm(forms.Form):
    """The address of a page, or a text: one of the two."""

    is_one_enough = True  # so neither of them is called optional
    url = forms.CharField(
        label="Address of the page",
        required=False,
        max_length=2000,
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text="An article that anybody can open. What is behind a sign-in we cannot see: paste its text.",
    )
    text = forms.CharField(
        label="Or paste the text",
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off"}),
    )
    title = forms.CharField(
        label="Headline of the text", required=False, max_length=500, help_text="Left empty, it is the first line."
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        url, text = cleaned.get("url"), cleaned.get("text", "")
        if not self.errors and bool(url) == bool(text):
            self.add_error(None, "Give an address or paste the text, not both." if url else "Give an address, or paste the text.")
        elif text and not plain_text(text):
            self.add_error("text", "There is nothing in it that a reader could see.")
        return cleaned
