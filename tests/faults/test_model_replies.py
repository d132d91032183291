"""The catalogue of what a model's server may answer: on our own schema, and from the server that came with the catalogue.

Nothing that is wrong is stored, nothing is asked again before its time, no worker is held beyond the deadline, and what cannot be
read says why.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.work import State
from research.analysis import analyse
from research.models import Analysis, ModelEndpoint, Story
from research.reading import read_articles
from tests.faults.report import counted
from tests.make import make_article, make_issuer, make_source
from tests.model_faults import answer_for
from tests.model_server import ModelServer
from tests.shared_data import shared, shared_lines

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.faults]
CATALOGUE = "hostile/faults/llm_responses.jsonl"
DEADLINE = 1.0
SLACK = 2.0  # of a busy machine, on top of two requests
STORED = {"good", "fenced ```json", "lone surrogate", "NUL in text", "label contradicts score", "extra keys"}
# The story is put aside: asking for it again changes nothing. All others that are not stored wait, or were refused twice.
PUT_ASIDE = {"400 context_length_exceeded", "400 content_filter", "truncated, finish_reason length"}
STOPS = {"429 insufficient_quota": "quota", "401": "auth"}
LEAST_WAIT = {"429 with Retry-After 20": 19, "429 Retry-After as HTTP date": 86_400, "429 insufficient_quota": 840, "401": 840}


@pytest.fixture
def story(across_firms: None, settings: LazySettings) -> Story:
    settings.MODEL_CONFIGURED, settings.OPENAI_API_KEY, settings.MODEL_DEADLINE_SECONDS = True, "sk-SECRET123", DEADLINE
    make_issuer("Hon Hai", aliases=["Foxconn"], listing="2317 XTAI")
    make_issuer("OpenAI", is_private=True)
    title = "OpenAI and Foxconn to co-design AI data-center racks"
    read_articles([make_article(make_source(), title=title, text="They will design several generations of racks.").pk])
    return Story.objects.get()


def afresh(story: Story, url: str) -> None:
    """The story waits as if it had just come, at an endpoint that has answered before."""
    Analysis.objects.filter(lane=Analysis.Lane.FULL).delete()
    Story.objects.filter(pk=story.pk).retry()
    Story.objects.filter(pk=story.pk).update(next_at=timezone.now() - timedelta(minutes=1))
    ModelEndpoint.objects.all().delete()
    ModelEndpoint.objects.create(base_url=url, model="gpt-4o-mini", response_format="json_schema", learned_at=timezone.now())


@pytest.fixture
def counts_of() -> Any:
    return {"stored": 0, "bad stored": 0, "early retries": 0, "slots blocked": 0, "put aside": 0, "waiting": 0, "silent": 0}


def look(story: Story, name: str, asked: int, seconds: float, counts: dict[str, int]) -> None:
    """Count what became of one row."""
    story.refresh_from_db()
    full = story.analyses.filter(lane=Analysis.Lane.FULL).first()
    counts["slots blocked"] += seconds > 2 * DEADLINE + SLACK or story.lease_until is not None
    counts["stored"] += full is not None
    counts["put aside"] += story.state == State.QUARANTINED
    counts["waiting"] += story.state == State.WAITING
    counts["silent"] += full is None and not story.error
    counts["early retries"] += asked > (1 if name in LEAST_WAIT or "50" in name[:3] else 2)
    assert "SECRET123" not in story.error, name
    if name in PUT_ASIDE:
        assert story.state == State.QUARANTINED, name
    if name in LEAST_WAIT:
        assert story.next_at > timezone.now() + timedelta(seconds=LEAST_WAIT[name]), name
    stopped = ModelEndpoint.objects.open().values_list("kind", flat=True).first()
    assert stopped == STOPS.get(name), name


def test_on_our_own_schema(story: Story, settings: LazySettings, counts_of: dict[str, int]) -> None:
    rows = shared_lines(CATALOGUE)
    with ModelServer() as server, counted("F7, F8 on our schema", len(rows)) as counts:
        settings.OPENAI_BASE_URL = server.url
        for row in rows:
            afresh(story, server.url)
            server.script([answer_for(row)] * 3)
            before, started = len(server.requests), time.monotonic()
            analyse(story.pk)
            analyse(story.pk)  # its time has not come, or it is done
            look(story, row["name"], len(server.requests) - before, time.monotonic() - started, counts_of)
            server._script.clear()
            full = story.analyses.filter(lane=Analysis.Lane.FULL).first()
            if full:
                scores = set(full.readings.values_list("sentiment_score", "market_impact_score"))
                counts_of["bad stored"] += row["name"] not in STORED or scores != {(0.45, 0.35)}
        counts.update(counts_of)
        zeros = {name: counts_of[name] for name in ("bad stored", "early retries", "slots blocked", "silent")}
        assert zeros == dict.fromkeys(zeros, 0)
        assert counts_of["stored"] == len(STORED)


@pytest.fixture
def evil() -> Iterator[str]:
    """The catalogue's own server, which answers in a schema that is not ours: nothing of it may be stored."""
    command = [sys.executable, str(shared("hostile/faults/evil_server.py")), "--max-seconds", "600", "--catalogue"]
    with subprocess.Popen([*command, str(shared(CATALOGUE))], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


def test_against_the_server_of_the_catalogue(
    story: Story, settings: LazySettings, counts_of: dict[str, int], evil: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = shared_lines(CATALOGUE)
    with counted("F7, F8 by evil_server.py", len(rows)) as counts:
        for row in rows:
            settings.OPENAI_BASE_URL = f"{evil}/llm/{row['id']}"
            afresh(story, settings.OPENAI_BASE_URL)
            started = time.monotonic()
            analyse(story.pk)
            analyse(story.pk)
            look(story, row["name"], 1, time.monotonic() - started, counts_of)
        counts_of["bad stored"] = counts_of["stored"]
        counts.update(counts_of)
        zeros = {name: counts_of[name] for name in ("bad stored", "slots blocked", "silent")}
        assert zeros == dict.fromkeys(zeros, 0)
    assert "SECRET123" not in caplog.text
