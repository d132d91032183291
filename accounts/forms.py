"""The form by which a visitor asks for a demo. What they wrote is kept whatever is wrong with it."""

import re
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.html import format_html

from accounts.mailbox import mailbox_key
from accounts.models import DemoRequest

SALT = "demo-request"
FASTEST_SECONDS = 2
LONGEST_SECONDS = 24 * 3600
LONGEST_EMAIL = 254  # an international domain grows in its ASCII form
ONE_LINE = ("name", "firm_name", "role", "holds")

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,200}")
# An address at a domain, that any mail program takes: no quoted words, no bare computer, no number instead of a name.
WORK_EMAIL = re.compile(r"""[^\s"<>()\[\],;:\\]+@[^\s\[\]]+\.[^\s\[\]]+""")


def opened_now() -> str:
    """A signed mark of when the form was shown."""
    return signing.TimestampSigner(salt=SALT).sign("shown")


class StoryField(forms.CharField):
    """The address of the published story they came from. One that cannot be is left out: it is none of the visitor's doing."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> str:
        return value if isinstance(value, str) and SLUG.fullmatch(value) else ""


class DemoForm(forms.ModelForm[DemoRequest]):
    role = forms.CharField(max_length=80, label="Role", widget=forms.TextInput(attrs={"autocomplete": "organization-title"}))
    about = StoryField(required=False)
    consent = forms.BooleanField(
        label="You may keep these details to arrange the demo",
        error_messages={"required": "Without this we may not store your request."},
        help_text=lazy(format_html, str)(
            'How we keep them, and for how long: <a class="u-link" href="{}">Privacy</a>', reverse_lazy("accounts:privacy")
        ),
    )
    # No person sees or fills this one: programs that fill in everything do.
    reference = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False, initial=opened_now)

    field_order = ("name", "firm_name", "email", "role", "holds", "note", "consent", "reference", "about", "opened")

    class Meta:
        model = DemoRequest
        fields: ClassVar[list[str]] = ["name", "firm_name", "email", "role", "holds", "note", "about"]
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
            "note": forms.Textarea(attrs={"rows": 4}),
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        key = mailbox_key(email)
        if not WORK_EMAIL.fullmatch(email) or not key.isascii() or len(key) > LONGEST_EMAIL:
            raise forms.ValidationError("Enter an address that others can write to, such as name@firm.com.")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ONE_LINE:
            cleaned[name] = " ".join(cleaned.get(name, "").split())
        if problem := _too_fast_or_too_old(cleaned.get("opened") or ""):
            self.add_error(None, problem)
            self.start_again()
        return cleaned

    def start_again(self) -> None:
        """Shown again, it is a new form: what was typed stays, and its clock starts again."""
        self.data = {**dict(self.data.items()), "opened": opened_now()}

    @property
    def is_from_a_program(self) -> bool:
        """Of a valid form: the field that no person sees was filled in."""
        return bool(self.cleaned_data["reference"])


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
