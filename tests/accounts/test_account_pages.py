"""The pages of an account: each is ours, in our frame, whoever opens it."""

from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests import html
from tests.cast import Cast, just_signed_in
from tests.make import PASSWORD

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OURS = Path(settings.BASE_DIR) / "templates"
FRAMES = ('class="c-entrance"', 'class="c-shell"')
VISITORS = ("account_login", "account_reset_password", "account_reset_password_done", "account_inactive", "account_signup")
OWNERS = (
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "account_logout",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_generate_recovery_codes",
)


def look(response: Any, frame: str = "", status: int = 200) -> str:
    """The page, which is whole and of our own templates: those of allauth only name what they extend, or start a script."""
    assert response.status_code == status
    page: str = response.content.decode()
    assert html.faults(page) == []
    assert [frame for frame in FRAMES if frame in page], "no frame of ours"
    assert frame in page
    used = {Path(str(template.origin.name)) for template in response.templates if template.origin}
    foreign = {path.name for path in used if "allauth" in path.parts and OURS not in path.parents}
    assert {name for name in foreign if not name.startswith("base")} <= {"entrance.html", "login_script.html"}
    return page


@pytest.fixture
def guarded(cast: Cast) -> User:
    """Somebody with one of each second factor."""
    TOTP.activate(cast.alice, SECRET)
    RecoveryCodes.activate(cast.alice)
    for name, alone in (("Laptop <1>", True), ("Blue key", False)):
        credential = {"clientExtensionResults": {"credProps": {"rk": alone}}}
        Authenticator.objects.create(user=cast.alice, type="webauthn", data={"name": name, "credential": credential})
    return cast.alice


@pytest.mark.parametrize("name", VISITORS)
def test_pages_of_a_visitor(client: Client, name: str) -> None:
    look(client.get(reverse(name)), FRAMES[0])


@pytest.mark.parametrize("name", OWNERS)
def test_pages_of_somebody_with_a_password(cast: Cast, name: str) -> None:
    look(just_signed_in(cast.alice).get(reverse(name)))


def test_staff_without_a_firm_see_them_without_the_shell() -> None:
    user = User.objects.create_user("staff@bellwether.example", PASSWORD, is_staff=True)
    look(just_signed_in(user).get(reverse("mfa_index")), FRAMES[0])


def test_second_factors_are_named_and_led_to(guarded: User) -> None:
    client = just_signed_in(guarded)
    page = look(client.get(reverse("mfa_index")), FRAMES[1])
    for name in ("mfa_list_webauthn", "mfa_deactivate_totp", "mfa_view_recovery_codes", "account_email"):
        assert f'href="{reverse(name)}"' in page
    assert "10 of 10 left" in page
    keys = look(client.get(reverse("mfa_list_webauthn")), FRAMES[1])
    assert "Laptop &lt;1&gt;" in keys
    for key in Authenticator.objects.filter(type="webauthn"):
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            assert f'href="{reverse(name, args=[key.pk])}"' in keys
            look(client.get(reverse(name, args=[key.pk])), FRAMES[1])
    look(client.get(reverse("mfa_deactivate_totp")), FRAMES[1])
    look(client.get(reverse("mfa_reauthenticate")), FRAMES[0])


def test_a_key_is_renamed_and_removed(guarded: User) -> None:
    client = just_signed_in(guarded)
    [key, _] = Authenticator.objects.filter(type="webauthn").order_by("pk")
    assert client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Desk"}).status_code == 302
    assert "Desk" in look(client.get(reverse("mfa_list_webauthn")))
    assert client.post(reverse("mfa_remove_webauthn", args=[key.pk])).status_code == 302
    assert "The key is removed." in look(client.get(reverse("mfa_list_webauthn")))


def test_recovery_codes_are_shown_and_made_anew(guarded: User) -> None:
    client = just_signed_in(guarded)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    page = look(client.get(reverse("mfa_view_recovery_codes")), FRAMES[1])
    assert all(f"<li>{code}</li>" in page for code in codes)
    assert client.post(reverse("mfa_generate_recovery_codes")).status_code == 302
    assert not [code for code in codes if code in look(client.get(reverse("mfa_view_recovery_codes")))]


def test_the_second_step_of_a_sign_in(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.alice, SECRET)
    client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD})
    assert "security key" not in look(client.get(reverse("mfa_authenticate")), FRAMES[0]), "there is none"
    assert "This code is not right" in look(client.post(reverse("mfa_authenticate"), {"code": "000000"}))


def test_addresses_offer_what_can_be_done_with_them(cast: Cast) -> None:
    client = just_signed_in(cast.alice)
    assert "action_send" not in (page := look(client.get(reverse("account_email"))))
    assert "action_remove" not in page
    client.post(reverse("account_email"), {"action_add": "", "email": "alice@home.example"})
    page = look(client.get(reverse("account_email")))
    assert "Not confirmed" in page
    assert all(name in page for name in ("action_primary", "action_send", "action_remove"))


def test_somebody_without_a_password_may_choose_one(cast: Cast) -> None:
    cast.alice.set_unusable_password()
    cast.alice.save()
    client = just_signed_in(cast.alice)
    assert reverse("account_set_password") in look(client.get(reverse("mfa_index")))
    look(client.get(reverse("account_set_password")), FRAMES[1])


def test_a_refused_sign_in_says_no_more_than_that(client: Client, cast: Cast) -> None:
    for address in (cast.alice.email, "nobody@northlake.example"):
        page = look(client.post(reverse("account_login"), {"login": address, "password": "wrong"}))
        assert "This email address and password do not belong together." in page


def test_too_many_attempts_have_a_page(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    for status in (302, 429):
        response = client.post(reverse("account_reset_password"), {"email": "nobody@northlake.example"})
        assert response.status_code == status
    assert "Too many attempts" in look(response, FRAMES[0], 429)


def test_an_address_there_is_not_and_a_link_that_is_over(client: Client) -> None:
    look(client.get("/nowhere/"), FRAMES[0], 404)
    used = look(client.get(reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "none"})), FRAMES[0])
    assert "This link no longer works" in used
