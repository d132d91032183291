"""What an endpoint understands of the optional parts of a chat-completions request, and what to try after a refusal.

The reply's shape is asked for in one of four ways: the JSON schema itself; any JSON object, with the schema in words of the
prompt; the call of a function whose parameters have that schema (nothing is called: it is one more way to say the shape); or by
the prompt alone. Knows no client library.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from research.answers import FUNCTION, Refusal

Format = Literal["json_schema", "json_object", "tools", "none"]
FORMATS: tuple[Format, ...] = ("json_schema", "json_object", "tools", "none")
LIMITS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True)
class Dialect:
    response_format: Format = "json_schema"
    temperature: bool = True
    limit_name: str = "max_tokens"


def body(
    dialect: Dialect, messages: Sequence[Mapping[str, Any]], schema: dict[str, Any] | None, model: str, max_tokens: int | None
) -> dict[str, Any]:
    """The request in that dialect; without a schema no shape is asked for."""
    made: dict[str, Any] = {"model": model, "messages": [dict(message) for message in messages]}
    if schema is not None:
        made |= _shape(dialect.response_format, schema)
        if dialect.response_format in {"json_object", "none"}:
            _spell_out(made["messages"], schema)
    if dialect.temperature:
        made["temperature"] = 0
    if max_tokens:
        made[dialect.limit_name] = max_tokens
    return made


def _shape(form: Format, schema: dict[str, Any]) -> dict[str, Any]:
    if form == "json_schema":
        return {"response_format": {"type": form, "json_schema": {"name": FUNCTION, "strict": True, "schema": schema}}}
    if form == "json_object":
        return {"response_format": {"type": form}}
    if form == "tools":
        said = {"name": FUNCTION, "description": "Give the reading of the story.", "parameters": schema}
        return {
            "tools": [{"type": "function", "function": said}],
            "tool_choice": {"type": "function", "function": {"name": FUNCTION}},
        }
    return {}


def _spell_out(messages: list[dict[str, Any]], schema: dict[str, Any]) -> None:
    """Into the system message, where no story can stand."""
    words = f"The JSON schema of the reply:\n{json.dumps(schema, ensure_ascii=False, separators=(',', ':'))}"
    first = messages[0] if messages and messages[0]["role"] == "system" else None
    if first:
        first["content"] = f"{first['content']}\n\n{words}"
    else:
        messages.insert(0, {"role": "system", "content": words})


def simpler(dialect: Dialect, refusal: Refusal, *, is_known: bool) -> Dialect | None:
    """The dialect to try after this refusal; None when the refusal is about something else.

    A failure of the server (5xx) may come of a form it cannot read, but not where `is_known` says that the form has worked.
    """
    if refusal.status not in {400, 422, 500} or refusal.kind in {"too_long", "refused", "quota"}:
        return None
    if refusal.status >= 500 and is_known:
        return None
    if dialect.temperature and "temperature" in refusal.words:
        return replace(dialect, temperature=False)
    if dialect.limit_name == "max_tokens" and "max_completion_tokens" in refusal.words:
        return replace(dialect, limit_name="max_completion_tokens")
    at = FORMATS.index(dialect.response_format) + 1
    return replace(dialect, response_format=FORMATS[at]) if at < len(FORMATS) else None
