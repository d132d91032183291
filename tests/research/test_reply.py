"""What passes the gate, what is refused and why, and what is cleaned on the way."""

import json
from copy import deepcopy
from typing import Any

import pytest

from research.events import EVENT_TYPES
from research.reply import CLAIMS, LONGEST_REPLY, ReplyRejected, parse_reply, plain, reply_schema

GOOD: dict[str, Any] = {
    "summary": "OpenAI and Hon Hai will design racks together.",
    "sections": {"new": "A partnership.", "thesis": None, "watch": "A first order\nA date", "mood": "sunny"},
    "primary": "hon-hai",
    "issuers": [
        {
            "issuer": "hon-hai", "p_positive": 0.55, "p_neutral": 0.35, "p_negative": 0.1, "market_impact": 0.35,
            "role": "partner", "reason": "Orders may follow.",
        },
        {
            "issuer": "openai", "p_positive": 0.4, "p_neutral": 0.5, "p_negative": 0.1, "market_impact": None,
            "role": "partner", "reason": "Early access.",
        },
    ],
    "evidence": [{"claim": "summary", "quote": "will design racks together"}],
    "second_order": [{"issuer": "fii", "role": "subsidiary", "reason": "It would build the racks."}],
    "event": {"type": "partnership.joint_development", "direction": None, "fact_level": "fact", "scheduled": False},
    "confidence": 0.7,
    "horizon": "quarters",
}  # fmt: skip
CANDIDATES = {"hon-hai", "openai"}
RELATED = {"fii"}


def said(path: str = "", value: Any = None, *, drop: bool = False) -> str:
    """The good reply, with the value at `path` (dots, numbers for list places) replaced or dropped."""
    reply = deepcopy(GOOD)
    if path:
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = reply
        for step in way:
            place = place[step]
        if drop:
            del place[last]
        else:
            place[last] = value
    return json.dumps(reply)


def code(raw: str, candidates: set[str] | None = None) -> str:
    with pytest.raises(ReplyRejected) as caught:
        parse_reply(raw, CANDIDATES if candidates is None else candidates)
    assert str(caught.value).startswith(caught.value.code)
    assert len(str(caught.value)) < 200
    return caught.value.code


def test_good_reply() -> None:
    reply = parse_reply(said(), CANDIDATES, RELATED)
    assert reply.primary == "hon-hai"
    assert reply.sections == {"new": "A partnership.", "watch": "A first order\nA date"}
    assert [(reading.issuer, reading.market_impact) for reading in reply.issuers] == [("hon-hai", 0.35), ("openai", None)]
    assert (reply.unknown_issuers, reply.dropped_evidence) == ((), 0)
    assert reply.event is not None
    assert reply.event.model_dump() == GOOD["event"]


