"""Passkeys as people use them: an invited person joins with one, signs in with it, and shows it again for what is sensitive."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from accounts.invitations import invite, path_of
from accounts.models import Membership, User
from accounts.scope import every_firm
from tests.browser.conftest import Visit
from tests.cast import Cast
from tests.make import PASSWORD
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
INVITED = "dana@northlake.example"


def add_authenticator(page: Page) -> CDPSession:
    """A device of the browser's own that keeps passkeys, and whose user always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools


def test_joining_and_signing_in_with_a_passkey(web: Stack, visit: Visit, cast: Cast) -> None:
    with every_firm():
        link = path_of(invite(cast.firm, INVITED, Membership.Role.ANALYST, cast.bob, "Dana"))
    # A passkey belongs to a name, and an address of numbers is none.
    dana = visit(web.url.replace("127.0.0.1", "localhost"))
    page = dana.page
    add_authenticator(page)
    dana.open(link)
    page.get_by_label("Your name").fill("Dana Diaz")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/accounts/2fa/webauthn/add/")  # loaded, not only arrived at: the button does nothing before its script
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/**")
    dana.open("/today/")
    assert not User.objects.get(email=INVITED).has_usable_password()

    page.locator("summary", has_text="Account").click()
    page.get_by_role("button", name="Sign out").click()
    dana.open("/accounts/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url("**/today/")

    dana.open("/accounts/2fa/webauthn/add/")
    page.wait_for_url("**/accounts/**reauthenticate/**")
    page.locator("#mfa_webauthn_reauthenticate").click()
    page.wait_for_url("**/accounts/2fa/webauthn/add/")

    # With a password as well, the key is the second step after it.
    dana.open("/accounts/password/set/")
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    page.locator("summary", has_text="Account").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    dana.open("/accounts/login/")
    page.get_by_label("Email").fill(INVITED)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/accounts/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url("**/today/")
    dana.open("/accounts/2fa/webauthn/")
    expect(page.locator(".c-settings")).to_contain_text("last used")
