"""The bell rings after commit, and one that cannot be rung is no failure."""

import json
import time
from collections.abc import Iterator
from typing import Any

import kombu.pools
import pytest
import redis
from django.conf import settings
from django.db import transaction

from accounts.doorbell import ring
from accounts.models import ApiToken
from accounts.scope import every_firm
from config.celery import app
from research.models import Article
from tests.cast import Cast
from tests.research.test_api import ARTICLE, send

QUEUES = ("pipeline", "model", "delivery")


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    connection = redis.Redis.from_url(settings.REDIS_URL)
    connection.delete(*QUEUES)
    yield connection
    connection.delete(*QUEUES)
    connection.close()


@pytest.fixture
def broker_down(free_port: int) -> Iterator[None]:
    """Nobody listens where the broker was."""
    before = app.conf.broker_url
    _move_broker(f"redis://127.0.0.1:{free_port}/0")
    yield
    _move_broker(before)


def _move_broker(url: str) -> None:
    celery: Any = app
    celery.conf.broker_url = celery.conf.broker_read_url = celery.conf.broker_write_url = url
    celery.pool.force_close_all()
    kombu.pools.reset()
    celery.amqp._producer_pool = celery._pool = None


def rung(broker: redis.Redis, queue: str) -> list[dict[str, Any]]:
    messages: list[Any] = broker.lrange(queue, 0, -1)
    return [json.loads(message)["headers"] for message in messages]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("step", "queue"), [("read_articles", "pipeline"), ("analyse_story", "model"), ("send_delivery", "delivery")]
)
def test_a_step_is_asked_for_by_name_with_ids_in_its_own_queue(broker: redis.Redis, step: str, queue: str) -> None:
    ring(step, [1, 2], expires=15)
    (message,) = rung(broker, queue)
    assert message["task"] == step
    assert message["argsrepr"] == "[[1, 2]]"
    assert message["expires"]


@pytest.mark.django_db(transaction=True)
def test_nobody_hears_before_the_row_is_committed(broker: redis.Redis) -> None:
    with transaction.atomic():
        ring("read_articles", [1])
        assert rung(broker, "pipeline") == []
    assert len(rung(broker, "pipeline")) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_rings_no_bell(broker: redis.Redis) -> None:
    with transaction.atomic():
        ring("read_articles", [1])
        transaction.set_rollback(True)
    assert rung(broker, "pipeline") == []


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_an_article_is_stored_all_the_same(
    broker_down: None, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with every_firm():
        key = ApiToken.issue(cast.firm, "desk feed")[1]
    began = time.monotonic()
    response = send(key, ARTICLE)
    assert response.status_code == 201
    assert time.monotonic() - began < 2
    assert "The broker did not take read_articles for 1 rows, the sweep will" in caplog.text
    with every_firm():
        assert Article.objects.due().count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_again_when_the_broker_is_back(broker: redis.Redis, free_port: int) -> None:
    before = app.conf.broker_url
    _move_broker(f"redis://127.0.0.1:{free_port}/0")
    ring("read_articles", [1])
    _move_broker(before)
    ring("read_articles", [2])
    assert [message["argsrepr"] for message in rung(broker, "pipeline")] == ["[[2]]"]
