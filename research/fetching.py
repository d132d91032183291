"""The one outbound HTTP client for addresses that come from users: feeds, pages, webhooks.

It resolves names itself, checks every answer against `address_ranges`, and connects to a checked address, so a name cannot
point elsewhere between check and use. It takes no proxy, cookie or credential from anywhere, and holds one deadline over
resolving, connecting, redirects and the body together.
"""

import datetime as dt
import functools
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any
from urllib.parse import quote, urljoin

import httpcore
import idna

from research.address_ranges import why_refused

MAX_REDIRECTS = 3
MAX_URL = 2048
MAX_HEADER_BYTES = 32 * 1024
MAX_WIRE_BYTES = 5 * 1024 * 1024
MAX_BODY_BYTES = 20 * 1024 * 1024
CONNECT_SECONDS = 5.0
MAX_RETRY_AFTER = 24 * 3600.0
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
USER_AGENT = "Bellwether/0.1 (news reader)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may follow a redirect to another origin: nothing that could carry a secret.
PORTABLE_HEADERS = frozenset({"accept", "accept-language", "user-agent", "if-none-match", "if-modified-since"})
OUR_HEADERS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding", "cookie"})

Resolve = Callable[..., Iterable[tuple[Any, ...]]]


class FetchRefused(Exception):
    """We did not go on. `reason`: url, scheme, userinfo, host, port, address, redirects, deadline, size, encoding or headers."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class FetchFailed(Exception):
    """The network or the server failed; later may be better. `retry_after` is the wait in seconds that the server asked for."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Fetched:
    """A whole reply: the final URL, the status, headers by lower-case name, and the decompressed body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def retry_after(self) -> float | None:
        """Seconds to wait by the Retry-After header (a number or an HTTP date), at most a day; None without a readable one."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:9]), MAX_RETRY_AFTER)
        try:
            wait = (parsedate_to_datetime(value) - dt.datetime.now(dt.UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
        return min(max(wait, 0.0), MAX_RETRY_AFTER)

    def raise_for_status(self) -> None:
        """Raises FetchFailed unless the reply is a whole document (200) or says that nothing changed (304)."""
        if self.status not in (200, 304):
            raise FetchFailed(f"the server answered {self.status}", self.retry_after())


@dataclass(frozen=True)
class Target:
    """A checked URL in parts: ASCII host without brackets or final dot, port, path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        netloc = self.netloc.removesuffix({"http": ":80", "https": ":443"}[self.scheme])
        return f"{self.scheme}://{netloc}{self.path}"


def read_target(url: str) -> Target:
    """Takes a URL apart by one strict reading, refusing everything that two readers could understand differently.

    Raises FetchRefused with reason url, scheme, userinfo, host or port.
    """
    if len(url) > MAX_URL or not url.isprintable() or re.search(r"[\s\\]", url):
        raise FetchRefused("url", "the address is too long or has blanks, backslashes or control characters")
    match = re.fullmatch(r"(?i)(https?)://([^/?#]*)([^#]*)(?:#.*)?", url)
    if match is None:
        raise FetchRefused("scheme", "only http:// and https:// addresses are fetched")
    scheme, authority, path = match[1].lower(), match[2], match[3]
    if "@" in authority:
        raise FetchRefused("userinfo", "an address with a user name or password is not fetched")
    parts = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::([0-9]{0,5}))?", authority)
    if parts is None:
        raise FetchRefused("host", "the address has no readable host")
    port = int(parts[2] or (443 if scheme == "https" else 80))
    if not 1 <= port <= 65535:
        raise FetchRefused("port", f"there is no port {port}")
    path = quote(path if path.startswith("/") else f"/{path}", safe="/%:?@!$&'()*+,;=~|[]-._")
    return Target(scheme, _read_host(parts[1]), port, path)


def _read_host(text: str) -> str:
    """The host as lower-case ASCII; refuses addresses in any but their canonical notation (0x7f.1, 2130706433, 127.0.0.01)."""
    try:
        if text.startswith("["):
            return str(IPv6Address(text[1:-1]))
        host = text if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
        host = host.lower().removesuffix(".")
        if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rpartition(".")[2]):
            return str(IPv4Address(host))
    except (AddressValueError, idna.IDNAError) as error:
        raise FetchRefused("host", f"the host is not readable: {error}") from None
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in host.split(".")):
        raise FetchRefused("host", "the host is not a name")
    return host


def checked_addresses(target: Target, allow: frozenset[str], resolve: Resolve, timeout: float) -> list[str]:
    """The literal addresses to connect to for a target, each checked unless the operator allowed its host:port.

    Raises FetchRefused("address") if any answer lies outside the public internet, FetchRefused("deadline") when the resolver
    takes longer than `timeout` seconds, FetchFailed when the name does not resolve.
    """
    addresses = _look_up(target, resolve, timeout)
    for address in addresses:
        why = None if target.netloc in allow else why_refused(address)
        if why:
            raise FetchRefused("address", f"{target.host} is at {address}, which is not public ({why})")
    return addresses


def _look_up(target: Target, resolve: Resolve, timeout: float) -> list[str]:
    # getaddrinfo has no time limit of its own: it runs in a thread that may be left behind.
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = resolve(target.host, target.port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(answer[4][0]) for answer in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=max(timeout, 0.001))
    except queue.Empty:
        raise FetchRefused("deadline", f"resolving {target.host} took too long") from None
    if isinstance(answer, Exception) or not answer:
        raise FetchFailed(f"{target.host} does not resolve")
    return answer


class Deadline:
    """A moment after which nothing of a fetch may go on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises FetchRefused("deadline") when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchRefused("deadline", f"the server took longer than {self.seconds:g} s")
        return left


class TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write waits at most until the deadline, however slowly bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections to the checked addresses of one target and to nothing else."""

    def __init__(self, target: Target, addresses: list[str], deadline: Deadline) -> None:
        self._target = target
        self._addresses = addresses
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        backend = httpcore.SyncBackend()
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = backend.connect_tcp(address, self._target.port, min(CONNECT_SECONDS, self._deadline.left()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self._deadline)
        raise failure


def fetch(
    url: str,
    *,
    allow: frozenset[str] = frozenset(),
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    content: bytes | None = None,
    deadline: float = 30.0,
    resolve: Resolve = socket.getaddrinfo,
) -> Fetched:
    """Fetches one user-given address within `deadline` seconds, at most 5 MB on the wire and 20 MB decompressed.

    `allow` holds the operator's "host:port" pairs, exempt from the address check alone. Up to three redirects of a GET or HEAD
    are followed, each checked again; any other method, and every status (304 too), is returned as it comes. Conditional
    requests are the caller's headers. Raises FetchRefused and FetchFailed.
    """
    clock = Deadline(deadline)
    target = read_target(url)
    sent = {name.lower(): value for name, value in (headers or {}).items() if name.lower() not in OUR_HEADERS}
    for _ in range(MAX_REDIRECTS + 1):
        addresses = checked_addresses(target, allow, resolve, clock.left())
        reply = _exchange(target, addresses, clock, method=method, headers=sent, content=content)
        location = reply.headers.get("location")
        if reply.status not in REDIRECTS or not location or method not in ("GET", "HEAD"):
            return reply
        following = read_target(urljoin(target.url, location))
        if (following.scheme, following.netloc) != (target.scheme, target.netloc):
            sent = {name: value for name, value in sent.items() if name in PORTABLE_HEADERS}
        target = following
    raise FetchRefused("redirects", f"more than {MAX_REDIRECTS} redirects")


def _exchange(
    target: Target, addresses: list[str], clock: Deadline, *, method: str, headers: Mapping[str, str], content: bytes | None
) -> Fetched:
    request_headers = {"user-agent": USER_AGENT, "accept": "*/*"} | dict(headers)
    request_headers |= {"accept-encoding": "gzip", "connection": "close"}
    # As they are read: an ETag with an accent goes back as it came.
    raw_headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request_headers.items()]
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    backend = CheckedBackend(target, addresses, clock)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_ssl_context(), network_backend=backend) as pool,
            pool.stream(method, url, headers=raw_headers, content=content) as response,
        ):
            received = _read_headers(response.headers)
            skip = response.status in REDIRECTS and "location" in received
            chunks = () if skip else response.iter_stream()
            body = b"".join(_decompress(_within_wire(chunks), received.get("content-encoding", ""), clock))
            return Fetched(target.url, response.status, received, body)
    except httpcore.LocalProtocolError as error:
        raise FetchRefused("headers", f"the request cannot be sent: {error}") from error
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        clock.left()
        raise FetchFailed(f"{target.host}: {error or type(error).__name__}") from error


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


def _read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in raw) > MAX_HEADER_BYTES:
        raise FetchRefused("headers", f"more than {MAX_HEADER_BYTES} bytes of headers")
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _within_wire(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_WIRE_BYTES:
            raise FetchRefused("size", f"more than {MAX_WIRE_BYTES} bytes")
        yield chunk


def _decompress(chunks: Iterable[bytes], encoding: str, clock: Deadline) -> Iterator[bytes]:
    """The body's bytes as they decompress, never holding more than the limit; gzip may come in several members."""
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        yield from chunks
        return
    if kind not in ("gzip", "x-gzip"):
        raise FetchRefused("encoding", f"the server sent {encoding!r}, though only gzip was offered")
    room, member, empty = MAX_BODY_BYTES, zlib.decompressobj(31), True
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                clock.left()
                if member.eof and not rest.startswith(b"\x1f"):
                    break  # padding after the last member, which gzip itself ignores too
                if member.eof:
                    member = zlib.decompressobj(31)
                data = member.decompress(rest, room + 1)
                rest, empty, room = member.unused_data, False, room - len(data)
                if room < 0:
                    raise FetchRefused("size", f"more than {MAX_BODY_BYTES} bytes when decompressed")
                yield data
    except zlib.error as error:
        raise FetchFailed(f"the compressed body is damaged: {error}") from error
    if not member.eof and not empty:
        raise FetchFailed("the compressed body ended early")
