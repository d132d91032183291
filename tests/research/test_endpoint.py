"""What all processes know of the model's server: how it is asked, and when it is left alone. A real server on 127.0.0.1."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, OutgoingMail
from accounts.scope import every_firm
from accounts.work import State
from research import endpoint
from research.analysis import analyse
from research.answers import ModelUnavailable
from research.models import Analysis, ModelEndpoint, Story
from research.reading import read_articles
from tests.cast import Cast, signed_in
from tests.make import make_article, make_issuer, make_member, make_source
from tests.model_server import Answer, ModelServer, format_of

pytestmark = pytest.mark.django_db
REFUSED = Answer(status=401, body='{"error": {"code": "invalid_api_key", "message": "Incorrect key sk-canary"}}')
EMPTY = Answer(status=429, body='{"error": {"code": "insufficient_quota", "message": "billing"}}')


@pytest.fixture
def model(settings: LazySettings) -> Any:
    with ModelServer() as server:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY, settings.MODEL_CONFIGURED = server.url, "sk-canary", True
        settings.MODEL_DEADLINE_SECONDS, settings.STAFF_EMAIL = 2.0, "staff@bellwether.example"
        yield server


@pytest.fixture
def stories(across_firms: None, model: ModelServer) -> list[Story]:
    """Four that wait for a reading, about one company each."""
    for name, news in (
        ("Hon Hai", "opens a plant for electric buses in Ohio"),
        ("Nvidia", "is sued by a maker of memory over patents"),
        ("Boeing", "names a finance chief from outside"),
        ("Siemens", "wins the order for trains in Egypt"),
    ):
        make_issuer(name)
        article = make_article(make_source(), title=f"{name} {news}", text=f"It said so on Monday: {name} {news}.")
        read_articles([article.pk])
    return list(Story.objects.order_by("pk"))


def due_now(*stories: Story) -> None:
    Story.objects.filter(pk__in=[story.pk for story in stories]).update(next_at=Now() - timedelta(seconds=1))


def row() -> ModelEndpoint:
    return ModelEndpoint.objects.get()


def mails() -> list[str]:
    return list(OutgoingMail.objects.filter(kind="model_circuit").order_by("pk").values_list("subject", flat=True))


def test_what_was_learned_outlives_the_process(stories: list[Story], model: ModelServer) -> None:
    model.refused_formats = {"json_schema": 400, "json_object": 422}
    for story in stories[:2]:
        assert analyse(story.pk)
    assert [format_of(request) for request in model.requests] == ["json_schema", "json_object", "tools", "tools"]
    found = row()
    assert (found.response_format, found.temperature, found.believed_until) == ("tools", True, None)
    assert found.learned_at is not None


def test_what_a_passing_failure_taught_is_believed_for_an_hour(stories: list[Story], model: ModelServer) -> None:
    model.script([Answer(status=500, body="{}")])
    assert analyse(stories[0].pk)
    until = row().believed_until
    assert until is not None
    assert timedelta(minutes=55) < until - timezone.now() <= timedelta(hours=1)
    assert analyse(stories[1].pk)
    ModelEndpoint.objects.update(believed_until=Now() - timedelta(seconds=1))
    assert analyse(stories[2].pk)
    assert [format_of(request) for request in model.requests] == ["json_schema", "json_object", "json_object", "json_schema"]
    assert row().believed_until is None


@pytest.mark.parametrize(("answer", "kind"), [(REFUSED, "auth"), (EMPTY, "quota")])
def test_a_refused_key_stops_all_requests_and_tells_staff_once(
    stories: list[Story], model: ModelServer, answer: Answer, kind: str
) -> None:
    model.script([answer])
    for story in stories:
        assert analyse(story.pk) is None
    assert len(model.requests) == 1
    assert row().kind == kind
    assert len(mails()) == 1
    assert "not asked any more" in mails()[0]
    for story in Story.objects.all():
        assert (story.state, story.attempts, story.deferrals, story.lease_until) == (State.WAITING, 0, 1, None)
        assert story.next_at > timezone.now() + timedelta(minutes=14)
        assert "sk-canary" not in story.error + row().reason


def test_after_the_wait_one_request_tries_and_its_answer_closes_the_circuit(stories: list[Story], model: ModelServer) -> None:
    model.script([REFUSED])
    for story in stories[:3]:
        analyse(story.pk)
    ModelEndpoint.objects.update(probe_at=Now())
    due_now(*stories)
    assert analyse(stories[0].pk)
    assert row().opened_at is None
    assert len(mails()) == 2
    assert mails()[1] == "The model answers again"
    assert Story.objects.due().count() == 3, "what waited is due at once"
    assert len(model.requests) == 2


def test_a_try_that_fails_leaves_it_open_and_writes_no_second_mail(stories: list[Story], model: ModelServer) -> None:
    model.script([REFUSED, REFUSED, Answer(status=503, body="")])
    analyse(stories[0].pk)
    opened_at = row().opened_at
    for story, least in ((stories[1], timedelta(minutes=14)), (stories[2], timedelta(seconds=50))):
        ModelEndpoint.objects.update(probe_at=Now())
        assert analyse(story.pk) is None
        probe_at = row().probe_at
        assert probe_at is not None
        assert probe_at > timezone.now() + least
    assert row().opened_at == opened_at
    assert (len(mails()), len(model.requests)) == (1, 3)


def test_a_new_key_is_tried_at_once(stories: list[Story], model: ModelServer, settings: LazySettings) -> None:
    model.script([REFUSED])
    analyse(stories[0].pk)
    settings.OPENAI_API_KEY = "sk-other"
    assert analyse(stories[1].pk)
    assert row().opened_at is None


def test_a_server_that_fails_again_and_again_is_left_alone_for_a_minute(stories: list[Story], model: ModelServer) -> None:
    analyse(stories[0].pk)
    model.script([Answer(status=503, body="")] * 40)
    for _ in range(30):
        due_now(stories[1])
        analyse(stories[1].pk)
    assert len(model.requests) == 1 + endpoint.MOST_FAILURES["server"]
    assert mails() == [], "it may pass by itself"
    probe_at = row().probe_at
    assert probe_at is not None
    assert probe_at < timezone.now() + timedelta(seconds=61)


def test_failures_that_are_not_in_a_row_open_nothing(stories: list[Story], model: ModelServer) -> None:
    for _ in range(3):
        model.script([Answer(status=503, body="")] * 10)
        for _ in range(10):
            due_now(stories[0])
            analyse(stories[0].pk)
        Story.objects.filter(pk=stories[1].pk).retry()
        assert analyse(stories[1].pk)
    assert (row().opened_at, row().failures) == (None, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_tries(model: ModelServer) -> None:
    """Eight at once, after the wait: one request, and the others stand back."""
    model.script([REFUSED])
    messages: Any = [{"role": "user", "content": "Candidates: []"}]
    with pytest.raises(ModelUnavailable):
        endpoint.ask(messages, {})
    ModelEndpoint.objects.update(probe_at=Now())
    model.script([Answer(delay_s=0.5, status=401, body="{}")])
    outcomes: list[type] = []

    def work() -> None:
        try:
            endpoint.ask(messages, {})
        except ModelUnavailable as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(model.requests) == 2
    assert outcomes.count(endpoint.CircuitOpen) == 7


# --- what people see -------------------------------------------------------------------------------------


@pytest.fixture
def stopped(stories: list[Story], model: ModelServer) -> Story:
    model.script([REFUSED])
    analyse(stories[0].pk)
    analyse(stories[1].pk)
    return stories[1]


def test_administrators_see_it_on_every_page_and_others_on_the_story(cast: Cast, stopped: Story) -> None:
    with every_firm():
        boss = make_member(cast.firm, Membership.Role.ADMINISTRATOR, name="Dora").user
    page = signed_in(boss).get("/portfolios/").content.decode()
    assert "cannot be asked (HTTP 401 (invalid_api_key))" in page
    assert "give it another one (OPENAI_API_KEY)" in page
    assert "Try again now" in page
    alice = signed_in(cast.alice)
    assert "cannot be asked" not in alice.get("/portfolios/").content.decode()
    assert "The model is not asked for now" in alice.get(f"/stories/{stopped.pk}/").content.decode()


def test_status_is_red_while_it_is_not_asked(stopped: Story) -> None:
    answer = Client().get("/status", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["model"]) == (503, "stopped")
    assert "is not asked any more" in Client().get("/status", headers={"Accept": "text/html"}).content.decode()
    ModelEndpoint.objects.update(opened_at=None)
    assert Client().get("/status", headers={"Accept": "application/json"}).json()["model"] == "reads"


def test_an_administrator_has_it_tried_again(cast: Cast, stopped: Story, model: ModelServer) -> None:
    assert signed_in(cast.alice).post("/model/probes/").status_code == 403
    with every_firm():
        boss = signed_in(make_member(cast.firm, Membership.Role.ADMINISTRATOR).user)
    answer = boss.post("/model/probes/", {"next": "/portfolios/"})
    assert (answer.status_code, answer["Location"]) == (302, "/portfolios/")
    assert boss.post("/model/probes/", {"next": "https://evil.example/"})["Location"] == "/today/"
    with every_firm():
        assert analyse(stopped.pk)
        assert Analysis.objects.filter(lane="full").count() == 1
    assert len(model.requests) == 2
    assert "The model is asked already" in boss.post("/model/probes/", follow=True).content.decode()


def test_a_wall_in_front_of_the_server_stops_one_story_alone(stories: list[Story], model: ModelServer) -> None:
    """A firewall's page says nothing of our key: one text may have set it off."""
    model.script([Answer(status=403, body="<html>Request blocked</html>")])
    analyse(stories[0].pk)
    assert ModelEndpoint.objects.get().opened_at is None
    stories[0].refresh_from_db()
    assert (stories[0].state, stories[0].attempts) == (State.WAITING, 0)
