"""What every test stands on. The servers come first: pytest-django reads the settings next."""

import os
from collections.abc import Generator, Iterator

import psycopg
import pytest
from django.conf import settings
from django.test import TransactionTestCase

from config import servers as servers_of_config
from tests import servers

servers.set_up()
pytest_plugins = ["tests.cast", "tests.stack"]  # after Django is set up: its people are rows
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good one takes a second for each person
TransactionTestCase._fixture_teardown = lambda self: servers.empty_tables()  # type: ignore[attr-defined]
IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The worker's database is there already (tests/servers.py): pytest-django makes none."""


@pytest.fixture
def owner() -> Iterator[psycopg.Connection]:
    """A connection of the role that owns the tables, outside the test's transaction."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    return servers_of_config.free_port()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, rather than skip, what only root can do: an ordinary user's run is whole without it."""
    if os.geteuid() != 0:
        for_root = [item for item in items if item.get_closest_marker("root")]
        items[:] = [item for item in items if item not in for_root]
        config.hook.pytest_deselected(items=for_root)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that was skipped has failed: what it needs must be there."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI and report.skipped:
        report.outcome, report.longrepr = "failed", f"skipped where nothing may be: {report.longrepr}"
    return report