@pytest.mark.parametrize(
    "wrap", ["```json\n{}\n```", "```\n{}\n```", "Here it is:\n```json\n{}\n```\nDone.", "  {}  \n", "```json\r\n{}\r\n```"]
)
def test_one_fenced_block_is_accepted(wrap: str) -> None:
    assert parse_reply(wrap.replace("{}", said()), CANDIDATES, RELATED) == parse_reply(said(), CANDIDATES, RELATED)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", "not_json"),
        ("I think it is good.", "not_json"),
        (f"Here: {said()}", "not_json"),
        (f"{said()} Hope it helps", "not_json"),
        (f"```json\n{said()}\n```\n```json\n{said()}\n```", "not_json"),
        (said()[:-40], "truncated"),
        (said()[:-1], "truncated"),
        ('{"summary": "x', "truncated"),
        ("[1]", "wrong_type"),
        ("null", "wrong_type"),
        ("[" * 50_000, "too_deep"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "too_deep"),
        (said().replace('"primary"', '"primary": "x", "primary"'), "duplicate_key"),
        (said().replace("0.55", "NaN"), "not_finite"),
        (said().replace("0.55", "-Infinity"), "not_finite"),
        (said().replace("0.55", "1e999"), "not_finite"),
        (said().replace("0.55", "1" * 5000), "not_json"),
        ("x" * (LONGEST_REPLY + 1), "too_long"),
    ],
    ids=range(18),
)
def test_not_one_json_object(raw: str, expected: str) -> None:
    assert code(raw) == expected


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("summary", "", "out_of_range"),
        ("summary", "  \u200b ", "out_of_range"),
        ("summary", "https://evil.example/x", "out_of_range"),
        ("summary", "x" * 1201, "out_of_range"),
        ("summary", 5, "wrong_type"),
        ("summary", None, "wrong_type"),
        ("sections", [], "wrong_type"),
        ("sections.new", 1, "wrong_type"),
        ("sections.new", "x" * 4001, "out_of_range"),
        ("issuers", [], "out_of_range"),
        ("issuers.0.p_positive", "0.55", "wrong_type"),
        ("issuers.0.p_positive", True, "wrong_type"),
        ("issuers.0.p_positive", 55, "out_of_range"),
        ("issuers.0.p_positive", -0.0001, "out_of_range"),
        ("issuers.0.p_positive", 0.58, "probabilities"),
        ("issuers.0.p_positive", 0.52, "probabilities"),
        ("issuers.0.market_impact", 1.0001, "out_of_range"),
        ("issuers.0.market_impact", False, "wrong_type"),
        ("issuers.0.market_impact", "high", "wrong_type"),
        ("issuers.0.role", "x" * 81, "out_of_range"),
        ("issuers.0.reason", "x" * 301, "out_of_range"),
        ("issuers.1.issuer", "hon-hai", "duplicate_issuer"),
        ("primary", "apple", "primary_unknown"),
        ("primary", ["hon-hai"], "wrong_type"),
        ("confidence", 1.5, "out_of_range"),
        ("confidence", None, "wrong_type"),
        ("horizon", "soon", "out_of_range"),
        ("evidence", None, "wrong_type"),
        ("event", "deal", "wrong_type"),
        ("event.direction", "sideways", "out_of_range"),
        ("event.scheduled", "yes", "wrong_type"),
        ("second_order.0.reason", "", "out_of_range"),
    ],
)
def test_refused(path: str, value: Any, expected: str) -> None:
    assert code(said(path, value)) == expected


@pytest.mark.parametrize(
    "path",
    [
        "summary",
        "primary",
        "issuers",
        "evidence",
        "confidence",
        "issuers.0.market_impact",
        "issuers.0.p_neutral",
        "issuers.1.role",
    ],
)
def test_missing(path: str) -> None:
    assert code(said(path, drop=True)) == "missing"


@pytest.mark.parametrize("path", ["sections", "event", "event.direction", "event.scheduled", "horizon", "second_order"])
def test_may_be_left_out(path: str) -> None:
    parse_reply(said(path, drop=True), CANDIDATES, RELATED)


def test_twenty_one_readings_are_refused() -> None:
    readings = [GOOD["issuers"][0] | {"issuer": f"i{number}"} for number in range(21)]
    assert code(said("issuers", readings)) == "out_of_range"


def test_unknown_issuers_are_left_out_and_counted() -> None:
    reply = parse_reply(said("issuers.1.issuer", "EVIL\x00 Corp"), CANDIDATES, RELATED)
    assert [reading.issuer for reading in reply.issuers] == ["hon-hai"]
    assert reply.unknown_issuers == ("EVIL Corp",)
    assert code(said(), {"openai"}) == "primary_unknown"
    assert code(said("issuers.0.issuer", "x")) == "primary_without_reading"


def test_what_an_event_reaches_are_candidates_and_related_companies() -> None:
    effects = [{"issuer": name, "role": "supplier", "reason": "Orders."} for name in ("fii", "openai", "fii", "acme", "quanta")]
    reply = parse_reply(said("second_order", effects), {*CANDIDATES, "quanta"}, RELATED)
    # One that has a reading, and a second entry for the same company, say nothing more.
    assert [effect.issuer for effect in reply.second_order] == ["fii", "quanta"]
    assert reply.unknown_issuers == ("acme",)


def test_words_that_are_none_of_ours_are_other_and_counted() -> None:
    reply = parse_reply(said("event.type", "weather.rain"), CANDIDATES, RELATED)
    assert reply.event is not None
    assert (reply.event.type, reply.unknown_words) == ("other.other", ("weather.rain",))
    reply = parse_reply(said("issuers.1.role", "Kingmaker"), CANDIDATES, RELATED)
    assert ([each.role for each in reply.issuers], reply.unknown_words) == (["partner", "other"], ("Kingmaker",))


def test_the_model_cannot_set_what_we_count() -> None:
    reply = parse_reply(
        json.dumps(GOOD | {"unknown_issuers": ["x"], "dropped_evidence": 9, "action": "buy"}), CANDIDATES, RELATED
    )
    assert (reply.unknown_issuers, reply.dropped_evidence) == ((), 0)


