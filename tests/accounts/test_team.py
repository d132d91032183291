"""The people of a firm: administrators see, invite and withdraw; nobody else does."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.invitations import invite, path_of
from accounts.models import Invitation, Membership, OutgoingMail
from accounts.scope import every_firm
from accounts.team import MOST_A_DAY
from tests.cast import Cast, signed_in
from tests.make import make_member

pytestmark = pytest.mark.django_db
NEW = {"email": "dana@northlake.example", "name": "Dana", "role": "analyst"}


@pytest.fixture
def administrator(cast: Cast) -> Client:
    with every_firm():
        return signed_in(make_member(cast.firm, Membership.Role.ADMINISTRATOR, name="Ann Admin").user)


def open_invitations() -> list[str]:
    with every_firm():
        return list(Invitation.objects.filter(accepted_at=None).values_list("email", flat=True))


def test_an_administrator_invites_and_sees_who_was_invited(administrator: Client, cast: Cast, client: Client) -> None:
    assert administrator.post(reverse("accounts:team"), NEW)["Location"] == reverse("accounts:team")
    page = administrator.get(reverse("accounts:team")).content.decode()
    for shown in ("Alice Ahn", "Bob Bauer", "Ann Admin", NEW["email"]):
        assert shown in page
    assert "Charlie" not in page
    assert OutgoingMail.objects.get().to == NEW["email"]
    with every_firm():
        link = path_of(Invitation.objects.get())
    assert "Ann Admin invites" in client.get(link).content.decode()


def test_a_withdrawn_invitation_lets_nobody_in(administrator: Client, cast: Cast, client: Client) -> None:
    with every_firm():
        invitation = invite(cast.firm, NEW["email"], NEW["role"], cast.bob)
    link = path_of(invitation)
    administrator.post(reverse("accounts:withdraw", kwargs={"pk": invitation.pk}))
    assert open_invitations() == []
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "alice@northlake.example"}, "belongs to Northlake Capital already"),
        ({"email": "not-an-address"}, "valid email"),
        ({"email": f"{'a' * 60}@{('b' * 60 + '.') * 4}com"}, "at most 254"),
        ({"role": "visitor"}, "Select a valid choice"),
        ({"role": "owner"}, "Select a valid choice"),
    ],
)
def test_who_cannot_be_invited(administrator: Client, change: dict[str, Any], said: str) -> None:
    response = administrator.post(reverse("accounts:team"), NEW | change)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert open_invitations() == []


def test_no_more_than_so_many_a_day(administrator: Client) -> None:
    answers = [
        administrator.post(reverse("accounts:team"), NEW | {"email": f"p{number}@northlake.example"}).status_code
        for number in range(MOST_A_DAY + 1)
    ]
    assert answers == [302] * MOST_A_DAY + [422]
    assert len(open_invitations()) == MOST_A_DAY


def test_other_roles_neither_see_nor_invite(cast: Cast, bob_client: Client) -> None:
    with every_firm():
        invitation = invite(cast.firm, NEW["email"], NEW["role"], cast.alice)
    assert bob_client.get(reverse("accounts:team")).status_code == 403
    assert bob_client.post(reverse("accounts:team"), NEW | {"email": "x@northlake.example"}).status_code == 403
    assert bob_client.post(reverse("accounts:withdraw", kwargs={"pk": invitation.pk})).status_code == 403
    assert open_invitations() == [NEW["email"]]
