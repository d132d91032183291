"""What is answered while the database is away: 503, with when to come back, to visitors and to whoever is signed in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
COOKIE = "a" * 32
# session cookie and path → status and words
CASES: dict[tuple[str, str], tuple[int, str]] = {
    ("", "/privacy/"): (200, "Request a demo"),
    ("", "/"): (503, "The database cannot be reached"),
    (COOKIE, "/"): (503, "The database cannot be reached"),
    (COOKIE, "/today/"): (503, "The database cannot be reached"),
    ("", "/sample/feed.xml"): (503, "The database cannot be reached"),
    ("", "/status"): (503, '"database": false'),
}
ASK = """
import json, sys, django
django.setup()
from django.conf import settings
from django.test import Client

settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 0.2
settings.ALLOWED_HOSTS = ["testserver"]
answers = []
for session, path in json.loads(sys.argv[1]):
    client = Client(raise_request_exception=False)
    if session:
        client.cookies["sessionid"] = session
    response = client.get(path)
    answers.append([response.status_code, dict(response.headers), response.content.decode()])
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str], Any]:
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    del environment["DATABASE_OWNER_URL"]
    argv = [sys.executable, "-c", ASK, json.dumps(list(CASES))]
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {'signed in' if case[0] else 'visitor'}")
def test_while_the_database_is_away(answers: dict[tuple[str, str], Any], case: tuple[str, str]) -> None:
    status, headers, page = answers[case]
    assert (status, CASES[case][1] in page) == (CASES[case][0], True)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    if "cannot be reached" in page:
        assert headers["Retry-After"] == "30"
