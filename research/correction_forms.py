"""The forms of corrections: a wrong company, a missing one, and what staff make of them."""

from collections.abc import Sequence
from typing import Any

from django import forms


class WrongForm(forms.Form):
    """`suggested` are words of the text that may tell why it is not the company."""

    context = forms.MultipleChoiceField(
        label="Words that tell so", required=False, widget=forms.CheckboxSelectMultiple, help_text="We learn from them."
    )
    note = forms.CharField(label="Note", required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, suggested: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["context"].choices = [(word, word) for word in suggested]  # type: ignore[attr-defined]
        if not suggested:
            del self.fields["context"]


class MissingForm(forms.Form):
    """`found` are companies as (slug, name) pairs."""

    company = forms.ChoiceField(label="Company", widget=forms.RadioSelect)
    words = forms.CharField(
        label="Words in the text", max_length=200, help_text="As they are written there: they name the company."
    )
    note = forms.CharField(label="Note", required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, found: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].choices = found  # type: ignore[attr-defined]


class VerdictForm(forms.Form):
    """What staff make of a correction: `words` are what the name learns, by blanks."""

    verdict = forms.ChoiceField(choices=[("accepted", ""), ("refused", "")])
    words = forms.CharField(required=False, max_length=300)
    needs_reason = forms.BooleanField(required=False)
