"""Invitations: who gets in by a link, who does not, and that it works once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.invitations import SIGNER, Refused, accept_as, accept_as_new, invite, path_of
from accounts.models import Invitation, Membership, OutgoingMail, User
from accounts.scope import every_firm, firm_scope
from tests.at_once import at_once
from tests.cast import Cast, signed_in
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "dana@northlake.example"
GOOD = {"name": "Dana Diaz", "password": "quartz-otter-88-lamp", "how": "password"}


@pytest.fixture
def invited(cast: Cast) -> Invitation:
    with every_firm():
        return invite(cast.firm, NEW, Membership.Role.ANALYST, cast.bob, "Dana")


def membership(email: str) -> Membership | None:
    with every_firm():
        return Membership.objects.filter(user__email=email).select_related("firm").first()


def of(invitation: Invitation) -> Invitation:
    with every_firm():
        return Invitation.objects.get(pk=invitation.pk)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_mail_has_the_link_and_says_who_invites(invited: Invitation) -> None:
    mail = OutgoingMail.objects.get(kind="invitation")
    assert mail.to == NEW
    assert "Northlake Capital" in mail.subject
    for part in (mail.text, mail.html):
        assert settings.BASE_URL + path_of(invited) in part
        assert "Bob Bauer" in part


def test_the_page_says_who_invites_to_what(client: Client, invited: Invitation) -> None:
    page = text(client.get(path_of(invited)))
    assert "Join Northlake Capital" in page
    assert f"Bob Bauer invites <strong>{NEW}</strong>" in page
    assert not User.objects.filter(email=NEW).exists(), "opening the link is not accepting"


def test_a_new_person_joins_with_a_password_and_lands_on_today(client: Client, cast: Cast, invited: Invitation) -> None:
    response = client.post(path_of(invited), GOOD)
    assert (response.status_code, response["Location"]) == (302, reverse("alerts:today"))
    assert client.get("/today/").status_code == 200
    joined = membership(NEW)
    assert joined is not None
    assert (joined.firm, joined.role, joined.user.name) == (cast.firm, "analyst", "Dana Diaz")
    assert joined.user.check_password(GOOD["password"])
    assert EmailAddress.objects.filter(user=joined.user, email=NEW, verified=True, primary=True).exists()
    used = of(invited)
    assert used.accepted_at is not None
    assert used.accepted_by == joined.user


def test_a_passkey_instead_goes_on_to_adding_one_without_asking_again(client: Client, invited: Invitation) -> None:
    response = client.post(path_of(invited), {"name": "Dana Diaz", "how": "passkey"})
    assert response["Location"] == reverse("mfa_add_webauthn")
    assert client.get(response["Location"]).status_code == 200
    assert not User.objects.get(email=NEW).has_usable_password()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "Dana Diaz"}, "Choose a password, or use a passkey"),
        ({"name": "Dana Diaz", "password": "short"}, "too short"),
        ({"name": "Dana Diaz", "password": "dana@northlake.example"}, "too similar"),
        ({"name": "", "password": GOOD["password"]}, "required"),
        ({"name": "", "how": "passkey"}, "required"),
    ],
)
def test_what_is_missing_is_said_and_nobody_joins(client: Client, invited: Invitation, sent: dict[str, str], said: str) -> None:
    response = client.post(path_of(invited), sent)
    assert response.status_code == 422
    assert said in text(response)
    assert not User.objects.filter(email=NEW).exists()
    assert of(invited).accepted_at is None


def test_fields_that_were_not_asked_for_change_nothing(client: Client, cast: Cast, invited: Invitation) -> None:
    wanted = {"role": "administrator", "firm": cast.other_firm.pk, "email": "x@x.example", "is_staff": "1", "is_superuser": "1"}
    client.post(path_of(invited), GOOD | wanted)
    joined = membership(NEW)
    assert joined is not None
    assert (joined.firm, joined.role) == (cast.firm, "analyst")
    assert not joined.user.is_staff
    assert not joined.user.is_superuser


def flipped(token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def used(invitation: Invitation) -> None:
    accept_as_new(token_of(invitation), "Dana", PASSWORD)


def expired(invitation: Invitation) -> None:
    with every_firm():
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def withdrawn(invitation: Invitation) -> None:
    with every_firm():
        Invitation.objects.get(pk=invitation.pk).delete()


def token_of(invitation: Invitation) -> str:
    return path_of(invitation).split("/")[2]


@pytest.mark.parametrize(
    ("happens", "status", "said"), [(used, 410, "used already"), (expired, 410, "too old"), (withdrawn, 410, "withdrawn")]
)
def test_a_link_whose_time_is_over_lets_nobody_in(
    client: Client, invited: Invitation, happens: Any, status: int, said: str
) -> None:
    happens(invited)
    people = User.objects.count()
    for response in (client.get(path_of(invited)), client.post(path_of(invited), GOOD)):
        assert response.status_code == status
        assert said in text(response)
    assert User.objects.count() == people
    assert "_auth_user_id" not in client.session


def test_a_link_that_is_not_ours_lets_nobody_in(client: Client, invited: Invitation) -> None:
    payload = [invited.pk, invited.email]
    forged = [
        flipped(token_of(invited)),
        token_of(invited)[:-5],
        signing.Signer(salt="accounts.demo").sign_object(payload),
        signing.Signer().sign_object(payload),
        signing.Signer(key="guessed", salt=SIGNER.salt).sign_object(payload),
        SIGNER.sign_object([invited.pk, "eve@evil.example"]),
    ]
    for token in forged:
        response = client.post(reverse("accounts:invitation", kwargs={"token": token}), GOOD)
        assert response.status_code in (404, 410), token
    assert not User.objects.filter(email__in=[NEW, "eve@evil.example"]).exists()


def test_the_link_alone_does_not_sign_in_who_has_an_account(client: Client, invited: Invitation) -> None:
    make_user(NEW)
    page = text(client.get(path_of(invited)))
    assert f"/accounts/login/?next={path_of(invited)}" in page.replace("%3A", ":")
    response = client.post(path_of(invited), GOOD)
    assert response.status_code == 409
    assert "_auth_user_id" not in client.session
    assert User.objects.filter(email=NEW).count() == 1
    assert User.objects.get(email=NEW).check_password(PASSWORD), "its password is as it was"
    assert membership(NEW) is None


def test_who_has_an_account_signs_in_and_accepts(client: Client, cast: Cast, invited: Invitation) -> None:
    user = make_user(NEW)
    login = client.post(f"/accounts/login/?next={path_of(invited)}", {"login": NEW, "password": PASSWORD})
    assert login["Location"] == path_of(invited)
    assert f"Accept as {NEW}" in text(client.get(path_of(invited)))
    assert client.post(path_of(invited))["Location"] == reverse("alerts:today")
    joined = membership(NEW)
    assert joined is not None
    assert (joined.firm, joined.user) == (cast.firm, user)
    assert client.post(path_of(invited)).status_code == 410


def test_an_address_confirmed_as_a_second_one_counts_as_theirs(invited: Invitation) -> None:
    user = make_user("dana.private@mail.example")
    EmailAddress.objects.create(user=user, email=NEW, verified=True)
    with pytest.raises(Refused, match="There is an account"):
        accept_as_new(token_of(invited), "Dana", PASSWORD)
    accept_as(token_of(invited), user)
    assert membership(user.email) is not None


def test_somebody_else_signed_in_is_asked_to_sign_out(cast: Cast, invited: Invitation) -> None:
    charlie = signed_in(cast.charlie)
    assert "signed in as charlie@harbour.example" in text(charlie.get(path_of(invited)))
    assert charlie.post(path_of(invited), GOOD).status_code == 409
    assert not User.objects.filter(email=NEW).exists()
    with pytest.raises(Refused, match="somebody else"):
        accept_as(token_of(invited), cast.charlie)


def test_a_member_is_not_invited_again(cast: Cast) -> None:
    for email in (cast.alice.email, "ALICE@northlake.example"):
        with pytest.raises(Refused, match="Nobody was invited"), every_firm():
            invite(cast.firm, email, Membership.Role.ANALYST, cast.bob)
    assert not OutgoingMail.objects.exists()


def test_who_works_in_another_firm_hears_it_when_they_accept_and_nobody_else_does(cast: Cast) -> None:
    with firm_scope(cast.firm):
        sent = invite(cast.firm, cast.charlie.email, Membership.Role.ANALYST, cast.bob)
    response = signed_in(cast.charlie).post(path_of(sent))
    assert response.status_code == 409
    assert "you in Harbour Partners" in text(response)
    assert of(sent).accepted_at is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_account", [True, False])
def test_of_two_firms_that_invite_at_once_one_is_joined(cast: Cast, has_account: bool) -> None:
    with every_firm():
        user = make_user("dana@both.example") if has_account else None
        links = [path_of(invite(firm, "dana@both.example", "analyst", cast.bob)) for firm in (cast.firm, cast.other_firm)]
    clients = [signed_in(user) if user else Client() for _ in links]
    codes: list[int] = []

    def accept(number: int) -> None:
        codes.append(clients[number].post(links[number], {"name": "Dana", "password": PASSWORD}).status_code)

    at_once(2, accept)
    assert sorted(codes) == [302, 409]
    with every_firm():
        assert Membership.objects.filter(user__email="dana@both.example").count() == 1


def test_inviting_again_renews_the_one_invitation(cast: Cast, invited: Invitation) -> None:
    expired(invited)
    with every_firm():
        again = invite(cast.firm, NEW.upper(), Membership.Role.COMPLIANCE, cast.alice)
        assert again.pk == invited.pk
        assert Invitation.objects.get().role == "compliance"
    assert again.expires_at > timezone.now() + timedelta(days=6)
    assert OutgoingMail.objects.count() == 2
