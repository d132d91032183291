"""How well false prose and false quotes are caught, and true ones let pass, against replies some of which were spoiled."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from config.evaluation.shares import share
from research.grounding import ground
from research.reply import is_claim
from research.slips import Slip, check_prose

KINDS = ("number", "date", "currency", "scale", "quote", "name", "negation")


def evaluate_grounding(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of `manage.py evaluate grounding`. A row counts as refused when anything in it is dropped or marked."""
    n, refused = Counter[str | None](), Counter[str | None]()
    for row in rows:
        if not isinstance(row["texts"], list) or not isinstance(row["candidates"], list):
            raise TypeError(f"{row.get('id')}: texts and candidates are lists")
        kind = row["spoiled"]
        if kind is not None and kind not in KINDS:
            raise ValueError(f"spoiled: {kind!r} is none of {', '.join(KINDS)}")
        n[kind] += 1
        refused[kind] += bool(found_false(row))
    spoiled = [kind for kind in KINDS if n[kind]]
    return {
        "n": n.total(),
        "spoiled_caught": share(sum(refused[kind] for kind in spoiled), sum(n[kind] for kind in spoiled)),
        "true_refused": share(refused[None], n[None]),
        "by_kind": {kind: share(refused[kind], n[kind]) for kind in KINDS},
    }


def found_false(row: dict[str, Any]) -> list[str | Slip]:
    """What the product would drop or mark: quotes, and slips of the prose. A claim that is no section's key is prose."""
    texts, reply = [str(text) for text in row["texts"]], row["reply"]
    sections = {"summary": str(reply["summary"])} | {
        key: _prose(text) for key, text in (reply.get("sections") or {}).items() if text
    }
    evidence = [(str(each.get("claim") or ""), str(each["quote"])) for each in reply.get("evidence") or []]
    for number, (claim, _) in enumerate(evidence):
        if not is_claim(claim):
            sections[f"evidence.{number}"] = claim
    checked = check_prose(sections, texts, [str(name) for name in row["candidates"]])
    return [*(each.quote for each in ground(evidence, texts).dropped), *checked.slips]


def _prose(text: Any) -> str:
    return "\n".join(map(str, text)) if isinstance(text, list) else str(text)
