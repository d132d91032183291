"""The real model worker before a slow model: its eight slots stay full, and a kill pays for no story more than once again."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from accounts.doorbell import ring
from accounts.scope import every_firm
from accounts.work import State
from research.endpoint import SLOTS
from research.models import Analysis, Mention, Story
from tests.faults.report import counted
from tests.make import make_issuer, make_story
from tests.model_server import Answer, ModelServer, Reply, Request, good_reply, story_in
from tests.stack import Stack, eventually, stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
LATENCY, STORIES = 2.0, 60
THREADS = SLOTS * 3 // 2  # of the worker: what was answered and is not stored yet is asked again, too
LEAST_FULL = 0.5  # that requests run side by side; how full the slots are is measured on a quiet machine (docs/running.md)


class Slow:
    """A model that takes LATENCY, and how many requests it had under way at each moment."""

    def __init__(self, server: ModelServer) -> None:
        self.spans: list[tuple[float, float]] = []
        self._lock = threading.Lock()
        server.reply = self.reply

    def reply(self, request: Request) -> Reply:
        time.sleep(max(0.0, LATENCY - (time.monotonic() - request.at)))
        with self._lock:
            self.spans.append((request.at, time.monotonic()))
        return good_reply(request)

    def fullness(self) -> float:
        """Of the slots from the first request to the moment the last one began, the share that was under way."""
        begins, until = min(start for start, _ in self.spans), max(start for start, _ in self.spans)
        busy = sum(max(0.0, min(end, until) - start) for start, end in self.spans)
        return busy / (SLOTS * (until - begins))


def publish(many: int = STORIES) -> None:
    """Stories that wait for a full reading, each of its own event."""
    with every_firm():
        issuer = make_issuer()
        # No article waits to be read: the pipeline of the second test would ask for their stories anew.
        for number in range(many):
            story = make_story(f"{issuer} signs contract number {number}", state=State.WAITING)
            story.articles.update(state=State.DONE)
            Mention.objects.create(
                article=story.articles.get(),
                issuer=issuer,
                relevance=90,
                tier="primary",
                in_headline=True,
                words=issuer.name,
                resolved_by="full name",
                confidence=1,
            )


def begin() -> None:
    ring("analyse_story", [])
    with every_firm():
        for pk in Story.objects.due().values_list("pk", flat=True):
            ring("analyse_story", [pk])


def read_in_full() -> int:
    with every_firm():
        return Analysis.objects.filter(lane="full").values("story").distinct().count()


def asked(running: Stack) -> Counter[str]:
    return Counter(story_in(request).splitlines()[0] for request in running.model.requests)


def test_eight_slots_stay_full_before_a_slow_model(db: None, tmp_path: Path) -> None:
    with stack(tmp_path, "model", deadline=30) as running, counted("slots before a slow model", STORIES) as counts:
        slow = Slow(running.model)
        publish(SLOTS)  # each thread of the worker has to begin once
        begin()
        eventually(lambda: read_in_full() == SLOTS, seconds=60, what="the worker is warm")
        slow.spans.clear()
        publish()
        with every_firm():
            waiting = Story.objects.due().count()
        begin()
        eventually(lambda: read_in_full() == SLOTS + waiting, seconds=120, what="all of them read")
        seconds = max(end for _, end in slow.spans) - min(start for start, _ in slow.spans)
        ideal = -(-waiting // SLOTS) * LATENCY
        counts |= {
            "stories": waiting,
            "requests": len(slow.spans),
            "seconds": round(seconds, 2),
            "ideal seconds": ideal,
            "share of the ideal": round(ideal / seconds, 3),
            "slots full": round(slow.fullness(), 3),
            "asked twice": sum(count > 1 for count in asked(running).values()),
        }
        assert counts["asked twice"] == 0
        assert counts["slots full"] >= LEAST_FULL


def test_a_kill_pays_for_no_story_more_than_once_again(db: None, tmp_path: Path) -> None:
    kills = 2
    with (
        stack(tmp_path, "model", "pipeline", "beat", deadline=30) as running,
        counted("kill -9 of the model worker", kills) as counts,
    ):
        running.model.script([Answer(delay_s=LATENCY) for _ in range(500)])
        publish()
        with every_firm():
            waiting = Story.objects.due().count()
        begin()
        for number in range(1, kills + 1):
            eventually(lambda number=number: len(running.model.requests) >= 12 * number, what="requests under way")  # type: ignore[misc]
            running.kill("model")
            running.start("model")
        eventually(lambda: read_in_full() == waiting, seconds=240, what="all of them read")
        paid = asked(running)
        counts |= {
            "stories": waiting,
            "requests": sum(paid.values()),
            "most requests for one": max(paid.values()),
            "asked more than once": sum(count > 1 for count in paid.values()),
            "lost": waiting - read_in_full(),
        }
        with every_firm():
            assert not Story.objects.filter(state=State.QUARANTINED).exists()
            versions = Counter(Analysis.objects.filter(lane="full").values_list("story", flat=True))
        assert set(versions.values()) == {1}
        assert counts["most requests for one"] <= 1 + kills
        assert counts["requests"] <= waiting + kills * THREADS
