"""The people of the tests: Alice (analyst) and Bob (portfolio manager) of one firm; Charlie of another gets 404 everywhere."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import Firm, Membership, User
from accounts.scope import every_firm
from tests.make import make_firm, make_member


@dataclass(frozen=True)
class Cast:
    firm: Firm
    other_firm: Firm
    alice: User
    bob: User
    charlie: User


@pytest.fixture
def across_firms(db: None) -> Iterator[None]:
    """The test itself, but no request it makes, sees the rows of all firms."""
    with every_firm():
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    roles = Membership.Role
    with every_firm():
        firm, other_firm = make_firm("Northlake Capital"), make_firm("Harbour Partners")
        return Cast(
            firm=firm,
            other_firm=other_firm,
            alice=make_member(firm, roles.ANALYST, email="alice@northlake.example", name="Alice Ahn").user,
            bob=make_member(firm, roles.PORTFOLIO_MANAGER, email="bob@northlake.example", name="Bob Bauer").user,
            # With every right in his own firm, so that no refusal is owed to his role.
            charlie=make_member(other_firm, roles.ADMINISTRATOR, email="charlie@harbour.example", name="Charlie Cole").user,
        )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def just_signed_in(user: User) -> Client:
    """And with the password given again a moment ago: what asks for that before it opens, opens."""
    client = signed_in(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


@pytest.fixture
def alice_client(cast: Cast) -> Client:
    return signed_in(cast.alice)


@pytest.fixture
def bob_client(cast: Cast) -> Client:
    return signed_in(cast.bob)


@pytest.fixture
def charlie_client(cast: Cast) -> Client:
    return signed_in(cast.charlie)
