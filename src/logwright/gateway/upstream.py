"""Keep-alive connections to the providers, and one call over each at a time.

An answer is handed on as it arrives: head, pieces of body, and at the end of each
read `flush`, so that whatever one read brought can go out in one write.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import httptools

from logwright.addresses import AllowList, check_url
from logwright.errors import LogwrightError, UpstreamTimeout
from logwright.gateway.outbound import dial
from logwright.gateway.paths import MEDIA_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logwright.addresses import CheckedUrl
    from logwright.gateway.house import House
    from logwright.logs.record import ErrorKind
    from logwright.models.types import CallKind, Target
    from logwright.providers.base import Provider
    from logwright.providers.codec import UpstreamCall

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_HEADERS: Final = 256
"""What an answer's head may measure; beyond that it is no honest API."""

IDLE_SECONDS: Final = 30.0
"""How long a connection rests before we close it; shorter than the 60 s after which most servers do."""

STALE_SECONDS: Final = 1.0
"""A resting connection that closes this soon after a request, without a word, had been closed before it."""

IDLE_CONNECTIONS: Final = 256
"""Connections that rest at most, for each origin; those above are closed after use."""

_EVERYTHING: Final = AllowList(everything=True)

USER_AGENT: Final = "logwright"


class Answering(Protocol):
    """Whoever waits for an answer."""

    def upstream_connected(self, connection: UpstreamConnection) -> bool:
        """Learn which connection carries the call; answer False when it is no longer wanted."""

    def upstream_head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Learn status and headers, names in lower case."""

    def upstream_body(self, data: bytes) -> None:
        """Take a piece of the body."""

    def upstream_flush(self) -> None:
        """Learn that this is all for now."""

    def upstream_end(self) -> None:
        """Learn that the answer is complete."""

    def upstream_fault(self, kind: ErrorKind, message: str) -> None:
        """Learn that it will never be; the connection is gone."""


class UpstreamConnection(asyncio.Protocol):
    """One connection to a provider."""

    __slots__ = (
        "_answer",
        "_by_close",
        "_ended",
        "_head_bytes",
        "_headers",
        "_heard",
        "_in_body",
        "_keeps",
        "_parser",
        "_pool",
        "_reused",
        "_sent",
        "_sent_at",
        "_status",
        "_transport",
        "_url",
        "idle_since",
    )

    def __init__(self, pool: Pool, url: CheckedUrl) -> None:
        self._pool = pool
        self._url = url
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._answer: Answering | None = None
        self._sent = b""
        self._sent_at = 0.0
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._in_body = False
        self._status = 0
        self._heard = False
        self._reused = False
        self._by_close = False
        self._keeps = False
        self._ended = False
        self.idle_since = 0.0

    # ------------------------------------------------------------------ for the exchange

    def send(self, data: bytes, answer: Answering, *, reused: bool) -> None:
        """Send one request; `answer` hears of its answer."""
        self._answer = answer
        self._reused = reused
        # Kept until the first byte of an answer: a resting connection may have been closed under us.
        if reused:
            self._sent = data
            self._sent_at = self._pool.now()
        self._heard = False
        self._ended = False
        self._by_close = False
        self._head_bytes = 0
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
        assert self._transport is not None  # noqa: S101 - the pool hands out connected ones only
        self._transport.write(data)

    def pause(self) -> None:
        """Stop reading: the caller is slower than the provider."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on reading."""
        if self._transport is not None:
            self._transport.resume_reading()

    def cancel(self) -> None:
        """Give up the call; the provider sees the connection close at once."""
        self._answer = None
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_open(self) -> bool:
        """True while it can be used."""
        return self._transport is not None and not self._transport.is_closing()

    # ------------------------------------------------------------------ transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is no subclass of asyncio's

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever still waits."""
        del exc
        self._transport = None
        answer, self._answer = self._answer, None
        self._pool.forget(self)
        if answer is None:
            return
        if self._reused and not self._heard and self._pool.now() - self._sent_at < STALE_SECONDS:
            # It was being closed while it rested: the request crossed the farewell and was never looked at.
            # Later than that the provider may have worked on it, and sending it again could be paid twice.
            self._pool.send(self._url, self._sent, answer, fresh=True)
        elif self._by_close:
            answer.upstream_end()
            answer.upstream_flush()
        elif not self._heard:
            answer.upstream_fault("upstream_unreachable", "the provider closed the connection without an answer")
        else:
            answer.upstream_fault("upstream_cut", "the provider's answer broke off before its end")

    def data_received(self, data: bytes) -> None:
        """Parse; the callbacks below are called from within."""
        answer = self._answer
        if answer is None:
            # Nobody asked for anything: not a connection to use again.
            self.cancel()
            return
        if not self._heard:
            self._heard = True
            self._sent = b""
        if not self._in_body:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
            if not self._in_body and self._head_bytes > MAX_HEAD_BYTES:
                raise _Excess
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, _Excess) as error:
            self.cancel()
            excess = isinstance(error, _Excess) or isinstance(error.__context__, _Excess)
            why = (
                "the head of the provider's answer is too large" if excess else "the provider's answer is not HTTP/1.1"
            )
            answer.upstream_fault("upstream_malformed", why)
            return
        answer.upstream_flush()
        if self._ended and self._answer is None:
            self._release()

    # ------------------------------------------------------------------ parser

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Pass the head on; interim answers (1xx) are skipped."""
        status = self._parser.get_status_code()
        headers, self._headers = self._headers, []
        if len(headers) > MAX_HEADERS or (
            self._head_bytes > MAX_HEAD_BYTES
            and sum(len(name) + len(value) for name, value in headers) > MAX_HEAD_BYTES
        ):
            raise _Excess
        self._status = status
        if status < 200:
            return
        self._in_body = True
        framed = status in (204, 304) or any(name in (b"content-length", b"transfer-encoding") for name, _ in headers)
        self._by_close = not framed
        self._keeps = framed and self._parser.should_keep_alive()
        if self._answer is not None:
            self._answer.upstream_head(status, headers)

    def on_body(self, data: bytes) -> None:
        """Pass a piece of the body on."""
        if self._answer is not None:
            self._answer.upstream_body(data)

    def on_message_complete(self) -> None:
        """Pass the end on."""
        if self._status < 200 or self._by_close:
            return
        answer, self._answer = self._answer, None
        self._ended = True
        if answer is not None:
            answer.upstream_end()

    def _release(self) -> None:
        if self._transport is None:
            return
        if self._keeps:
            self._pool.rest(self._url, self)
        else:
            self._transport.close()


