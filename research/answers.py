"""What a model's server answered, sorted: a completion, or why there is none and whether to come back.

Knows the chat-completions format of OpenAI and of the servers that speak it, and no client library.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from research.folding import storable

Kind = Literal["rate", "quota", "auth", "config", "server", "timeout", "network", "refused", "too_long", "truncated", "malformed"]
_LASTING: set[Kind] = {"refused", "too_long", "truncated"}
OPERATOR_KINDS: set[Kind] = {"quota", "auth", "config"}
FUNCTION = "reading"  # where the reply's shape is asked for as a function's parameters, the name of that function


@dataclass(frozen=True)
class Completion:
    """What the model said, and the receipt: tokens null when the server did not count, latency in milliseconds, cost in US
    dollars, null when no price is known.
    """

    text: str
    model: str
    tokens_in: int | None
    tokens_out: int | None
    latency_ms: int
    cost: Decimal | None = None


class ModelUnavailable(Exception):
    """No usable answer. `retry_after`: seconds the server asked for, or None. Its text never holds a key or a reply."""

    was_sent = True  # the request, or some of it

    def __init__(self, kind: Kind, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.kind: Kind = kind
        self.retry_after = retry_after
        self.tokens: tuple[int | None, int | None] = (None, None)  # in and out, of an answer that was counted and is no use

    @property
    def worth_retrying(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind not in _LASTING

    @property
    def needs_operator(self) -> bool:
        """Whether every other request will fail as well until somebody changes the key, the plan or the settings."""
        return self.kind in OPERATOR_KINDS


@dataclass(frozen=True)
class Refusal:
    """An answer with an error status. Header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def error(self) -> dict[str, Any]:
        """The error object of the body, empty when there is none."""
        said = _loaded(self.body)
        error = said.get("error") if isinstance(said, dict) else None
        return error if isinstance(error, dict) else {}

    @property
    def words(self) -> str:
        """Code, type, parameter and message in lower case, to look for known phrases. Not for logs: may echo the key."""
        return " ".join(str(self.error.get(part) or "") for part in ("code", "type", "param", "message")).lower()

    @property
    def kind(self) -> Kind:
        """What stands behind the status."""
        words = self.words
        if "insufficient_quota" in words or self.status == 402:
            return "quota"
        if self.status == 403 and not self.error:
            return "config"  # a wall in front of the server, not the server: it may be about this one text
        if self.status in {400, 413, 422}:
            return _bad_request(self.status, words)
        return _KINDS.get(self.status, "server" if self.status >= 500 else "config")

    def unavailable(self) -> ModelUnavailable:
        """The error to raise: status and code alone, because messages may echo the key."""
        code = str(self.error.get("code") or self.error.get("type") or "")
        named = f" ({code})" if re.fullmatch(r"[a-z_]{1,60}", code) else ""
        return ModelUnavailable(self.kind, f"HTTP {self.status}{named}", _retry_after(self.headers))


_KINDS: dict[int, Kind] = {401: "auth", 403: "auth", 408: "timeout", 409: "server", 425: "server", 429: "rate"}


def _bad_request(status: int, words: str) -> Kind:
    if status == 413 or any(mark in words for mark in ("context_length", "context length", "maximum context", "too long")):
        return "too_long"
    if "content_filter" in words or "content_policy" in words or "content management policy" in words:
        return "refused"
    return "config"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from now, from `retry-after-ms`, or `retry-after` as seconds or as an HTTP date; None when unreadable."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def completion(body: bytes, model: str, latency_ms: int) -> Completion:
    """The completion in the body of a 200 answer; `model` is used when the server does not name its own.

    Raises ModelUnavailable of kind 'truncated', 'refused', 'server' or 'malformed'.
    """
    said = _loaded(body.decode("utf-8", "replace"))
    if not isinstance(said, dict):
        raise ModelUnavailable("malformed", "the answer is not a JSON object")
    if said.get("error"):
        raise ModelUnavailable("server", "an error with status 200")
    usage = said["usage"] if isinstance(said.get("usage"), dict) else {}
    named = said.get("model")
    counted = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    try:
        text = _content(_first_choice(said))
    except ModelUnavailable as error:
        error.tokens = counted
        raise
    return Completion(
        text=text,
        model=storable(named)[:120] if isinstance(named, str) and named else model,
        tokens_in=counted[0],
        tokens_out=counted[1],
        latency_ms=latency_ms,
    )


def _first_choice(said: dict[str, Any]) -> dict[str, Any]:
    choices = said.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ModelUnavailable("malformed", "the answer holds no choice")
    return choices[0]


def _content(choice: dict[str, Any]) -> str:
    message = choice["message"] if isinstance(choice.get("message"), dict) else {}
    if choice.get("finish_reason") == "length":
        raise ModelUnavailable("truncated", "the answer was cut at the token limit")
    if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
        raise ModelUnavailable("refused", "the model declined to answer")
    content = message.get("content")
    if isinstance(content, list):  # some servers send text in parts
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    if not content:
        content = _arguments(message)
    if not isinstance(content, str) or not content.strip():
        raise ModelUnavailable("malformed", "the answer holds no text")
    return storable(content)


def _arguments(message: dict[str, Any]) -> object:
    """What the one function we named was called with; of any other function nothing is taken."""
    calls = message.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls and isinstance(calls[0], dict) else {}
    function = first["function"] if isinstance(first.get("function"), dict) else {}
    return function.get("arguments") if function.get("name") == FUNCTION else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _loaded(text: str) -> object:
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return loaded
