"""The form that adds a passkey. allauth's takes it for a second factor alone unless told otherwise: ours the other way round."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label="Its name", required=False, max_length=60, help_text="To tell it from others, such as “Laptop”.")
    passwordless = forms.BooleanField(
        label="Sign in with this alone, without a password",
        required=False,
        initial=True,
        help_text="The device then asks for a finger, face or PIN. Untick it for a security key that comes after the password.",
    )
