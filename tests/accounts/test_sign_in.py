"""Where people land when they sign in."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.scope import every_firm
from tests.cast import Cast
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def landing(client: Client, user: User) -> str:
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return answer.headers["Location"]


def test_a_member_lands_on_today(client: Client, cast: Cast) -> None:
    assert landing(client, cast.alice) == reverse("alerts:today")


def test_staff_without_a_firm_land_on_the_administration_pages(client: Client) -> None:
    with every_firm():
        operator = make_user(is_staff=True)
    assert landing(client, operator) == reverse("admin:index")


def test_a_sign_in_starts_the_sample_feed_of_a_sample_firm_once(client: Client, cast: Cast) -> None:
    cast.firm.is_sample = True
    cast.firm.save()
    landing(client, cast.alice)
    cast.firm.refresh_from_db()
    started_at = cast.firm.sample_started_at
    assert started_at is not None
    landing(Client(), cast.bob)
    cast.firm.refresh_from_db()
    assert cast.firm.sample_started_at == started_at