def test_sum_is_renormalised_within_two_hundredths() -> None:
    reading = parse_reply(said("issuers.0.p_positive", 0.57), CANDIDATES, RELATED).issuers[0]
    assert reading.p_positive + reading.p_neutral + reading.p_negative == pytest.approx(1, abs=1e-9)
    assert reading.p_positive == 0.5588


def test_unusable_evidence_is_dropped_and_counted() -> None:
    quotes = ["short", "x" * 601, "long enough to use", "long enough too"]
    evidence = [{"claim": claim, "quote": quote} for claim, quote in zip(["new", "new", "mood", "new"], quotes, strict=True)]
    reply = parse_reply(said("evidence", evidence), CANDIDATES, RELATED)
    assert [item.quote for item in reply.evidence] == ["long enough too"]
    assert reply.dropped_evidence == 3


@pytest.mark.parametrize(
    ("claim", "kept"),
    [
        ("supports", "supports"),
        ("supports.2", "supports.2"),
        ("supports.02", "supports.2"),
        ("supports.3", "supports"),  # the list has two items: the quote stands for the whole of it
        ("supports.0", "supports"),
        ("watch.1", "watch"),
        ("new.1", None),
        ("supports.", None),
        ("supports.two", None),
        ("supports.1.1", None),
    ],
)
def test_a_quote_may_be_for_one_item_of_a_list(claim: str, kept: str | None) -> None:
    said = GOOD | {
        "sections": {"supports": "one\n\n- two"},
        "evidence": [{"claim": claim, "quote": "will design racks together"}],
    }
    reply = parse_reply(json.dumps(said), CANDIDATES, RELATED)
    assert [quote.claim for quote in reply.evidence] == ([kept] if kept else [])
    assert reply.dropped_evidence == (0 if kept else 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See [the deal](https://evil.example/x) now", "See the deal now"),
        ("![track](http://evil.example/p.png) Plain", "Plain"),
        ("Go to https://evil.example/?a=1 or www.evil.example today", "Go to or today"),
        ("a <a href='x'>link</a> <script>alert(1)</script> b", "a link alert(1) b"),
        ("<img src=x onerror=alert(1)", ""),
        ("<!-- hidden --> shown", "shown"),
        ("javascript:alert(1) text", "text"),
        ("mail me@evil.example or evil.example/path", "mail or"),
        ("**Bold** and `code` and __under__", "Bold and code and under"),
        ("# Title\n- one\n* two\n1. three", "Title\none\ntwo\nthree"),
        ("a\x00b \ud83d c\u200bd \u202eevil\u202c", "ab cd evil"),
        ("Margins < 5% and > 3%, R&D up; Amazon.com at $1.5bn", "Margins < 5% and > 3%, R&D up; Amazon.com at $1.5bn"),
        ("Kept\n\n\nlines\r\nhere  ok", "Kept\nlines\nhere ok"),
        ("3 of 4 plants - all in Ohio", "3 of 4 plants - all in Ohio"),
        ("鴻海與OpenAI合作。", "鴻海與OpenAI合作。"),
    ],
)  # fmt: skip
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_prose_of_a_reply_is_plain_and_storable() -> None:
    reply = parse_reply(said("summary", "A \ud83d [x](http://e.example) <b>deal</b>\x00."), CANDIDATES, RELATED)
    assert reply.summary == "A x deal ."
    reply.model_dump_json().encode()


def strict(node: Any) -> None:
    """What strict json_schema servers ask for."""
    assert not set(node) - {"type", "properties", "required", "additionalProperties", "items", "enum"}
    if "properties" in node:
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False
        for part in node["properties"].values():
            strict(part)
    if "items" in node:
        strict(node["items"])


def test_schema_is_one_for_strict_servers() -> None:
    schema = reply_schema()
    strict(schema)
    assert set(schema["properties"]) == set(GOOD)
    assert schema["properties"]["sections"]["required"] == list(CLAIMS[1:])
    reading = schema["properties"]["issuers"]["items"]["properties"]
    assert reading["market_impact"] == {"type": ["number", "null"]}
    event = schema["properties"]["event"]
    assert event["type"] == ["object", "null"]
    assert event["properties"]["type"]["enum"] == list(EVENT_TYPES)
    assert event["properties"]["scheduled"]["type"] == ["boolean", "null"]
    assert None in schema["properties"]["horizon"]["enum"]
    json.dumps(schema)
