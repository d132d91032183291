"""Second factors: what they store, and when a person must show once more that it is them."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from accounts.second_factors import SecondFactorAdapter
from tests.cast import Cast, signed_in
from tests.make import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OLD, NEW = "an-old-key-" * 6, "a-new-key-" * 6
SENSITIVE = ("account_email", "mfa_activate_totp", "mfa_add_webauthn")


def code() -> str:
    [counter] = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(SECRET, counter)))


def reauthenticated(client: Client) -> Client:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_what_is_stored_is_not_the_secret_and_differs_each_time() -> None:
    adapter = SecondFactorAdapter()
    first, second = adapter.encrypt(SECRET), adapter.encrypt(SECRET)
    assert SECRET not in first
    assert first != second
    assert adapter.decrypt(first) == adapter.decrypt(second) == SECRET


def test_a_new_secret_key_still_reads_what_an_old_one_wrote(settings: Settings) -> None:
    adapter = SecondFactorAdapter()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    stored = adapter.encrypt(SECRET)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert adapter.decrypt(stored) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        adapter.decrypt(stored)


def test_secrets_of_second_factors_are_encrypted_at_rest(cast: Cast) -> None:
    TOTP.activate(cast.alice, SECRET)
    codes = RecoveryCodes.activate(cast.alice).generate_codes()
    rows = {row.type: row for row in Authenticator.objects.all()}
    assert SECRET not in json.dumps(rows["totp"].data)
    seed = rows["recovery_codes"].data["seed"]
    assert len(SecondFactorAdapter().decrypt(seed)) == 80
    assert SecondFactorAdapter().decrypt(seed) not in json.dumps(rows["recovery_codes"].data)
    assert not set(codes) & set(json.dumps(rows["recovery_codes"].data).split('"'))


def test_signing_in_asks_for_the_code_and_takes_it_once(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.alice, SECRET)
    login = {"login": cast.alice.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), login)["Location"] == reverse("mfa_authenticate")
    assert client.get("/today/").status_code == 302, "half a sign-in opens nothing"
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    now = code()
    assert client.post(reverse("mfa_authenticate"), {"code": now})["Location"] == reverse("alerts:today")
    other = Client()
    other.post(reverse("account_login"), login)
    assert other.post(reverse("mfa_authenticate"), {"code": now}).status_code == 200, "the same code again"
    assert "_auth_user_id" not in other.session


def test_a_recovery_code_signs_in_once(cast: Cast) -> None:
    TOTP.activate(cast.alice, SECRET)
    spare = RecoveryCodes.activate(cast.alice).generate_codes()[0]
    answers = []
    for _ in range(2):
        client = Client()
        client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD})
        answers.append(client.post(reverse("mfa_authenticate"), {"code": spare}).status_code)
    assert answers == [302, 200]


@pytest.mark.parametrize("name", SENSITIVE)
def test_what_could_take_an_account_over_asks_for_the_password_again(client: Client, cast: Cast, name: str) -> None:
    client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD})
    before = client.post(reverse(name), {"action_add": "", "email": "eve@evil.example"})
    assert before["Location"].startswith(reverse("account_reauthenticate"))
    assert reauthenticated(client).get(reverse(name)).status_code == 200


def test_a_new_password_ends_the_other_sessions(cast: Cast) -> None:
    here, elsewhere = signed_in(cast.alice), signed_in(cast.alice)
    fields = {"oldpassword": PASSWORD, "password1": "quartz-otter-88-lamp", "password2": "quartz-otter-88-lamp"}
    assert here.post(reverse("account_change_password"), fields).status_code == 302
    assert User.objects.get(pk=cast.alice.pk).check_password("quartz-otter-88-lamp")
    assert here.get("/today/").status_code == 200
    assert elsewhere.get("/today/").status_code == 302
    assert Session.objects.exists()


def test_passkeys_are_offered_under_our_name(client: Client, cast: Cast) -> None:
    client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD})
    page = reauthenticated(client).get(reverse("mfa_add_webauthn"))
    options = page.context["js_data"]["creation_options"]["publicKey"]
    assert options["rp"] == {"id": "testserver", "name": "Bellwether"}
    assert options["user"]["name"] == cast.alice.email
