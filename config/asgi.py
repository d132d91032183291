"""The web application: the stream is a small one of its own beside Django's, which knows of no startup and shutdown."""

import os
from collections.abc import Awaitable, Callable

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages: Callable[..., Awaitable[None]] = get_asgi_application()

from alerts.stream import PATHS, Stream  # noqa: E402 - its models need Django to be set up

if settings.SECRET_KEY == "only-for-commands-that-sign-nothing":  # noqa: S105 - the one that must not be used
    raise ImproperlyConfigured("Set SECRET_KEY: the web server signs sessions with it. `manage.py up` makes one in VAR_DIR.")

stream = Stream()


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "lifespan" or (scope["type"] == "http" and scope["path"] in PATHS):
        await stream(scope, receive, send)
    else:
        await pages(scope, receive, send)
