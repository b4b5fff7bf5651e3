"""Reads a caller's requests from its connection, strictly and within limits, and hands each to whom it concerns.

The parser is llhttp in its strict mode (httptools), which refuses the ambiguous
messages that request smuggling needs. It knows neither time nor size, so both are
watched here: RELIABILITY.md S-12 lists the limits, `settings` their defaults.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast

import httptools

from logwright.errors import (
    HeadTooLarge,
    InvalidRequest,
    LogwrightError,
    MalformedBody,
    Timeout,
    TooLarge,
    UnsupportedMedia,
    described,
)
from logwright.gateway import reply
from logwright.gateway.asgi import AsgiExchange
from logwright.gateway.exchange import Exchange
from logwright.gateway.message import Handler, Request
from logwright.gateway.paths import HOT_PATHS, MEDIA_KINDS, PACKED_PATHS
from logwright.gateway.websocket import WebSocketExchange, begin, check_upgrade

if TYPE_CHECKING:
    from logwright.gateway.house import House

PIPELINE_LIMIT: Final = 32
"""Requests that may wait on one connection behind the one being answered."""

LINGER_SECONDS: Final = 2.0
"""How long a refused sender may go on sending: closing at once would reset the connection under our answer."""

RATE_GRACE_SECONDS: Final = 5.0
"""How long a body may take before its rate is looked at."""

NEVER: Final = float("inf")

_logger = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One caller's connection; answers its requests in order."""

    __slots__ = (
        "_body_began",
        "_body_counted",
        "_closing",
        "_has_answered",
        "_head_received",
        "_in_head",
        "_parser",
        "_read",
        "_reading_paused",
        "_receiving",
        "_request",
        "_waiting",
        "deadline",
        "handler",
        "house",
        "peer",
        "transport",
    )

    def __init__(self, house: House) -> None:
        self.house = house
        self.transport: asyncio.Transport | None = None
        self.peer: tuple[str, int] | None = None
        self.handler: Handler | None = None
        """Whoever answers at present; None between requests."""
        self.deadline = NEVER
        """Moment of the loop's clock after which whoever is in charge is told."""
        self._parser: Any = httptools.HttpRequestParser(self)
        self._request = Request()
        self._waiting: deque[Request] = deque()
        self._head_received = 0
        self._read = 0
        self._in_head = False
        self._receiving: Request | None = None
        """The request next to be answered, or being answered already, whose body is still arriving."""
        self._body_began = 0.0
        self._body_counted = 0
        self._closing = False
        self._has_answered = False
        self._reading_paused = False

    # ------------------------------------------------------------------ transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the house; the clock for the first head starts."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transport is no subclass of asyncio's
        peer = transport.get_extra_info("peername")
        self.peer = (peer[0], peer[1]) if isinstance(peer, tuple) else None
        self.house.connections.add(self)
        self.deadline = self.house.now() + self.house.settings.head_timeout

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the house and tell whoever was answering."""
        del exc
        self.house.connections.discard(self)
        self.transport = None
        self._waiting.clear()
        handler, self.handler = self.handler, None
        if handler is not None:
            handler.client_gone()
        self._parser = None

    def eof_received(self) -> bool:
        """Close: a caller that has stopped sending amid a call has hung up (none of the public clients half-closes)."""
        return False

    def data_received(self, data: bytes) -> None:
        """Parse; the callbacks below are called from within."""
        if self._closing:
            return
        self._read = len(data)
        if isinstance(self.handler, WebSocketExchange):
            self.handler.feed(data)
            return
        try:
            self._parser.feed_data(data)
            if self._in_head:
                self._count_unfinished(len(data))
        except httptools.HttpParserUpgrade as upgrade:
            if self.handler is not None:  # it may have left within the same read
                self.handler.feed(data[upgrade.args[0] :])
        except HeadTooLarge as error:
            self.refuse(error)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, LogwrightError):
                self.refuse(cause)
            elif isinstance(error, httptools.HttpParserCallbackError):
                # A fault of ours: the caller learns that, the process log learns which.
                _logger.error("a request could not be handled\n%s", described(cause or error))
                handler, self.handler = self.handler, None
                if handler is not None:
                    handler.client_gone()
                self.refuse(LogwrightError("the server failed on this request; its log says why"))
            else:
                self.refuse(MalformedBody(f"this is not a valid HTTP/1.1 request: {error}"))

    def pause_writing(self) -> None:
        """Pass the pressure on."""
        if self.handler is not None:
            self.handler.writing_paused()

    def resume_writing(self) -> None:
        """Let the answer go on."""
        if self.handler is not None:
            self.handler.writing_resumed()

    # ------------------------------------------------------------------ parser

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._request = Request()
        self._in_head = True
        self._head_received = 0
        if self.handler is None:
            self.deadline = self.house.now() + self.house.settings.head_timeout

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header; they are counted when the last has come, and are no more than one read brings till then."""
        self._request.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Decide who answers, before the body is taken in."""
        self._in_head = False
        request = self._request
        parser = self._parser
        settings = self.house.settings
        if len(request.headers) > settings.max_headers:
            raise HeadTooLarge(f"the request has more than {settings.max_headers} headers")
        if self._head_received + self._read > settings.max_head_bytes:
            self._check_head(request)
        request.method = parser.get_method()
        request.keep_alive = parser.should_keep_alive()
        if parser.should_upgrade():
            request.upgrade = check_upgrade(request, alone=self.handler is None)
        request.http_1_0 = parser.get_http_version() == "1.0"
        hosts, expects = 0, False
        for name, value in request.headers:
            if name == b"content-length":
                request.length = int(value)
            elif name == b"host":
                hosts += 1
            elif name == b"content-encoding" and not _is_taken(value.lower(), request.target):
                raise UnsupportedMedia("send the body uncompressed: Content-Encoding is not accepted")
            elif name == b"expect":
                expects = value.lower() == b"100-continue"
        if hosts != 1 and not request.http_1_0:
            raise InvalidRequest("a request needs exactly one Host header")
        if request.method == b"POST":
            request.kind = HOT_PATHS.get(request.target.partition(b"?")[0])
        if request.kind is not None and (request.length or 0) > self._most_bytes(request):
            raise self._too_large(request)
        if expects and request.length and self.transport is not None:
            self.transport.write(reply.CONTINUE)
        if self.handler is None:
            self._receiving = request
            self._body_began = now = self.house.now()
            self._body_counted = 0
            self.deadline = now + min(RATE_GRACE_SECONDS, self.house.settings.body_timeout)
            if request.kind is None:
                self._answer(request)

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        request = self._request
        request.size += len(data)
        handler = self.handler
        if handler is not None and handler.request is request:
            handler.feed(data)
        else:
            if request.size > self._most_bytes(request):
                raise self._too_large(request)
            request.body.append(data)

    def on_message_complete(self) -> None:
        """Answer, or queue behind the one being answered."""
        request = self._request
        handler = self.handler
        if handler is None:
            self._receiving = None
            self._answer(request)
        elif handler.request is request:
            self._receiving = None
            self.deadline = NEVER
            handler.feed_end()
        else:
            if len(self._waiting) >= PIPELINE_LIMIT:
                raise InvalidRequest(f"more than {PIPELINE_LIMIT} requests wait on this connection")
            self._waiting.append(request)

    # ------------------------------------------------------------------ answering

    def write(self, data: bytes) -> None:
        """Send bytes of the answer."""
        if self.transport is not None:
            self.transport.write(data)

    def finished(self, *, keep_alive: bool) -> None:
        """Learn from the handler that its answer is complete; go on to the next request."""
        self.handler = None
        self._has_answered = True
        if self.transport is None:
            return
        if not keep_alive or self.house.draining:
            self.close()
        elif self._waiting:
            self._answer(self._waiting.popleft())
        else:
            self.deadline = self.house.now() + self.house.settings.keepalive_timeout

    def hold_reading(self, *, held: bool) -> None:
        """Stop or go on reading the caller's body."""
        if self.transport is None or held == self._reading_paused:
            return
        self._reading_paused = held
        if held:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def refuse(self, error: LogwrightError) -> None:
        """Answer a request that could not be read, and close."""
        if self.transport is None or self._closing:
            return
        if self.handler is None:
            lines, body = reply.refusal(error)
            self.transport.write(reply.head(error.status, lines, length=len(body), keep_alive=False) + body)
            self._closing = True
            self.deadline = self.house.now() + LINGER_SECONDS
            if self.transport.can_write_eof():
                self.transport.write_eof()
        else:
            # An answer is under way on this connection; what follows it is rubbish.
            self.abort()

    def close(self) -> None:
        """Close once what was written has been sent, or shortly after."""
        self._closing = True
        self.deadline = self.house.now() + LINGER_SECONDS
        if self.transport is not None:
            self.transport.close()

    def retire(self) -> None:
        """End what would not end by itself: the server is about to stop."""
        if isinstance(self.handler, WebSocketExchange):
            self.handler.go_away()
        elif self.is_resting:
            self.close()

    def abort(self) -> None:
        """Close at once, so that the caller sees that the answer is not complete."""
        self._closing = True
        if self.transport is not None:
            self.transport.abort()

    def overdue(self, now: float) -> None:
        """Act on a deadline that has passed."""
        handler = self.handler
        if self._closing or self.transport is None:
            self.abort()
        elif handler is not None and self._receiving is None:
            handler.deadline_passed()
        elif self._receiving is not None:
            self._check_rate(self._receiving, now)
        elif self._in_head:
            self.refuse(Timeout(f"the head of the request took over {self.house.settings.head_timeout:g} seconds"))
        else:
            self.close()

    @property
    def is_resting(self) -> bool:
        """True between requests; a caller who has just connected is not resting, but about to speak."""
        return self._has_answered and self.handler is None and self._receiving is None and not self._in_head

    # ------------------------------------------------------------------ private

    def _answer(self, request: Request) -> None:
        if request.upgrade:
            self.handler = begin(self.house, self, request)
        elif request.kind is None:
            exchange = AsgiExchange(self.house, self, request)
            self.handler = exchange
            exchange.start()
            if self._receiving is not request:  # it had waited, and is whole already
                for data in request.body:
                    exchange.feed(data)
                exchange.feed_end()
        else:
            self.deadline = NEVER
            self.handler = handler = Exchange(self.house, self, request, request.kind)
            handler.start()

    def _check_rate(self, request: Request, now: float) -> None:
        """Refuse a body that drips: under the least rate over the last interval, or over its time in all."""
        settings = self.house.settings
        gained = request.size - self._body_counted
        # A kind that may bring more may take longer, at the same rate.
        longest = settings.body_timeout * max(self._most_bytes(request) / settings.max_body_bytes, 1.0)
        if request.kind is not None and now - self._body_began >= longest:
            self._refuse_body(Timeout(f"the body took over {longest:g} seconds"))
        elif gained < settings.body_min_rate * RATE_GRACE_SECONDS and not self._reading_paused:
            self._refuse_body(Timeout(f"the body came at less than {settings.body_min_rate} bytes a second"))
        else:
            self._body_counted = request.size
            self.deadline = now + RATE_GRACE_SECONDS

    def _refuse_body(self, error: LogwrightError) -> None:
        """Refuse in words when no answer has begun, else cut."""
        handler = self.handler
        if isinstance(handler, AsgiExchange) and not handler.answer_begun:
            self.handler = None
            handler.client_gone()
        self.refuse(error)

    def _count_unfinished(self, size: int) -> None:
        """Count a head that is not complete as it arrives: a header may go on for ever without being one."""
        self._head_received += size
        if self._head_received > self.house.settings.max_head_bytes:
            raise self._head_too_large()

    def _check_head(self, request: Request) -> None:
        """Count a head exactly, when it came with so much else that it may be too large."""
        lines = sum(len(name) + len(value) + len(": \r\n") for name, value in request.headers)
        if len(request.target) + lines > self.house.settings.max_head_bytes:
            raise self._head_too_large()

    def _head_too_large(self) -> HeadTooLarge:
        return HeadTooLarge(f"the head of the request is over {self.house.settings.max_head_bytes} bytes")

    def _most_bytes(self, request: Request) -> int:
        """Return what the request's body may measure."""
        settings = self.house.settings
        return settings.max_upload_bytes if request.kind in MEDIA_KINDS else settings.max_body_bytes

    def _too_large(self, request: Request) -> TooLarge:
        return TooLarge(f"the body is over {self._most_bytes(request)} bytes")


def _is_taken(encoding: bytes, target: bytes) -> bool:
    return encoding == b"identity" or (encoding == b"gzip" and target.partition(b"?")[0] in PACKED_PATHS)
