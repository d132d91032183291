"""PostgreSQL and Valkey of the tests: started once, with one database for each worker.

The process that starts pytest makes a template database, as the owner of its tables. Every worker clones it, gets a Valkey
database of its own, and connects as the application's role. All of it lies in a temporary folder and goes away at the end.
"""

import atexit
import contextlib
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from config import embedded, place, servers

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = servers.DATABASE
PREFIX = "bellwether-tests-"
OLD_SECONDS = 3600
# What the application would take from the environment of whoever runs the tests.
NOT_INHERITED = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "MODEL_DAILY_COST",
    "MODEL_MONTHLY_COST",
    "MODEL_DAILY_TOKENS",
    "MODEL_MONTHLY_TOKENS",
    "MODEL_PRICES",
    "MODEL_REPLY_TOKENS",
    "OUTBOUND_ALLOW",
    "EMAIL_URL",
    "BASE_URL",
    "DEBUG",
    "EMBEDDED",
)
# Rows that migrations make, and that tests count on.
KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")


def set_up() -> None:
    """Give this process its servers, its database and its var folder, in the environment, and read the settings."""
    if settings.configured:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests choose their settings when their servers run.")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start()
    name = worker or "main"
    var = Path(os.environ["TEST_VAR_DIR"]) / name
    for folder in (var, var / "mail", var / "log", var / "run"):
        folder.mkdir(exist_ok=True)
    os.environ |= {
        "VAR_DIR": str(var),
        "DATABASE_URL": _with_path(os.environ["TEST_DATABASE_URL"], f"/{TEMPLATE}_{name}"),
        "DATABASE_OWNER_URL": _with_path(os.environ["TEST_DATABASE_OWNER_URL"], f"/{TEMPLATE}_{name}"),
        "REDIS_URL": _with_path(os.environ["TEST_REDIS_URL"], f"/{int(name.removeprefix('gw')) + 1 if worker else 0}"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "READ_EVERYTHING": "1",  # tests of the gates say otherwise
        "EMBEDDED": "1",  # static files come from where they lie: nobody has collected them
    }
    _clone(f"{TEMPLATE}_{name}")
    django.setup()
    # A worker inherits the environment, and pytest-django would read the settings before the worker has its own database.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def _start() -> None:
    for variable in NOT_INHERITED:
        os.environ.pop(variable, None)
        os.environ.pop(f"{variable}_FILE", None)
    _remove_old()
    var = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    os.environ |= {"VAR_DIR": str(var), "SECRET_KEY": "for-tests-alone", "TEST_VAR_DIR": str(var)}
    atexit.register(place.remove, var)
    embedded.var_folder()
    for variable in embedded.MADE_BY:
        share = embedded.Share(var, variable)
        atexit.register(share.leave)
        share.join(durable=False)
        os.environ |= {f"TEST_{name.upper()}": url for name, url in share.urls.items()}
    _migrate()


def _remove_old() -> None:
    """Remove what test runs left that were killed: nobody holds their servers."""
    for var in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        users = var / "run" / "postgres.users"
        with contextlib.suppress(OSError), users.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - var.stat().st_mtime > OLD_SECONDS:  # younger ones may be about to take the lock, or to let it go
                place.remove(var)


def _migrate() -> None:
    urls = {name: os.environ[f"TEST_{name}"] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
    argv = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    done = subprocess.run(argv, check=False, cwd=ROOT, env=os.environ | urls, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"The template database could not be migrated:\n{done.stdout}{done.stderr}")


def _clone(database: str) -> None:
    with psycopg.connect(os.environ["TEST_SUPERUSER"], autocommit=True) as connection:
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        connection.execute(clone.format(*map(sql.Identifier, (database, TEMPLATE, servers.OWNER))))


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=path))


def empty_tables() -> None:
    """Delete what a test has committed. As the owner: the application's role may not empty tables, and sees one firm's rows.

    Sequences go on: a server of the test package may be running, and numbers never go back under it.
    """
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("SET lock_timeout = '20s'")
        found = owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)", [list(KEPT_TABLES)]
        )
        tables = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
        owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
