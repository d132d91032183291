"""What the mails about somebody's account say, by the name that allauth gives each: all of them with the templates
emails/account.*, for they differ in a sentence and a button.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

IGNORE = "If this was not you, ignore this mail: nothing has changed."
ACT = "If this was not you, choose a new password at once, and tell your administrator."


@dataclass(frozen=True)
class AccountLetter:
    """`said` may name values of allauth's context in braces. `url` is the name of the address that the button leads to."""

    subject: str
    said: str
    then: str = ACT
    url: str = ""
    action: str = ""

    def context(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the templates are to know of this one, from allauth's context."""
        return {
            "subject_line": self.subject,
            "said": self.said.format_map(given),
            "then": self.then,
            "code": given.get("code", ""),
            "action_url": given.get(self.url, ""),
            "action_label": self.action,
            "happened_at": given.get("timestamp"),
            "address": given.get("ip", ""),
            "browser": given.get("user_agent", ""),
        }


_CONFIRM = AccountLetter(
    "Confirm your e-mail address",
    "Confirm that {email} is yours, so that it can be used to sign in.",
    "If you did not ask for this, ignore this mail: the address is then not used.",
    "activate_url",
    "Confirm this address",
)

LETTERS = {
    "account/email/password_reset_key": AccountLetter(
        "Choose a new password",
        "Somebody, most likely you, asked for a new password for {email}. Choose it on the page that this leads to. The link "
        "works once.",
        IGNORE,
        "password_reset_url",
        "Choose a new password",
    ),
    "account/email/unknown_account": AccountLetter(
        "There is no account for this address",
        "Somebody, most likely you, asked for a new password for {email}. No account has this address. Perhaps yours has "
        "another; people are invited by their firm's administrator.",
        "If this was not you, ignore this mail.",
    ),
    "account/email/account_already_exists": AccountLetter(
        "You already have an account",
        "Somebody, most likely you, tried to open an account for {email}, which has one already. If you forgot its password, "
        "choose a new one.",
        IGNORE,
        "password_reset_url",
        "Choose a new password",
    ),
    "account/email/email_confirmation": _CONFIRM,
    "account/email/email_confirmation_signup": _CONFIRM,
    "account/email/login_code": AccountLetter(
        "Your sign-in code", "Type this code into the page where you are signing in.", IGNORE
    ),
    "account/email/password_reset_code": AccountLetter(
        "Your code for a new password", "Type this code into the page where you asked for a new password.", IGNORE
    ),
    "account/email/email_confirm": AccountLetter("Your e-mail address is confirmed", "{email} was confirmed as yours."),
    "account/email/email_changed": AccountLetter(
        "Your e-mail address was changed", "The address of your account was changed from {from_email} to {to_email}."
    ),
    "account/email/email_deleted": AccountLetter(
        "An e-mail address was removed", "{deleted_email} was removed from your account."
    ),
    "account/email/password_changed": AccountLetter("Your password was changed", "The password of your account was changed."),
    "account/email/password_reset": AccountLetter(
        "Your password was changed", "A new password was chosen for your account, through a link that we sent to this address."
    ),
    "account/email/password_set": AccountLetter("Your account has a password", "A password was chosen for your account."),
    "mfa/email/totp_activated": AccountLetter(
        "An authenticator app was added", "Signing in to your account now asks for a code of your authenticator app."
    ),
    "mfa/email/totp_deactivated": AccountLetter(
        "The authenticator app was removed", "Signing in to your account no longer asks for a code of an authenticator app."
    ),
    "mfa/email/recovery_codes_generated": AccountLetter(
        "You have new recovery codes", "New recovery codes were made for your account. The earlier ones no longer work."
    ),
    "mfa/email/webauthn_added": AccountLetter(
        "A passkey or security key was added", "A passkey or security key was added to your account."
    ),
    "mfa/email/webauthn_removed": AccountLetter(
        "A passkey or security key was removed", "A passkey or security key was removed from your account."
    ),
}
