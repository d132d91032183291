"""A real OpenAI-compatible HTTP server on 127.0.0.1 that answers well, or as badly as it is told.

    with ModelServer() as server:
        server.script([Answer(status=500), Answer(finish_reason="length")])  # then good replies again
        ... OPENAI_BASE_URL = server.url ...
        assert server.requests[0].body["model"] == "gpt-4o-mini"

The default reply answers for the candidates it finds in the request, and quotes the story it was given.
"""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Reply = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One answer. `body` None: a completion around `content`; `content` None: the default good reply, as `mutate` leaves it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    content: str | None = None
    mutate: Callable[[Reply], str] | None = None
    finish_reason: str = "stop"
    refusal: str | None = None
    delay_s: float = 0.0
    cut_after_bytes: int | None = None
    drip_s: float | None = None  # seconds between single bytes


@dataclass(frozen=True)
class Request:
    """One request as it came: path, headers (lower case), parsed body, monotonic time."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    at: float


class ModelServer:
    """The server, running from construction (or `with`) to `stop()`. `url` ends in /v1. Port 0 picks a free one."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.reply: Callable[[Request], Reply] = good_reply
        self.refused_formats: dict[str, int] = {}  # as format_of names it → status to refuse it with
        self.down = threading.Event()
        self._script: deque[Answer] = deque()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop serving; answers that are still dripping end."""
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def script(self, answers: Iterable[Answer]) -> None:
        """The next answers, one per request in order; good replies afterwards."""
        with self._lock:
            self._script.extend(answers)

    def answer(self, request: Request) -> Answer:
        """What to answer to this request: the next of the script, unless its format is refused."""
        with self._lock:
            self.requests.append(request)
            wanted = format_of(request)
            if status := self.refused_formats.get(wanted):
                error = {"message": f"response_format {wanted} is not supported", "type": "invalid_request_error"}
                return Answer(status=status, body=json.dumps({"error": error}))
            return self._script.popleft() if self._script else Answer()

    def wait(self, seconds: float) -> bool:
        """Sleep; true when the server is stopping."""
        return self._stopping.wait(seconds)

    def body(self, answer: Answer, request: Request) -> bytes:
        """The bytes of the answer's body."""
        if answer.body is not None:
            return answer.body.encode("utf-8", "surrogatepass")
        content = answer.content
        if content is None:
            reply = self.reply(request)
            content = answer.mutate(reply) if answer.mutate else json.dumps(reply)
        return json.dumps(completion(content, answer, request)).encode()


def format_of(request: Request) -> str:
    """How it asks for the reply's shape: json_schema, json_object, tools or none."""
    wanted: str = (request.body.get("response_format") or {}).get("type", "none")
    return "tools" if request.body.get("tools") else wanted


def completion(content: str | None, answer: Answer, request: Request) -> dict[str, Any]:
    """A chat completion around `content`; asked to call a function it gives that as the function's arguments."""
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": answer.refusal}
    if format_of(request) == "tools":
        name = request.body["tools"][0]["function"]["name"]
        called = {"id": "call-1", "type": "function", "function": {"name": name, "arguments": content}}
        message |= {"content": None, "tool_calls": [called]}
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 0,
        "model": request.body.get("model", "test"),
        "choices": [{"index": 0, "finish_reason": answer.finish_reason, "message": message}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 200, "total_tokens": 1100},
    }


# --- the good reply --------------------------------------------------------------------------------------


def candidates_in(request: Request) -> list[dict[str, Any]]:
    """The candidates the request offers."""
    found = re.search(r"^Candidates: (\[.*\])$", _said(request), re.M)
    return list(json.loads(found[1])) if found else []


def story_in(request: Request) -> str:
    """The story between the request's markers."""
    found = re.search(r"^<<<([0-9a-f]+)\n(.*)\n\1>>>$", _said(request), re.M | re.S)
    return found[2] if found else ""


def _said(request: Request) -> str:
    return "\n".join(message["content"] for message in request.body.get("messages", []) if message["role"] == "user")


def good_reply(request: Request) -> Reply:
    """A valid reply: the first candidate is primary, at sentiment 0.45 and impact 0.35; the quote is the story's first line."""
    keys = [candidate["key"] for candidate in candidates_in(request)]
    names = ", ".join(candidate["name"] for candidate in candidates_in(request))
    quote = next((line for line in story_in(request).splitlines() if len(line) >= 8), "")[:400]
    return {
        "summary": f"The story is about {names}.",
        "sections": {"new": "It was announced.", "thesis": "It may add revenue.", "risk": None, "watch": "A first order\nA date"},
        "primary": keys[0] if keys else "nobody",
        "issuers": [good_reading(key) for key in keys],
        "evidence": [{"claim": "summary", "quote": quote.rsplit(" ", 1)[0] if len(quote) == 400 else quote}],
        "second_order": [],
        "event": {"type": "partnership.formed", "direction": None, "fact_level": "fact", "scheduled": False},
        "confidence": 0.7,
        "horizon": "quarters",
    }


def good_reading(key: str) -> Reply:
    """One issuer's part of the good reply."""
    return {
        "issuer": key,
        "p_positive": 0.55,
        "p_neutral": 0.35,
        "p_negative": 0.1,
        "market_impact": 0.35,
        "role": "partner",
        "reason": "Named in the story.",
    }


# --- HTTP ------------------------------------------------------------------------------------------------


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, json.loads(raw), time.monotonic())
            if server.down.is_set():
                self.close_connection = True
                return
            answer = server.answer(request)
            if server.wait(answer.delay_s):
                return
            try:
                self._send(answer, server.body(answer, request))
            except OSError:
                self.close_connection = True  # the client has given up

        def do_GET(self) -> None:
            self._send(Answer(), json.dumps({"object": "list", "data": [{"id": "test", "object": "model"}]}).encode())

        def _send(self, answer: Answer, body: bytes) -> None:
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if answer.drip_s is not None:
                self._drip(body, answer.drip_s)
            elif answer.cut_after_bytes is not None:
                self.wfile.write(body[: answer.cut_after_bytes])
                self.close_connection = True
            else:
                self.wfile.write(body)

        def _drip(self, body: bytes, seconds: float) -> None:
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if server.wait(seconds):
                    return

        def log_message(self, *args: object) -> None:
            """Quiet."""

    return Handler
