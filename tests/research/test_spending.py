"""The ledger of the model under real concurrency, against a real database and a real model server."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now

from accounts.models import OutgoingMail
from accounts.scope import every_firm
from accounts.work import State
from research import llm, spending
from research.analysis import analyse
from research.budget import Caps, Used
from research.models import BudgetNotice, FirmBudget, ModelCall, Spend, Story
from research.reading import read_articles
from tests.at_once import at_once
from tests.make import make_article, make_firm, make_issuer, make_source, make_story
from tests.model_server import Answer, ModelServer

AT_ONCE = pytest.mark.django_db(transaction=True)
ONE_CALL = 1100  # tokens that the server of the tests counts
DAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def model_of_the_tests(settings: LazySettings) -> None:
    settings.MODEL_CONFIGURED, settings.MODEL_REPLY_TOKENS = True, 100
    settings.OPENAI_MODEL = "gpt-4o-mini"


@pytest.fixture
def model(settings: LazySettings) -> Any:
    llm.forget_dialects()
    with ModelServer() as server:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = server.url, "sk-canary"
        settings.MODEL_DEADLINE_SECONDS = 5.0
        yield server


def installation(day: date | None = None) -> Used:
    with every_firm():
        return spending.used(None, day or spending.today())[0]


def stories_of_companies(count: int) -> list[int]:
    """That many stories of everybody, each about a company of its own, that wait for a full reading."""
    with every_firm():
        source, articles = make_source(), []
        for number in range(count):
            name = "Q" + "".join("bdfgklmnprst"[(number * 7 + turn * 5) % 12] + "aeiou"[(number + turn) % 5] for turn in range(4))
            make_issuer(f"{name.capitalize()}ex", listing=f"Q{number}X XNAS")
            words = " ".join(f"{name[turn:]}{turn}ium" for turn in range(4))
            articles.append(make_article(source, title=f"{name.capitalize()}ex shows {words}", text=f"{words} was shown."))
    read_articles([article.pk for article in articles])
    with every_firm():
        return list(Story.objects.values_list("pk", flat=True))


# --- Reservations


@AT_ONCE
def test_of_fifty_at_once_just_those_pass_that_the_limit_admits(settings: LazySettings) -> None:
    settings.MODEL_CAPS = Caps(day_tokens=10 * 1000)
    with every_firm():
        story = make_story()
    outcomes: Counter[str] = Counter()

    def ask(_: int) -> None:
        try:
            spending.reserve(story, 900)
            outcomes["passed"] += 1
        except spending.Busy:
            outcomes["busy"] += 1

    at_once(50, ask)
    assert outcomes == {"passed": 10, "busy": 40}
    assert installation().tokens == installation().tokens_held == 10_000
    with every_firm():
        assert ModelCall.objects.filter(settled_at=None).count() == 10
        for call in ModelCall.objects.all():
            spending.settle(call, 900, 100, ModelCall.ANSWERED)
    with pytest.raises(spending.NotAsked, match="The model’s budget for today is spent"):
        spending.reserve(story, 900)


@AT_ONCE
def test_firms_and_everybody_at_once_do_not_wait_for_each_other_for_ever(settings: LazySettings) -> None:
    settings.MODEL_CAPS = Caps(day_tokens=10**9)
    with every_firm():
        firms = [None, make_firm(), make_firm()]
        stories = [make_story(firm=firm) for firm in firms]

    def spend(number: int) -> None:
        for turn in range(5):
            call = spending.reserve(stories[(number + turn) % 3], 900)
            spending.settle(call, 700, None if turn == 0 else 50, ModelCall.ANSWERED)

    at_once(9, spend)
    with every_firm():
        sums = {firm.pk if firm else None: Spend.objects.get(firm=firm) for firm in firms}
        calls = list(ModelCall.objects.all())
    assert len(calls) == 45
    for firm, spent in sums.items():
        own = [call for call in calls if firm is None or call.firm_id == firm]
        assert (spent.tokens, spent.tokens_held) == (sum(call.tokens_in + call.tokens_out for call in own), 0)
        assert (spent.cost, spent.cost_held) == (sum((call.cost or Decimal(0) for call in own), Decimal(0)), Decimal(0))


@AT_ONCE
def test_what_a_killed_worker_had_reserved_stays_counted_and_is_settled_at_its_most(settings: LazySettings) -> None:
    settings.MODEL_CAPS = Caps(day_tokens=1000)
    with every_firm():
        story = make_story()
    program = textwrap.dedent(f"""
        import django, time
        django.setup()
        from django.conf import settings
        from accounts.scope import every_firm
        from research import spending
        from research.models import Story
        settings.MODEL_REPLY_TOKENS = 100
        with every_firm():
            story = Story.objects.get(pk={story.pk})
        spending.reserve(story, 900)
        print("reserved", flush=True)
        time.sleep(60)
    """)
    worker = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "reserved\n"
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    with pytest.raises(spending.Busy):
        spending.reserve(story, 1)
    assert spending.settle_lost() == 0  # it might still live
    with every_firm():
        ModelCall.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert spending.settle_lost() == 1
    with every_firm():
        call = ModelCall.objects.get()
    assert (call.outcome, call.tokens_in, call.tokens_out, call.is_estimated) == ("lost", 900, 100, True)
    assert (installation().tokens, installation().tokens_held) == (1000, 0)
    with pytest.raises(spending.NotAsked):
        spending.reserve(story, 1)
    late = spending.settle(call, 1, 1, ModelCall.ANSWERED)  # it was not dead after all: what is settled stays
    assert (late.tokens_in, installation().tokens) == (900, 1000)


@pytest.mark.django_db
def test_days_and_months_end_and_begin(settings: LazySettings, across_firms: None) -> None:
    Spend.objects.create(day=date(2026, 10, 31), tokens=7000, cost=Decimal(7))
    Spend.objects.create(day=date(2026, 11, 1), tokens=500, cost=Decimal(1))
    Spend.objects.create(day=DAY, tokens=40, cost=Decimal(2), tokens_held=30)
    assert spending.used(None, DAY) == (Used(40, Decimal(2), 30, Decimal(0)), Used(540, Decimal(3), 30, Decimal(0)))
    assert spending.used(None, date(2026, 12, 1)) == (Used(), Used())
    settings.MODEL_CAPS = Caps(month_tokens=510, day_cost=Decimal(2))
    assert [limit.standing for limit in spending.limits_of(None, DAY)] == ["spent", "spent"]
    assert [limit.standing for limit in spending.limits_of(None, date(2026, 12, 1))] == ["free", "free"]


@pytest.mark.django_db
def test_a_firm_at_its_limit_does_not_stop_the_others(across_firms: None) -> None:
    thrifty, other = make_firm(), make_firm()
    FirmBudget.objects.create(firm=thrifty, monthly_cost=Decimal("0.01"))
    own = make_story(firm=thrifty)
    spending.settle(spending.reserve(own, 900), 900, 20_000, ModelCall.ANSWERED)
    with pytest.raises(spending.NotAsked, match="Your firm’s budget for the model for this month is spent"):
        spending.reserve(own, 900)
    assert spending.reserve(make_story(firm=other), 900)
    assert spending.reserve(make_story(), 900)


@pytest.mark.django_db
def test_without_a_known_price_the_cost_is_not_measured_and_tokens_still_limit(
    settings: LazySettings, across_firms: None
) -> None:
    settings.OPENAI_MODEL = "our-own-model"
    settings.MODEL_CAPS = Caps(day_cost=Decimal("0.01"), day_tokens=1000)
    story = make_story()
    spending.settle(spending.reserve(story, 900), 900, 200, ModelCall.ANSWERED)
    assert ModelCall.objects.get().cost is None
    with pytest.raises(spending.NotAsked):
        spending.reserve(story, 900)


@pytest.mark.django_db
def test_the_operator_is_warned_once_a_period_and_told_once_that_it_is_spent(settings: LazySettings, across_firms: None) -> None:
    settings.STAFF_EMAIL, settings.MODEL_CAPS = "staff@bellwether.example", Caps(day_tokens=1000, month_tokens=10_000)
    story = make_story()
    subjects = []
    for tokens in (700, 100, 50, 200):
        spending.settle(spending.reserve(story, 1), tokens, 0, ModelCall.ANSWERED)
        subjects.append(list(OutgoingMail.objects.order_by("pk").values_list("subject", flat=True)))
    near, spent = (f"{share} of the budget of the installation for today is spent" for share in ("80%", "105%"))
    assert subjects == [[], [near], [near], [near, spent]]
    assert "1,050 of 1,000 tokens" in OutgoingMail.objects.latest("pk").text


@AT_ONCE
def test_of_many_that_cross_the_line_at_once_one_tells(settings: LazySettings) -> None:
    settings.STAFF_EMAIL, settings.MODEL_CAPS = "staff@bellwether.example", Caps(day_tokens=100_000)
    with every_firm():
        calls = [spending.reserve(make_story(), 1) for _ in range(8)]

    def settle(number: int) -> None:
        spending.settle(calls[number], 11_000, 0, ModelCall.ANSWERED)

    at_once(8, settle)
    with every_firm():
        assert (BudgetNotice.objects.count(), OutgoingMail.objects.count()) == (1, 1)


# --- What a request is settled at


@AT_ONCE
@pytest.mark.parametrize(
    ("answer", "outcome", "tokens", "is_estimated"),
    [
        (Answer(), "answered", (900, 200), False),
        (Answer(finish_reason="length"), "truncated", (900, 200), False),
        (Answer(refusal="No."), "refused", (900, 200), False),
        (Answer(body='{"choices": [{"message": {"content": "Hello"}}]}'), "answered", None, True),
        (Answer(body="not json"), "malformed", None, True),
        (Answer(delay_s=3), "timeout", None, True),
        (Answer(cut_after_bytes=20), "network", None, True),
        (Answer(status=429, body="{}"), "rate", (0, 0), False),
        (Answer(status=401, body="{}"), "auth", (0, 0), False),
        (Answer(status=408, body="{}"), "timeout", (0, 0), False),
    ],
)
def test_every_request_is_settled_at_what_was_counted_or_at_its_most(
    model: ModelServer, settings: LazySettings, answer: Answer, outcome: str, tokens: tuple[int, int] | None, is_estimated: bool
) -> None:
    settings.MODEL_DEADLINE_SECONDS = 0.7
    (story,) = stories_of_companies(1)
    model.script([answer])
    analyse(story)
    with every_firm():
        call = ModelCall.objects.order_by("pk")[0]
    at_most = (call.tokens_in, 100)
    assert (call.outcome, call.is_estimated) == (outcome, is_estimated)
    assert (call.tokens_in, call.tokens_out) == (tokens or at_most)
    assert tokens or call.tokens_in > 900
    assert installation().tokens_held == 0


@AT_ONCE
def test_a_server_that_is_not_there_costs_nothing(settings: LazySettings, free_port: int) -> None:
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{free_port}/v1"
    (story,) = stories_of_companies(1)
    assert analyse(story) is None
    with every_firm():
        call = ModelCall.objects.get()
    assert (call.outcome, call.tokens_in, call.tokens_out, call.is_estimated) == ("network", 0, 0, False)


@AT_ONCE
def test_a_repair_is_a_request_too_and_the_analysis_knows_its_cost(model: ModelServer) -> None:
    (story,) = stories_of_companies(1)
    model.script([Answer(content="It is positive.")])
    assert analyse(story)
    with every_firm():
        assert list(ModelCall.objects.order_by("pk").values_list("is_repair", "cost")) == [
            (False, Decimal("0.000255")),
            (True, Decimal("0.000255")),
        ]
        analysis = Story.objects.get().current_analysis
        assert analysis is not None
        assert analysis.cost == Decimal("0.00051")
    assert model.requests[0].body["max_tokens"] == 100
    assert installation().cost == Decimal("0.00051")


# --- The whole way


@AT_ONCE
@pytest.mark.slow
def test_with_a_slow_model_and_eight_threads_spending_ends_within_one_request_of_the_limit(
    model: ModelServer, settings: LazySettings
) -> None:
    settings.MODEL_REPLY_TOKENS = 400
    settings.MODEL_CAPS = Caps(day_tokens=10 * ONE_CALL)
    stories = stories_of_companies(24)
    assert len(stories) == 24
    model.script([Answer(delay_s=2)] * 100)
    until = time.monotonic() + 60

    def work(_: int) -> None:
        while time.monotonic() < until and _waiting():
            with every_firm():
                due = Story.objects.due().order_by("?").values_list("pk", flat=True).first()
            if due is None:
                time.sleep(0.1)
                continue
            analyse(due)
            with every_firm():  # what the sweep does 15 s later
                Story.objects.filter(pk=due, error__startswith="Requests under way").update(next_at=Now())
            time.sleep(0.05)

    at_once(8, work)
    used, cap = installation(), 10 * ONE_CALL
    assert cap <= used.tokens < cap + ONE_CALL
    assert used.tokens_held == 0
    assert len(model.requests) * ONE_CALL == used.tokens
    with every_firm():
        states = Counter(Story.objects.values_list("state", "gated_by"))
    assert states == {(State.DONE.value, ""): 10, (State.QUARANTINED.value, "budget"): len(stories) - 10}


def _waiting() -> bool:
    with every_firm():
        return Story.objects.filter(state=State.WAITING).exists()
