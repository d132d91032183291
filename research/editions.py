"""Answers that are the same for everybody: drawn once for each edition of what they show, and sent to who has not got it."""

import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

KEPT_SECONDS = 60  # a correction is seen everywhere within a minute
DRAWN_SECONDS = 24 * 3600


def answer(request: HttpRequest, kind: str, edition: str, content_type: str, draw: Callable[[], str | bytes]) -> HttpResponse:
    """304 to who has this edition; else the answer, which `draw` makes if this process has not made it before."""
    etag = f'"{hashlib.sha256(f"{release()}:{kind}:{edition}".encode()).hexdigest()[:32]}"'
    response = HttpResponse(content_type=content_type, headers={"ETag": etag})
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    unchanged = get_conditional_response(request, etag=etag, response=response)
    if unchanged is not None and unchanged is not response:
        return unchanged
    pages = caches["pages"]
    body = pages.get(etag)
    if body is None:
        body = draw()
        pages.set(etag, body, DRAWN_SECONDS)
    response.content = body
    return response


@cache
def release() -> str:
    """Changes with the program: what an older release drew is another edition. (Its style sheets may be gone.)"""
    digest = hashlib.sha256()
    for folder, pattern in (("templates", "*.*ml"), ("static", "*.css"), ("research", "*.py"), ("portfolios", "*.py")):
        for path in sorted((settings.BASE_DIR / folder).rglob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
