"""How often something may be done: counted by the database in one statement, so that of fifty at once as many pass as may."""

from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from allauth.account.adapter import get_adapter
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.models import Limit

# A window begins with the first try after the last one ended, and a refused try does not prolong it.
_COUNT = """
    INSERT INTO accounts_limit AS had (key, count, ends_at) VALUES (%s, 1, clock_timestamp() + %s * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN had.ends_at <= clock_timestamp() THEN 1 ELSE had.count + 1 END,
        ends_at = CASE WHEN had.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE had.ends_at END
    WHERE had.ends_at <= clock_timestamp() OR had.count < %s
    RETURNING count
"""


def allow(action: str, whom: str, most: int, within: timedelta) -> bool:
    """Whether `whom` may do this once more: at most `most` times within a window of that length. Counts this try if so."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [f"{action}:{whom}"[:200], within.total_seconds(), most])
        return cursor.fetchone() is not None


def client_address(request: HttpRequest) -> str:
    """Where a request comes from. Of X-Forwarded-For only what our own proxy wrote is believed, and nothing without one.

    An IPv6 address counts by its /64: that is what one customer gets.
    """
    address: str = get_adapter().get_client_ip(request)
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or IPv6Network((known, 64), strict=False))
    return address


def prune() -> int:
    """Forget windows that have ended. How many there were."""
    return Limit.objects.filter(ends_at__lt=Now()).delete()[0]
