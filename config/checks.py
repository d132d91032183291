"""What `manage.py check --deploy` refuses: the conditions that the promises of docs/architecture.md rest on.

Each is one that goes wrong in silence: a role that passes the walls between firms, a broker that forgets, a key everybody knows.
"""

from collections.abc import Sequence
from typing import Any, cast

import redis
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, InterfaceError, connection
from psycopg_pool import PoolTimeout

PLACEHOLDERS = {"only-for-commands-that-sign-nothing", "change-me", "changeme", "secret"}
SHORTEST_KEY = 50

ROLE = """
SELECT rolsuper, rolbypassrls,
    EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace = 'public'::regnamespace)
FROM pg_roles WHERE rolname = current_user
"""
UNWALLED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname = ANY (%s) AND NOT (
    relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
)
ORDER BY relname
"""


def firm_tables() -> list[str]:
    """Tables whose rows belong to a firm."""
    models = (model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy)
    return sorted(model._meta.db_table for model in models if any(field.name == "firm" for field in model._meta.fields))


def check_roles(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The application's database role must be one that row-level security holds for."""
    found: list[CheckMessage] = []
    users = {alias: database.get("USER") for alias, database in settings.DATABASES.items()}
    if "owner" in users and users["owner"] == users.get("default"):
        hint = "Migrations run as the owner of the tables, the application as a role that owns nothing: docs/running.md."
        found.append(Error("DATABASE_URL and DATABASE_OWNER_URL name the same role.", hint=hint, id="bellwether.E001"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(ROLE)
            is_superuser, bypasses, owns = cast("tuple[bool, bool, bool]", cursor.fetchone())
            cursor.execute(UNWALLED, [firm_tables()])
            unwalled = [name for (name,) in cursor.fetchall()]
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        return [*found, Error(f"The database of DATABASE_URL cannot be asked: {type(error).__name__}.", id="bellwether.E002")]
    if is_superuser or bypasses:
        found.append(Error("The role of DATABASE_URL passes row-level security.", id="bellwether.E003"))
    if owns:
        found.append(Error("The role of DATABASE_URL owns tables, so it could switch the walls off.", id="bellwether.E004"))
    found += [Error(f"Table {name} has no wall between firms.", id="bellwether.E005") for name in unwalled]
    return found


def check_broker(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A broker that evicts or forgets loses wake-ups; the sweep repairs that, late."""
    broker = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5)
    try:
        # Not CONFIG GET, which hosted servers refuse.
        facts = broker.info("memory") | broker.info("persistence")
    except redis.RedisError as error:
        return [Error(f"The broker of REDIS_URL cannot be asked: {type(error).__name__}.", id="bellwether.E006")]
    finally:
        broker.close()
    found: list[CheckMessage] = []
    if facts.get("maxmemory_policy") != "noeviction":
        found.append(Error("The broker evicts keys when memory is short: set maxmemory-policy noeviction.", id="bellwether.E007"))
    if not facts.get("aof_enabled"):
        found.append(Error("The broker forgets everything when it restarts: set appendonly yes.", id="bellwether.E008"))
    return found


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on: error pages would show settings and rows to everybody.", id="bellwether.E009"))
    if settings.SECRET_KEY in PLACEHOLDERS or len(settings.SECRET_KEY) < SHORTEST_KEY:
        hint = f"Set it to {SHORTEST_KEY} or more random characters, such as secrets.token_urlsafe(50) of Python gives."
        found.append(Error("SECRET_KEY is a placeholder or too short.", hint=hint, id="bellwether.E010"))
    if settings.EMBEDDED:
        hint = "EMBEDDED is set by `manage.py up` alone. Start the processes one by one: docs/running.md."
        found.append(Error("EMBEDDED is on: every mail would be shown to everybody at /mail/.", hint=hint, id="bellwether.E011"))
    return found
