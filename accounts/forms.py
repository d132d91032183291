"""The form by which a visitor asks for a demo. What they wrote is kept whatever is wrong with it."""

from typing import Any, ClassVar

from django import forms
from django.core import signing

from accounts.models import DemoRequest

SALT = "demo-request"
FASTEST_SECONDS = 2
LONGEST_SECONDS = 24 * 3600


def opened_now() -> str:
    """A signed mark of when the form was shown."""
    return signing.TimestampSigner(salt=SALT).sign("shown")


class DemoForm(forms.ModelForm[DemoRequest]):
    consent = forms.BooleanField(label="You may keep these details to arrange the demo")
    # No person sees or fills this one: programs that fill in everything do.
    reference = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False, initial=opened_now)

    class Meta:
        model = DemoRequest
        fields: ClassVar[list[str]] = ["name", "firm_name", "email", "role", "holds", "note"]
        labels: ClassVar[dict[str, str]] = {
            "name": "Full name",
            "firm_name": "Firm",
            "email": "Work email",
            "holds": "What you hold",
            "note": "What would you like to see?",
        }
        help_texts: ClassVar[dict[str, str]] = {"holds": "Markets, number of positions, assets managed: as you like."}
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "firm_name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "role": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "note": forms.Textarea(attrs={"rows": 4}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reference"):
            self.add_error(None, "Please clear the field “Leave this empty”: what fills it is usually a program.")
        if problem := _too_fast_or_too_old(cleaned.get("opened") or ""):
            self.add_error(None, problem)
            # Shown again, it is a new form: what was typed stays, and its clock starts again.
            self.data = {**dict(self.data.items()), "opened": opened_now()}
        return cleaned


def _too_fast_or_too_old(opened: str) -> str:
    """What is wrong with the form's age, or nothing."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        signer.unsign(opened, max_age=LONGEST_SECONDS)
    except signing.BadSignature:
        return "This form was open for very long. Nothing was sent yet: please send it again."
    try:
        signer.unsign(opened, max_age=FASTEST_SECONDS)
    except signing.SignatureExpired:
        return ""
    return "That was too quick for us to believe a person typed it. Nothing was sent yet: please send it again."
