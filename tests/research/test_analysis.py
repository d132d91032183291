"""The full reading of a story against a real model server: what is stored, what waits, and what is put aside with its reason."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.work import State
from portfolios.models import Issuer, Relation
from research import llm
from research.analysis import _answer_or_wait, _store, analyse
from research.asking import ask, load
from research.grounding_counts import SLIPS, grounding_counts
from research.models import Analysis, Article, Story
from research.quick_readings import ask_for_full_readings
from research.reading import read_articles
from tests.make import make_article, make_issuer, make_source, make_story
from tests.model_server import Answer, ModelServer, Reply

pytestmark = pytest.mark.django_db
TITLE = "OpenAI and Foxconn to co-design AI data-center racks"
TEXT = "The two companies will design several generations of racks in parallel.\n\nNo purchase is agreed."


@pytest.fixture
def model(settings: LazySettings) -> Any:
    llm.forget_dialects()
    with ModelServer() as server:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY, settings.MODEL_CONFIGURED = server.url, "sk-canary", True
        settings.MODEL_DEADLINE_SECONDS = 1.5
        yield server


@pytest.fixture
def story(across_firms: None, model: ModelServer) -> Story:
    make_issuer("Hon Hai", slug="hon-hai", aliases=["Foxconn"], listing="2317 XTAI")
    make_issuer("OpenAI", slug="openai", is_private=True)
    article = make_article(make_source(), title=TITLE, text=TEXT)
    assert read_articles([article.pk]).stories
    found = Story.objects.get()
    assert found.state == State.WAITING
    return found


def full(story: Story) -> Analysis | None:
    return story.analyses.filter(lane=Analysis.Lane.FULL).first()


def test_a_good_reply_becomes_a_version_with_its_receipt(story: Story, model: ModelServer) -> None:
    assert analyse(story.pk)
    story.refresh_from_db()
    analysis = full(story)
    assert analysis is not None
    assert story.state == State.DONE
    assert story.current_analysis == analysis
    assert (analysis.version, analysis.engine, analysis.tokens_in, analysis.tokens_out) == (2, "model", 900, 200)
    assert analysis.supersedes is not None
    assert analysis.supersedes.lane == Analysis.Lane.FLASH
    assert analysis.prompt_version == llm.prompt_version()
    assert analysis.raw_reply
    reading = analysis.readings.get(issuer__slug=analysis.primary_issuer.slug)  # type: ignore[union-attr]
    assert (reading.sentiment_score, reading.market_impact_score) == (0.45, 0.35)
    quote = analysis.evidence.get()
    assert f"{TITLE}\n\n{TEXT}"[quote.start : quote.end] == quote.quote


def test_nobody_pays_twice(story: Story, model: ModelServer) -> None:
    assert analyse(story.pk)
    assert analyse(story.pk) is None
    assert len(model.requests) == 1


def test_the_request_holds_the_story_and_our_candidates_and_nothing_of_holdings(story: Story, model: ModelServer) -> None:
    analyse(story.pk)
    said = "\n".join(message["content"] for message in model.requests[0].body["messages"])
    assert TEXT.splitlines()[0] in said
    assert "hon-hai" in said
    assert "openai" in said


def test_what_the_event_reaches_through_another_is_kept_without_scores(story: Story, model: ModelServer) -> None:
    hon_hai, quanta, pegatron = (
        Issuer.objects.get(slug="hon-hai"),
        make_issuer("Quanta", slug="quanta"),
        make_issuer("Pegatron", slug="pegatron"),
    )
    Relation.objects.create(issuer=quanta, kind="competitor", other=hon_hai)
    Relation.objects.create(issuer=pegatron, kind="competitor", other=hon_hai, valid_to=timezone.now() - timedelta(days=9))

    def reach(reply: Reply) -> str:
        said = {"role": "competitor", "reason": "It may lose orders."}
        return json.dumps(reply | {"second_order": [{"issuer": slug, **said} for slug in ("quanta", "pegatron", "openai")]})

    model.script([Answer(mutate=reach)])
    assert analyse(story.pk)
    asked = model.requests[0].body["messages"][1]["content"]
    assert '"relation": "Quanta, competitor of Hon Hai"' in asked
    assert "Pegatron" not in asked  # that is over
    analysis = full(story)
    assert analysis is not None
    assert [(effect.issuer, effect.role) for effect in analysis.second_order.all()] == [(quanta, "competitor")]
    assert {reading.issuer.slug for reading in analysis.readings.all()} == {"hon-hai", "openai"}
    assert [(row["kind"], row["words"]) for row in analysis.dropped] == [("issuer", "pegatron")]
    assert analysis.event == {
        "group": "partnership", "type": "partnership.formed", "direction": None, "fact_level": "fact", "scheduled": False
    }  # fmt: skip


def test_what_the_text_does_not_bear_out_is_dropped_and_listed(story: Story, model: ModelServer) -> None:
    def invent(reply: Reply) -> str:
        reply["evidence"].append({"claim": "thesis", "quote": "The companies signed a binding order."})
        reply["evidence"].append({"claim": "mood", "quote": "The two companies will design"})
        reply["summary"] = "An order of 5 billion dollars."
        reply["issuers"].append({**reply["issuers"][0], "issuer": "apple"})
        return json.dumps(reply)

    model.script([Answer(mutate=invent)] * 2)
    assert analyse(story.pk)
    assert len(model.requests) == 2  # once for the reply, once for a better one
    analysis = full(story)
    assert analysis is not None
    assert analysis.was_repaired
    assert [(row["kind"], row["reason"]) for row in analysis.dropped] == [
        ("quote", "not in the text"),
        ("quote", "unusable"),
        ("number", "not in the text"),
        ("issuer", "not a candidate"),
    ]
    assert analysis.evidence.count() == 1
    assert not analysis.readings.filter(issuer__slug="apple").exists()


def slip(words: str) -> Any:
    def mutate(reply: Reply) -> str:
        reply["summary"] += f" {words}"
        return json.dumps(reply)

    return mutate


def test_slips_are_listed_in_one_request_and_the_better_reply_is_kept(story: Story, model: ModelServer) -> None:
    model.script([Answer(mutate=slip("It costs $7 billion, and Qualcomm joins on 3 May 2031."))])
    assert analyse(story.pk)
    asked = model.requests[1].body["messages"][-1]["content"]
    for words in ("$7 billion", "Qualcomm", "3 May 2031"):
        assert words in asked
    analysis = full(story)
    assert analysis is not None
    assert (analysis.dropped, analysis.was_repaired, len(model.requests)) == ([], True, 2)


@pytest.mark.parametrize(
    "second", [Answer(content="It is positive."), Answer(status=500, body="{}"), Answer(mutate=slip("It costs $8bn or $9bn."))]
)
def test_a_worse_second_reply_does_not_cost_the_first(story: Story, model: ModelServer, second: Answer) -> None:
    model.script([Answer(mutate=slip("It costs $7 billion.")), *[second] * 4])
    assert analyse(story.pk)
    analysis = full(story)
    assert analysis is not None
    assert [(row["kind"], row["claim"], row["words"]) for row in analysis.dropped] == [("number", "summary", "$7 billion")]
    assert analysis.was_repaired


def test_what_follows_from_the_text_is_kept_with_its_arithmetic(story: Story, model: ModelServer) -> None:
    Article.objects.update(text=f"{TEXT} Output went from 100 to 120 racks.")
    model.script([Answer(mutate=slip("Output was up 20 % to 120 racks."))])
    assert analyse(story.pk)
    analysis = full(story)
    assert analysis is not None
    assert (analysis.dropped, analysis.was_repaired) == ([], False)
    assert analysis.derived == [{"claim": "summary", "words": "20 %", "reason": "(120 − 100) ÷ 100"}]


def test_counts_per_model_and_prompt(story: Story, model: ModelServer) -> None:
    model.script([Answer(mutate=slip("It costs $7 billion."))] * 2)
    assert analyse(story.pk)
    (counts,) = grounding_counts()
    assert (counts.model, counts.prompt_version) == (full(story).model, llm.prompt_version())  # type: ignore[union-attr]
    assert (counts.replies, counts.repaired, counts.quotes_dropped) == (1, 1, 0)
    assert dict(zip(SLIPS, counts.slips, strict=True)) == dict.fromkeys(SLIPS, 0) | {"number": 1}


def test_a_refused_reply_is_sent_back_once_with_what_was_wrong(story: Story, model: ModelServer) -> None:
    model.script([Answer(content="It is positive.")])
    assert analyse(story.pk)
    assert len(model.requests) == 2
    assert "JSON" in model.requests[1].body["messages"][-1]["content"]


def test_refused_twice_it_is_put_aside_with_the_reason(story: Story, model: ModelServer) -> None:
    model.script([Answer(content="It is positive."), Answer(content="Really.")])
    assert analyse(story.pk) is None
    story.refresh_from_db()
    assert story.state == State.QUARANTINED
    assert "refused twice" in story.error
    assert full(story) is None


@pytest.mark.parametrize(
    ("answer", "least"),
    [
        (Answer(status=429, headers={"Retry-After": "20"}, body="{}"), 18),
        (Answer(status=401, body='{"error": {"message": "Incorrect key sk-canary"}}'), 14 * 60),
        (Answer(status=429, body='{"error": {"code": "insufficient_quota"}}'), 14 * 60),
        (Answer(status=500, body="{}"), 0),
    ],
)
def test_a_model_that_is_not_ready_is_waited_for(story: Story, model: ModelServer, answer: Answer, least: float) -> None:
    model.script([answer] * 4)
    assert analyse(story.pk) is None
    story.refresh_from_db()
    assert (story.state, story.attempts, story.lease_until) == (State.WAITING, 0, None)
    assert story.next_at > timezone.now() + timedelta(seconds=least)
    assert "sk-canary" not in story.error


def test_what_changed_while_the_model_read_is_read_again(story: Story, model: ModelServer) -> None:
    task = load(story.pk)
    answer = ask(task)
    Article.objects.update(text="Now something else.", revision=2)
    assert _store(task, answer) is None
    story.refresh_from_db()
    assert (story.state, story.lease_until, full(story)) == (State.WAITING, None, None)


def test_without_a_model_a_story_that_waited_for_one_is_done_and_nobody_is_asked(
    story: Story, model: ModelServer, settings: LazySettings
) -> None:
    settings.MODEL_CONFIGURED = False
    assert analyse(story.pk) is None
    story.refresh_from_db()
    assert (story.state, full(story), model.requests) == (State.DONE, None, [])


def test_what_was_added_while_a_reading_failed_is_read_all_the_same(story: Story, model: ModelServer) -> None:
    Story.objects.claim([story.pk])
    task = load(story.pk)
    ask_for_full_readings([story.pk])  # of what came after
    model.script([Answer(status=400, body='{"error": {"message": "maximum context length"}}')])
    assert _answer_or_wait(task) is None
    story.refresh_from_db()
    assert (story.state, story.error) == (State.WAITING, "")


def test_what_was_merged_while_a_reading_failed_is_no_failed_story(story: Story, model: ModelServer) -> None:
    Story.objects.claim([story.pk])
    task = load(story.pk)
    Story.objects.filter(pk=story.pk).update(merged_into=make_story("Another"), state=State.DONE)
    model.script([Answer(status=400, body='{"error": {"message": "maximum context length"}}')])
    assert _answer_or_wait(task) is None
    story.refresh_from_db()
    assert story.state == State.DONE


def test_links_of_what_the_reply_made_up_are_not_kept(story: Story, model: ModelServer) -> None:
    def evil(reply: Reply) -> str:
        named = reply["issuers"][0] | {"issuer": "https://evil.example/pay"}
        made_up = {"claim": "summary", "quote": "Claim a refund at https://evil.example/refund <b>now</b>"}
        return json.dumps(reply | {"issuers": [*reply["issuers"], named], "evidence": [*reply["evidence"], made_up]})

    model.script([Answer(mutate=evil)] * 2)
    assert analyse(story.pk)
    analysis = full(story)
    assert analysis is not None
    assert [(row["kind"], row["words"]) for row in analysis.dropped] == [("quote", "Claim a refund at now"), ("issuer", "")]
