"""The catalogue of model faults, put on our own schema's good reply: each row's transport fault or mutation as an Answer."""

import json
from collections.abc import Callable
from typing import Any

from tests.model_server import Answer, Reply


def answer_for(row: dict[str, Any]) -> Answer:
    """The Answer with the fault of one row of the catalogue (`family`, `name`, `status`, `headers`, …)."""
    if row["family"] == "http":
        return Answer(status=row["status"], headers=row["headers"], body=row["body"])
    if row["family"] == "transport" and row["body"] == "":
        return Answer(body="")
    if row["family"] == "transport":
        drip = 1.0 if row["headers"].get("X-Drip") else None
        return Answer(delay_s=row["delay_s"], cut_after_bytes=row["cut_after_bytes"], drip_s=drip)
    choice = json.loads(row["body"])["choices"][0]
    if choice["message"]["content"] is None:
        return Answer(body=row["body"])
    return Answer(mutate=MUTATIONS[row["name"]], finish_reason=choice["finish_reason"])


def _with(change: Callable[[Reply], object]) -> Callable[[Reply], str]:
    def mutate(reply: Reply) -> str:
        change(reply)
        return json.dumps(reply)

    return mutate


def _written(name: str, value: str) -> Callable[[Reply], str]:
    """The first reading's field written as these characters, which json.dumps would not write."""

    def mutate(reply: Reply) -> str:
        reply["issuers"][0][name] = "@@"
        return json.dumps(reply).replace('"@@"', value)

    return mutate


MUTATIONS: dict[str, Callable[[Reply], str]] = {
    "good": json.dumps,
    "truncated, finish_reason length": lambda reply: json.dumps(reply)[:90],
    "fenced ```json": lambda reply: f"```json\n{json.dumps(reply)}\n```",
    "prose around": lambda reply: f"Here is it: {json.dumps(reply)} Hope it helps",
    "not json": lambda _: "I think it is moderately positive.",
    "array": lambda _: "[1]",
    "duplicate keys": lambda reply: json.dumps(reply).replace('"p_positive": 0.55', '"p_positive": 0.55, "p_positive": 0.1', 1),
    "NaN / Infinity literals": _written("p_positive", "NaN"),
    "big exponent": _written("market_impact", "1e999"),
    "nested 5000 deep": lambda _: "[" * 5000 + "]" * 5000,
    "lone surrogate": _with(lambda reply: reply.update(summary="A summary \ud83d of it")),
    "NUL in text": _with(lambda reply: reply.update(summary="a\x00b")),
    'score as string "0.45"': _written("p_positive", '"0.55"'),
    "score 45 (percent)": _written("p_positive", "55"),
    "score -1.0001": _written("p_negative", "-0.0001"),
    "score true": _written("market_impact", "true"),
    "label contradicts score": _with(lambda reply: reply["issuers"][0].update(sentiment_label="strongly negative")),
    "missing impact": _with(lambda reply: reply["issuers"][0].pop("market_impact")),
    "extra keys": _with(lambda reply: reply.update(action="buy")),
    "summary 200 kB": _with(lambda reply: reply.update(summary="x" * 200_000)),
    "empty summary": _with(lambda reply: reply.update(summary="")),
}
