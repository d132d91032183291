"""The forms for a new password, with labels in our own words: allauth shows each as the placeholder too."""

from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm

AGAIN = "New password, again"


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    oldpassword = PasswordField(label="Current password", autocomplete="current-password")
    password1 = SetPasswordField(label="New password")
    password2 = PasswordField(label=AGAIN, autocomplete="new-password")


class NewPasswordByLinkForm(ResetPasswordKeyForm):  # type: ignore[misc]
    password1 = SetPasswordField(label="New password")
    password2 = PasswordField(label=AGAIN, autocomplete="new-password")