class _Excess(Exception):
    """An answer's head beyond all measure."""


class Line:
    """A target, ready to be called: where, how, and the head of its requests."""

    __slots__ = ("_heads", "provider", "target", "url", "used_at")

    def __init__(self, target: Target, provider: Provider) -> None:
        self.target = target
        self.provider = provider
        # Read, not judged: what may be called is decided on the addresses, each time a connection is made.
        self.url = check_url(target.base_url, _EVERYTHING)
        self.used_at = 0.0
        self._heads: dict[tuple[CallKind, bool], bytes | None] = {}

    def head(self, kind: CallKind, *, stream: bool) -> bytes | None:
        """Return the request's head up to the length of its body, or None if the provider has no such call."""
        try:
            return self._heads[kind, stream]
        except KeyError:
            made = self._heads[kind, stream] = self._make_head(kind, stream=stream)
            return made

    def _make_head(self, kind: CallKind, *, stream: bool) -> bytes | None:
        path = self.provider.path(kind, self.target)
        if path is None:
            return None
        headers = {
            "host": self.url.authority,
            "content-type": "application/json",
            "accept": "text/event-stream" if stream else "*/*" if kind in MEDIA_KINDS else "application/json",
            "accept-encoding": "identity",
            "user-agent": USER_AGENT,
            **self.provider.auth(self.target.secret.reveal(), self.target),
        }
        return self._post(path, headers)

    def head_of(self, call: UpstreamCall, *, accept: bytes) -> bytes:
        """Return the head of one call that a codec wrote, up to the length of its body."""
        headers = {
            "host": self.url.authority,
            "content-type": "application/json",
            "accept": accept.decode(),
            "accept-encoding": "identity",
            "user-agent": USER_AGENT,
            **call.headers,
        }
        return self._post(call.path, headers)

    def _post(self, path: str, headers: Mapping[str, str]) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.url.path}{path} HTTP/1.1\r\n{lines}".encode("latin-1")


