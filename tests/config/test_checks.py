"""`manage.py check --deploy` refuses what would break a promise in silence. Asked of real servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from config import checks, servers

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
A_KEY = "k7" * 30


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker of this module's own, as `up` starts it."""
    server = servers.valkey(tmp_path_factory.mktemp("var"), durable=True)
    server.spawn(subprocess.DEVNULL)
    server.wait_until_ready()
    yield server.urls["REDIS_URL"]
    server.stop()


def check_deploy(**environment: str) -> str:
    """What the command prints, of the bellwether checks alone."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env={**os.environ, "EMBEDDED": "0", "SECRET_KEY": A_KEY, "BASE_URL": "https://bellwether.example", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if "bellwether." in line or "Traceback" in line)


def test_a_proper_installation_passes(broker: str) -> None:
    assert check_deploy(REDIS_URL=broker) == ""


@pytest.mark.django_db
def test_the_tests_themselves_run_as_a_role_that_passes() -> None:
    assert checks.check_roles(None) == []


def test_an_owner_in_both_places_is_refused(broker: str) -> None:
    said = check_deploy(REDIS_URL=broker, DATABASE_URL=os.environ["DATABASE_OWNER_URL"])
    assert "bellwether.E001" in said
    assert "bellwether.E004" in said


def test_a_superuser_is_refused(broker: str) -> None:
    assert "bellwether.E003" in check_deploy(REDIS_URL=broker, DATABASE_URL=os.environ["TEST_SUPERUSER"])


@pytest.mark.django_db
def test_a_table_without_its_wall_is_named(owner: psycopg.Connection) -> None:
    owner.execute("ALTER TABLE alerts_alert NO FORCE ROW LEVEL SECURITY")
    try:
        found = checks.check_roles(None)
    finally:
        owner.execute("ALTER TABLE alerts_alert FORCE ROW LEVEL SECURITY")
    assert [(message.id, message.msg) for message in found] == [
        ("bellwether.E005", "Table alerts_alert has no wall between firms.")
    ]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("maxmemory-policy", "noeviction", []),
        ("maxmemory-policy", "allkeys-lru", ["bellwether.E007"]),
        ("appendonly", "no", ["bellwether.E008"]),
    ],
)
def test_a_broker_that_forgets_is_refused(settings: Any, broker: str, option: str, value: str, expected: list[str]) -> None:
    settings.REDIS_URL = broker
    connection = redis.Redis.from_url(broker)
    before = connection.config_get(option)[option] or ""
    connection.config_set(option, value)
    try:
        assert ids(checks.check_broker(None)) == expected
    finally:
        connection.config_set(option, before)
        connection.close()


def test_a_broker_that_is_down_is_said_to_be(settings: Any, free_port: int) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port}/0"
    assert ids(checks.check_broker(None)) == ["bellwether.E006"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"DEBUG": True}, ["bellwether.E009"]),
        ({"SECRET_KEY": "only-for-commands-that-sign-nothing"}, ["bellwether.E010"]),
        ({"SECRET_KEY": "short"}, ["bellwether.E010"]),
        ({"EMBEDDED": True}, ["bellwether.E011"]),
    ],
)
def test_settings_for_development_are_refused(settings: Any, changed: dict[str, Any], expected: list[str]) -> None:
    for name, value in {"DEBUG": False, "EMBEDDED": False, "SECRET_KEY": A_KEY, **changed}.items():
        setattr(settings, name, value)
    assert ids(checks.check_settings(None)) == expected
