"""From a feed to a mailbox, with everything real: web server, workers, PostgreSQL, Valkey, SMTP, and a model over HTTP."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from django.conf import settings

from accounts.models import User
from accounts.scope import every_firm
from accounts.work import State
from alerts.models import Alert, Delivery
from portfolios.models import Issuer
from research.models import Analysis, Article, Source, Story
from research.novelty import novelties
from tests.cast import Cast, signed_in
from tests.make import make_holding, make_issuer, make_portfolio, make_rule, make_security
from tests.model_server import Answer
from tests.stack import Stack, eventually, stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
TITLE = "Hon Hai and OpenAI to co-design AI data-center racks"
TEXT = "Hon Hai Precision Industry will design racks with OpenAI. The initial agreement does not include purchase commitments."


@pytest.fixture
def hon_hai(cast: Cast) -> Issuer:
    """A firm whose two people hear of Hon Hai, which it holds at 4.1 % of NAV."""
    with every_firm():
        issuer = make_issuer("Hon Hai", aliases=["Hon Hai Precision Industry", "Foxconn"], listing="2317 XTAI", currency="TWD")
        make_issuer("OpenAI", is_private=True)
        portfolio = make_portfolio(cast.firm)
        make_holding(portfolio, make_security(issuer), weight=0.041)
        make_rule(portfolio, [cast.alice, cast.bob], patience_seconds=1, min_impact=0.3, min_sentiment=0.35)
    return issuer


@pytest.fixture
def running(hon_hai: Issuer, tmp_path: Path) -> Iterator[Stack]:
    with stack(tmp_path) as everything:
        with every_firm():
            Source.objects.create(name="Wire", url=f"http://{everything.feed.address}/feed.xml", interval_seconds=5)
        yield everything


class Listener(threading.Thread):
    """A browser that hears the stream: (event, id, data) as they come."""

    def __init__(self, url: str, user: User) -> None:
        super().__init__(daemon=True)
        self.events: list[tuple[str, int, dict[str, Any]]] = []
        self._url, self._cookies = (
            url,
            {settings.SESSION_COOKIE_NAME: signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value},
        )
        self.start()

    def run(self) -> None:
        with contextlib.suppress(httpx.RemoteProtocolError, httpx.ReadError):  # the server is killed at the end
            self._listen()

    def _listen(self) -> None:
        with httpx.stream("GET", f"{self._url}/stream", cookies=self._cookies, timeout=None, trust_env=False) as response:
            event: dict[str, str] = {}
            for line in response.iter_lines():
                name, _, value = line.partition(": ")
                if line and name:
                    event[name] = value
                elif event.get("event") in ("alert", "story"):
                    self.events.append((event["event"], int(event["id"]), json.loads(event["data"])))
                    event = {}

    def heard(self, kind: str) -> list[tuple[str, int, dict[str, Any]]]:
        return [event for event in self.events if event[0] == kind]


def alerts(status: str) -> list[Alert]:
    with every_firm():
        return list(Alert.objects.filter(status=status).select_related("analysis", "story"))


def test_a_feed_item_becomes_one_alert_one_event_and_a_mail_each(running: Stack, cast: Cast, hon_hai: Issuer) -> None:
    listener = Listener(running.url, cast.alice)
    stranger = Listener(running.url, cast.charlie)
    running.feed.publish("one", TITLE, TEXT)
    eventually(lambda: alerts("confirmed"), what="a confirmed alert")
    eventually(lambda: len(running.mail.messages) >= 2, what="a mail to Alice and one to Bob")
    eventually(lambda: listener.heard("alert"), what="the alert on Alice's stream")

    with every_firm():
        alert = Alert.objects.get()
        assert Article.objects.get().state == State.DONE
        assert [analysis.lane for analysis in Story.objects.get().analyses.order_by("version")] == ["flash", "full"]
        full = Analysis.objects.get(lane="full")
        assert (full.engine, full.model, full.tokens_in) == ("model", "gpt-4o-mini", 900)
        assert full.evidence.get().quote in f"{TITLE}\n\n{TEXT}"
        eventually(lambda: not Delivery.objects.exclude(state=State.DONE).exists(), what="all deliveries done")
    assert (alert.issuer, alert.sentiment_score, alert.market_impact_score) == (hon_hai, 0.45, 0.35)

    assert {message["To"] for message in running.mail.messages} == {
        "Alice Ahn <alice@northlake.example>",
        "Bob Bauer <bob@northlake.example>",
    }
    mail = running.mail.to("alice@northlake.example")[0]
    assert mail["Subject"] == f"2317 TT +0.45: {TITLE} (4.1% NAV)"
    assert {part.get_content_type() for part in mail.walk()} == {"multipart/alternative", "text/plain", "text/html"}

    ids = [number for _, number, _ in listener.events]
    assert ids == sorted(set(ids)), "each id is heard once, in order"
    assert {data["id"] for _, _, data in listener.heard("alert")} == {alert.pk}
    assert stranger.events == []


REPORTS = (
    (
        "Hon Hai to buy Zephyr Robotics in $6.1 billion deal",
        "Hon Hai said it will acquire Zephyr Robotics for $6.1 billion in cash.",
    ),
    ("Hon Hai confirms purchase of Zephyr Robotics for $6.1B", "Hon Hai agreed to acquire the maker of warehouse robots."),
    ("Hon Hai buying Zephyr Robotics for $6.1 billion", "The acquisition of Zephyr Robotics would be the largest by Hon Hai."),
    ("Zephyr Robotics to be acquired by Hon Hai for $6.1 billion", "Warehouse robot maker Zephyr Robotics is bought by Hon Hai."),
    ("Foxconn buys robot maker Zephyr Robotics for $6.1 billion", "Foxconn will acquire Zephyr Robotics, which makes robots."),
    ("Foxconn strikes $6.1 billion deal for Zephyr Robotics", "The deal for Zephyr Robotics is worth $6.1 billion in cash."),
    ("Foxconn agrees to acquire Zephyr Robotics in $6.1 bln cash deal", "Zephyr Robotics makes robots for warehouses."),
    ("Foxconn's $6.1 billion Zephyr Robotics deal is its largest", "Foxconn is to buy Zephyr Robotics for cash, it said."),
)


def test_eight_outlets_with_one_event_are_one_story_and_one_alert(running: Stack, cast: Cast) -> None:
    def stories_read() -> list[Story]:
        with every_firm():
            return list(Story.objects.live().filter(state=State.DONE).order_by("pk"))

    def articles_read() -> int:
        with every_firm():
            return Article.objects.filter(state=State.DONE).count()

    for n, report in enumerate(REPORTS):
        running.feed.publish(f"report-{n}", *report, hours_ago=20 - 20 * n / 7, outlet=f"Outlet {n}")
    eventually(lambda: articles_read() == len(REPORTS), what="eight articles")
    eventually(lambda: alerts("confirmed"), what="the alert")
    with every_firm():
        assert [story.title for story in Story.objects.live()] == [REPORTS[0][0]]
        moments = list(Article.objects.order_by("published_at").values_list("published_at", flat=True))
    assert novelties([moment for moment in moments if moment]) == [100, 75, 56, 42, 32, 24, 18, 13]

    running.feed.publish("report-0", REPORTS[0][0], f"{REPORTS[0][1]} A spelling was mended.", hours_ago=20, outlet="Outlet 0")
    with every_firm():
        eventually(lambda: Article.objects.filter(revision=2, state=State.DONE).exists(), what="the edit")
    eventually(lambda: len(stories_read()) == 1, what="the story read again")
    running.feed.publish(
        "fire", "Fire stops output at Foxconn plant in Chennai", "A fire stopped work at the Foxconn plant in Chennai."
    )
    eventually(lambda: len(alerts("confirmed")) == 2, what="an alert on the second event")
    assert {alert.story.title for alert in alerts("confirmed")} == {
        REPORTS[0][0],
        "Fire stops output at Foxconn plant in Chennai",
    }
    eventually(lambda: len(running.mail.to("alice@northlake.example")) == 2, what="its mail")


def test_a_model_that_fails_delays_its_own_story_and_silences_nothing(running: Stack, cast: Cast) -> None:
    running.model.script([Answer(content="I think it is positive."), Answer(content="Still no JSON.")])
    running.feed.publish("bad", TITLE, TEXT)

    def refused() -> Story | None:
        with every_firm():
            return Story.objects.filter(state=State.QUARANTINED).first()

    story = eventually(refused, what="the story in quarantine, with its reason")
    assert story is not None
    assert "refused twice" in story.error
    with every_firm():
        assert not Analysis.objects.filter(lane="full").exists()

    running.model.script([Answer(status=429, headers={"Retry-After": "2"}, body='{"error": {"message": "slow down"}}')])
    running.feed.publish(
        "good", "Hon Hai opens a plant for electric buses", "Hon Hai Precision Industry makes buses in Ohio now."
    )

    def read_in_full() -> Analysis | None:
        with every_firm():
            return Analysis.objects.filter(lane="full").first()

    analysis = eventually(read_in_full, seconds=60, what="the next story read in full after its Retry-After")
    assert analysis is not None
    assert analysis.story_id != story.pk
    first, again = running.model.requests[-2:]
    assert again.at - first.at >= 2, "not before the model said"


def test_a_worker_killed_half_way_leaves_one_alert_and_at_most_two_mails(running: Stack, cast: Cast) -> None:
    """The workers die with the model's reply under way, then with a mail handed over and not yet marked as sent."""
    running.model.script([Answer(delay_s=2.5)])
    running.feed.publish("killed", TITLE, TEXT)
    eventually(lambda: running.model.requests, what="the model is asked")
    running.kill("model")
    running.mail.hold.set()
    running.start("model")
    eventually(lambda: running.mail.messages, seconds=90, what="a mail is handed over")
    first_alert = (alerts("provisional") + alerts("confirmed"))[0].pk
    running.kill("delivery")
    running.kill("pipeline")
    running.mail.hold.clear()
    running.start("delivery", "pipeline")

    def all_sent() -> bool:
        with every_firm():
            return Delivery.objects.exists() and not Delivery.objects.exclude(state=State.DONE).exists()

    eventually(all_sent, seconds=150, what="every delivery sent")
    eventually(lambda: alerts("confirmed"), seconds=90, what="the alert confirmed by the full reading")
    with every_firm():
        assert [alert.pk for alert in Alert.objects.all()] == [first_alert]
        assert Story.objects.get().analyses.filter(lane="full").count() == 1
    for address in ("alice@northlake.example", "bob@northlake.example"):
        copies = [message["Message-ID"] for message in running.mail.to(address)]
        assert 1 <= len(copies) <= 2
        assert len(set(copies)) == 1


def test_a_broker_that_is_emptied_loses_nothing(running: Stack, cast: Cast) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.flushdb()
    running.feed.publish("wiped", TITLE, TEXT)
    for _ in range(20):
        time.sleep(0.5)
        broker.flushdb()
    eventually(lambda: alerts("confirmed"), what="the alert although each wake-up was thrown away")
    eventually(lambda: len(running.mail.messages) >= 2, what="a mail to Alice and one to Bob")
