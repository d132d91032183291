"""How often something may be done, counted by the database: exactly as often, however many try at once."""

import time
from datetime import timedelta

import pytest
from django.test import RequestFactory

from accounts.limits import allow, client_address, prune
from accounts.models import Limit
from tests.at_once import at_once

HOUR = timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_ten_pass() -> None:
    passed: list[bool] = []
    at_once(50, lambda _: passed.append(allow("test", "somebody", 10, HOUR)))
    assert (len(passed), sum(passed)) == (50, 10)


@pytest.mark.django_db
def test_everybody_and_everything_is_counted_apart() -> None:
    assert allow("test", "a", 1, HOUR)
    assert not allow("test", "a", 1, HOUR)
    assert allow("test", "b", 1, HOUR)
    assert allow("other", "a", 1, HOUR)


@pytest.mark.django_db
def test_a_window_ends_and_a_refused_try_does_not_prolong_it() -> None:
    window = timedelta(milliseconds=80)
    assert allow("test", "a", 1, window)
    ends = Limit.objects.get().ends_at
    assert not allow("test", "a", 1, window)
    assert Limit.objects.get().ends_at == ends
    time.sleep(0.1)
    assert allow("test", "a", 1, window)


@pytest.mark.django_db
def test_windows_that_ended_are_forgotten() -> None:
    allow("test", "old", 1, timedelta(seconds=-1))
    allow("test", "young", 1, HOUR)
    assert prune() == 1
    assert Limit.objects.get().key == "test:young"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.2.3.4", "192.0.2.7"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_of_what_a_client_says_of_itself_only_our_own_proxy_is_believed(
    settings: object, proxies: int, forwarded: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies  # type: ignore[attr-defined]
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address
