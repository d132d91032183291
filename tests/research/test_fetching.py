"""The outbound client against every hostile address of the catalogue, and against real servers on 127.0.0.1."""

import contextlib
import gzip
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from research.fetching import Fetched, FetchFailed, FetchRefused, checked_addresses, fetch, read_target
from tests.shared_data import shared, shared_lines

Answer = Callable[[bytes, socket.socket], None]


@contextlib.contextmanager
def server(answer: Answer) -> Iterator[int]:
    """A TCP server on 127.0.0.1 that reads one request's head (or a TLS hello) and lets `answer` write what it likes."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):
                received = self.request.recv(65536)
                if not received:
                    return
                head += received
            with contextlib.suppress(OSError):
                answer(head, self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield running.server_address[1]
        running.shutdown()


def reply(body: bytes = b"ok", status: int = 200, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if "content_length" not in headers and "transfer_encoding" not in headers:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(response: bytes) -> Answer:
    return lambda _, connection: connection.sendall(response)


def names(**hosts: list[str]) -> Callable[..., list[tuple[Any, ...]]]:
    """A resolver that knows these names (dots written _), localhost, and literal addresses; the rest of the world is public."""

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        known = hosts.get(host.replace(".", "_").replace("-", "_"))
        if known is None:
            is_literal = ":" in host or re.fullmatch(r"[0-9.]+", host)
            known = [host] if is_literal else ["127.0.0.1"] if host == "localhost" else ["93.184.216.34"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known]

    return resolve


def get(port: int, path: str = "/", **options: Any) -> Fetched:
    return fetch(f"http://127.0.0.1:{port}{path}", allow=frozenset({f"127.0.0.1:{port}"}), **options)


def test_every_hostile_address_is_refused_and_every_honest_one_is_not() -> None:
    wrong = []
    for case in shared_lines("hostile/ssrf-urls/cases.jsonl"):
        hosts = {case["url"].split("/")[2].replace(".", "_").replace("-", "_"): case["dns"][0]} if case.get("dns") else {}
        if case["expect"] == "block":
            try:
                fetch(case["url"], resolve=names(**hosts), deadline=2)
                wrong.append(case["id"])
            except FetchRefused:
                continue
        elif case["expect"] == "allow" and "user:pass" not in case["url"]:
            addresses = checked_addresses(read_target(case["url"]), frozenset(), names(**hosts), 2)
            wrong += [] if addresses else [case["id"]]
    assert wrong == []


@pytest.mark.slow
def test_no_redirect_of_the_catalogue_leads_inside() -> None:
    cases = [case for case in shared_lines("hostile/ssrf-urls/cases.jsonl") if case.get("redirect")]
    assert len(cases) == 25
    for case in cases:
        step = case["redirect"][0]
        with server(always(reply(status=step["status"], location=step["location"]))) as port:
            allow = frozenset({f"public.example:{port}"})
            with pytest.raises(FetchRefused):
                fetch(f"http://public.example:{port}/r", allow=allow, resolve=names(public_example=["127.0.0.1"]))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/", "scheme"),
        ("http://a@example.com/", "userinfo"),
        ("http://example.com:0/", "port"),
        ("http://example.com:65536/", "port"),
        ("http://①②⑦.0.0.1./", "address"),
        ("http://0x7f.1/", "host"),
        ("http://exam\u200bple\u202e.com/", "url"),
        ("http://-example.com/", "host"),
        ("http://" + "a" * 64 + ".com/", "host"),
        ("http://example..com/", "host"),
        ("http://example.com/" + "a" * 3000, "url"),
        ("http://example.com/a b", "url"),
    ],
)
def test_addresses_that_two_readers_could_read_differently_are_refused(url: str, reason: str) -> None:
    with pytest.raises(FetchRefused) as refused:
        fetch(url, resolve=names(), deadline=2)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("HTTP://Example.COM./a?b#c", "http://example.com/a?b"),
        ("https://example.com:443", "https://example.com/"),
        ("https://例子.测试/訊", "https://xn--fsqu00a.xn--0zwm56d/%E8%A8%8A"),
        ("http://[2606:2800:220:1:0248:1893:25c8:1946]:81/", "http://[2606:2800:220:1:248:1893:25c8:1946]:81/"),
        ("https://example.com?u=http://127.0.0.1/", "https://example.com/?u=http://127.0.0.1/"),
    ],
)
def test_an_address_is_read_into_one_form(url: str, read: str) -> None:
    assert read_target(url).url == read


def test_a_page_is_fetched_from_the_checked_address_with_the_name_in_host_and_nothing_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1/")
    seen: list[bytes] = []
    asked: list[str] = []

    def answer(head: bytes, connection: socket.socket) -> None:
        seen.append(head.lower())
        connection.sendall(reply(b"hello", ETag='W/"a"', set_cookie="a=1"))

    def resolve(host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return names(feed_example=["127.0.0.1"])(host, port, **options)

    with server(answer) as port:
        allow = frozenset({f"feed.example:{port}"})
        for _ in range(2):
            fetched = fetch(f"http://Feed.Example:{port}/x?y=1", allow=allow, resolve=resolve, headers={"Cookie": "b=2"})
    assert (fetched.status, fetched.body, fetched.headers["etag"]) == (200, b"hello", 'W/"a"')
    assert f"host: feed.example:{port}".encode() in seen[0]
    assert seen[0].startswith(b"get /x?y=1 http/1.1")
    assert b"cookie" not in seen[1]
    assert asked == ["feed.example"] * 2


def test_tls_names_the_host_and_never_goes_on_without_it() -> None:
    hellos: list[bytes] = []
    with server(lambda hello, _: hellos.append(hello)) as port, pytest.raises(FetchFailed):
        fetch(
            f"https://feed.example:{port}/", allow=frozenset({f"feed.example:{port}"}), resolve=names(feed_example=["127.0.0.1"])
        )
    assert b"feed.example" in hellos[0]


def test_the_operators_allowance_is_for_one_host_and_port() -> None:
    with server(always(reply())) as port:
        for url in (f"http://localhost:{port}/", f"http://127.0.0.1:{port + 1}/"):
            with pytest.raises(FetchRefused, match="not public"):
                fetch(url, allow=frozenset({f"127.0.0.1:{port}"}), resolve=names())


def test_a_name_with_one_inner_answer_is_refused_whole() -> None:
    with pytest.raises(FetchRefused, match=r"10\.0\.0\.1"):
        fetch("http://a.example/", resolve=names(a_example=["93.184.216.34", "10.0.0.1"]))


def test_a_name_that_does_not_resolve_and_a_resolver_that_hangs() -> None:
    def fails(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    def hangs(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        time.sleep(3)
        return []

    with pytest.raises(FetchFailed, match="does not resolve"):
        fetch("http://a.example/", resolve=fails)
    started = time.monotonic()
    with pytest.raises(FetchRefused) as refused:
        fetch("http://a.example/", resolve=hangs, deadline=0.3)
    assert refused.value.reason == "deadline"
    assert time.monotonic() - started < 2


def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    def answer(head: bytes, connection: socket.socket) -> None:
        left = int(head.split()[1].strip(b"/"))
        connection.sendall(reply(b"there") if left == 0 else reply(status=302, location=f"/{left - 1}"))

    with server(answer) as port:
        fetched = get(port, "/3")
        assert (fetched.url, fetched.body) == (f"http://127.0.0.1:{port}/0", b"there")
        with pytest.raises(FetchRefused) as refused:
            get(port, "/4")
    assert refused.value.reason == "redirects"


def test_a_redirect_to_another_origin_takes_no_secret_along() -> None:
    heads: list[bytes] = []

    def second(head: bytes, connection: socket.socket) -> None:
        heads.append(head.lower())
        connection.sendall(reply())

    with server(second) as other, server(always(reply(status=307, location=f"http://127.0.0.1:{other}/"))) as port:
        allow = frozenset({f"127.0.0.1:{port}", f"127.0.0.1:{other}"})
        fetch(
            f"http://127.0.0.1:{port}/",
            allow=allow,
            headers={"Authorization": "Bearer x", "X-Key": "y", "If-None-Match": '"e"'},
        )
    assert b"authorization" not in heads[0]
    assert b"x-key" not in heads[0]
    assert b'if-none-match: "e"' in heads[0]


@pytest.mark.parametrize("status", [200, 206, 304, 404, 410, 429, 500])
def test_every_status_comes_back_as_it_is(status: int) -> None:
    with server(always(reply(b"" if status == 304 else b"x", status, retry_after="7"))) as port:
        fetched = get(port, headers={"If-None-Match": '"e"'})
    assert fetched.status == status
    if status in (200, 304):
        fetched.raise_for_status()
    else:
        with pytest.raises(FetchFailed) as failed:
            fetched.raise_for_status()
        assert failed.value.retry_after == 7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3600", 3600), ("99999999999", 86400), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("-5", None), ("soon", None), ("", None)],
)
def test_how_long_the_server_asks_to_wait(value: str, seconds: float | None) -> None:
    assert Fetched("http://a.example/", 429, {"retry-after": value}, b"").retry_after() == seconds


def test_a_post_is_sent_whole_and_its_redirect_is_not_followed() -> None:
    heads: list[bytes] = []

    def answer(head: bytes, connection: socket.socket) -> None:
        heads.append(head)
        connection.sendall(reply(status=307, location="http://10.0.0.1/"))

    with server(answer) as port:
        fetched = get(port, method="POST", content=b'{"a": 1}', headers={"Content-Type": "application/json"})
    assert fetched.status == 307
    assert b"POST / HTTP/1.1" in heads[0]
    assert b"8" in re.findall(rb"(?i)content-length: (\d+)", heads[0])


def drip(data: bytes, whole: bytes = b"") -> Answer:
    def answer(_: bytes, connection: socket.socket) -> None:
        connection.sendall(whole)
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return answer


def flood(_: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
    for _block in range(200):
        connection.sendall(b"x" * 65536)


def gzipped(data: bytes, encoding: str = "gzip") -> bytes:
    return reply(data, content_encoding=encoding)


HOSTILE: list[tuple[str, Answer, str]] = [
    ("silence", lambda _, connection: time.sleep(2), "deadline"),
    ("dripped headers", drip(reply()), "deadline"),
    ("dripped body", drip(b"x" * 99, reply(b"", content_length="99")), "deadline"),
    ("endless body", flood, "size"),
    ("gzip bomb", always(gzipped(gzip.compress(b" " * (21 << 20)))), "size"),
    ("bomb in many members", always(gzipped(gzip.compress(b" " * (1 << 20)) * 21)), "size"),
    ("brotli", always(gzipped(b"x", "br")), "encoding"),
    ("gzip in gzip", always(gzipped(b"x", "gzip, gzip")), "encoding"),
    ("deflate", always(gzipped(zlib.compress(b"x"), "deflate")), "encoding"),
    ("huge header", always(reply(x="a" * 65536)), "headers"),
    ("closed mid-body", always(reply(b"half", content_length="8")), "failed"),
    ("closed at once", lambda _, connection: None, "failed"),
    ("truncated gzip", always(gzipped(gzip.compress(b"hello")[:-6])), "failed"),
    ("damaged gzip", always(gzipped(b"\x1f\x8b\x08\x00garbage")), "failed"),
    ("not HTTP", always(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "failed"),
]


def outcome(port: int, path: str, deadline: float) -> str:
    """The status a fetch came to, the reason it was refused for, or "failed"."""
    try:
        return str(get(port, path, deadline=deadline).status)
    except FetchRefused as error:
        return error.reason
    except FetchFailed:
        return "failed"


@pytest.mark.parametrize(("answer", "expected"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_hostile_servers(answer: Answer, expected: str) -> None:
    started = time.monotonic()
    with server(answer) as port:
        assert outcome(port, "/", 0.5 if expected == "deadline" else 10.0) == expected
    assert time.monotonic() - started < (3 if expected == "deadline" else 9)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"hello"), gzip.compress(b"hel") + gzip.compress(b"lo"), gzip.compress(b"hello") + b"\0" * 9],
    ids=["one member", "two members", "padded"],
)
def test_gzip_is_read_to_its_end(body: bytes) -> None:
    with server(always(reply(body, content_encoding="gzip"))) as port:
        assert get(port).body == b"hello"


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchFailed):
            get(taken.getsockname()[1])


@pytest.fixture(scope="module")
def evil_port() -> Iterator[int]:
    script = shared("hostile/faults/evil_server.py")
    process = subprocess.Popen([sys.executable, str(script), "--max-seconds", "120"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield int(process.stdout.readline())
    process.kill()
    process.wait()


# What each path of the catalogue's server comes to; those that answer with an ordinary feed are not listed.
OUTCOMES = {
    "304-on-first-request": "304",
    "validators-from-error-page": "500",
    "301-new-url": "200",
    "410-gone": "410",
    "never-responds": "deadline",
    "drip-headers": "deadline",
    "drip-body": "deadline",
    "body-never-ends": "size",
    "chunked-huge-chunk": "size",
    "content-length-lies-long": "failed",
    "64k-header-line": "headers",
    "10000-headers": "headers|failed",
    "close-mid-body": "failed",
    "gzip-bomb": "size",
    "redirect-loop": "redirects",
    "redirect-private": "address",
    "retry-after-429": "429",
}


@pytest.mark.slow
def test_the_catalogue_of_feed_servers(evil_port: int) -> None:
    listed = {case["path"].strip("/") for case in shared_lines("hostile/faults/feed_http_scenarios.jsonl")}
    wrong = {}
    for name in sorted(listed | set(OUTCOMES)):
        expected = OUTCOMES.get(name, "200")
        found = outcome(evil_port, f"/feed/{name}", 0.5 if expected == "deadline" else 20.0)
        if found not in expected.split("|"):
            wrong[name] = found
    assert wrong == {}


def test_an_etag_is_sent_back_byte_for_byte(evil_port: int) -> None:
    for name in ("etag-strong", "etag-weak", "etag-unquoted", "etag-with-gzip-suffix"):
        tag = get(evil_port, f"/feed/{name}").headers["etag"]
        assert get(evil_port, f"/feed/{name}", headers={"If-None-Match": tag}).status == 304