class Pool:
    """All connections to providers of one worker."""

    def __init__(self, house: House, *, allow: AllowList, connect_timeout: float) -> None:
        self._house = house
        self.now = house.now
        self.allow = allow
        self._connect_timeout = connect_timeout
        self._idle: dict[str, deque[UpstreamConnection]] = {}
        self._lines: dict[int, Line] = {}
        self._tls = ssl.create_default_context()

    def line(self, target: Target, provider: Provider) -> Line:
        """Return what is prepared for a target.

        The catalogue hands out the same object until something changes, so identity is the key; the line keeps
        its target alive, so the key cannot come to mean another.
        """
        line = self._lines.get(id(target))
        if line is None:
            line = self._lines[id(target)] = Line(target, provider)
        return line

    def send(
        self, url: CheckedUrl, data: bytes, answer: Answering, *, fresh: bool = False
    ) -> UpstreamConnection | None:
        """Send a request over a resting connection, or over a new one as soon as it stands.

        Returns the connection when it was sent at once; else `answer.upstream_connected` brings it.
        """
        resting = self._idle.get(url.origin)
        while resting and not fresh:
            connection = resting.pop()
            if connection.is_open:
                connection.send(data, answer, reused=True)
                return connection
        self._house.spawn(self._dial(url, data, answer))
        return None

    async def _dial(self, url: CheckedUrl, data: bytes, answer: Answering) -> None:
        connection = UpstreamConnection(self, url)
        try:
            await dial(url, lambda: connection, allow=self.allow, seconds=self._connect_timeout, tls=self._tls)
        except LogwrightError as error:
            kind: ErrorKind = "upstream_timeout" if isinstance(error, UpstreamTimeout) else "upstream_unreachable"
            answer.upstream_fault(kind, error.message)
            return
        if not connection.is_open:
            answer.upstream_fault("upstream_unreachable", "the provider closed the connection at once")
            return
        if answer.upstream_connected(connection):
            connection.send(data, answer, reused=False)
        else:
            connection.cancel()

    def rest(self, url: CheckedUrl, connection: UpstreamConnection) -> None:
        """Keep a connection for the next call."""
        resting = self._idle.setdefault(url.origin, deque())
        if len(resting) >= IDLE_CONNECTIONS:
            connection.cancel()
            return
        connection.idle_since = self._house.now()
        resting.append(connection)

    def forget(self, connection: UpstreamConnection) -> None:
        """Drop a connection that has closed."""
        for resting in self._idle.values():
            if connection in resting:
                resting.remove(connection)
                return

    def sweep(self, now: float) -> None:
        """Close what has rested too long; forget targets that are no longer called."""
        for resting in self._idle.values():
            while resting and now - resting[0].idle_since > IDLE_SECONDS:
                resting.popleft().cancel()
        for key in [key for key, line in self._lines.items() if now - line.used_at > 10 * IDLE_SECONDS]:
            del self._lines[key]

    def close(self) -> None:
        """Close all that rest."""
        for resting in self._idle.values():
            for connection in list(resting):
                connection.cancel()
        self._idle.clear()
