"""Hands a WebSocket (RFC 6455) to the ASGI application in the same process (ASGI 3.0, WebSocket sub-specification 2.4).

The handshake and the frames are wsproto's, which does no input or output. Ours
are the bounds: on messages, on how many wait, and on how long a peer may be silent.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from logwright.errors import InvalidRequest, described

if TYPE_CHECKING:
    from logwright.gateway import message
    from logwright.gateway.house import House
    from logwright.gateway.protocol import Connection

PING_SECONDS: Final = 60.0
"""After so long a silence the peer is asked for a sign of life; after as long again the connection is given up."""

MOST_MESSAGE_BYTES: Final = 64 * 1024
"""Of a message of the peer's; nothing that we offer takes more than a few bytes."""

_MOST_WAITING: Final = 16
_CLOSE_SECONDS: Final = 2.0
_GOING_AWAY: Final = 1001
_MALFORMED: Final = 1002
_ABNORMAL: Final = 1006
_TOO_BIG: Final = 1009
_OUR_FAULT: Final = 1011

_logger = logging.getLogger(__name__)


def check_upgrade(request: message.Request, *, alone: bool) -> bool:
    """Return True for a request that asks to go on as a WebSocket; `alone`: no other is being answered.

    Raises:
        InvalidRequest: when it asks to switch to anything else.
    """
    upgrades = [value.lower() for name, value in request.headers if name == b"upgrade"]
    has_body = any(name in {b"content-length", b"transfer-encoding"} for name, _ in request.headers)
    if request.method != b"GET" or upgrades != [b"websocket"] or has_body or not alone:
        raise InvalidRequest("this server switches to no protocol but WebSocket; leave out the Upgrade header")
    return True


def begin(house: House, connection: Connection, request: message.Request) -> WebSocketExchange:
    """Read the handshake and let the application answer it.

    Raises:
        InvalidRequest: when the handshake is not one.
    """
    exchange = WebSocketExchange(house, connection, request)
    exchange.start()
    return exchange


class WebSocketExchange:
    """One WebSocket that the application serves."""

    def __init__(self, house: House, connection: Connection, request: message.Request) -> None:
        self.request = request
        self._house = house
        self._connection = connection
        self._frames = WSConnection(ConnectionType.SERVER)
        self._subprotocols: list[str] = []
        self._waiting: deque[dict[str, Any]] = deque([{"type": "websocket.connect"}])
        self._parts: list[str | bytes] = []
        self._part_bytes = 0
        self._early = b""
        self._open = False
        self._over = False
        """True once a close frame or a refusal has gone out, or the peer has left."""
        self._awaits_sign = False
        self._wake = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    # ------------------------------------------------------------------ as a handler

    def start(self) -> None:
        """Read the handshake and call the application in a task of its own.

        Raises:
            InvalidRequest: when the handshake is not one.
        """
        try:
            self._frames.initiate_upgrade_connection(self.request.headers, self.request.target)
        except RemoteProtocolError as error:
            raise InvalidRequest(f"this is not a valid WebSocket handshake: {error}") from error
        for event in self._frames.events():
            if isinstance(event, Request):
                self._subprotocols = event.subprotocols
        self._house.spawn(self._run())

    def feed(self, data: bytes) -> None:
        """Take bytes of frames; those of a peer who does not wait for our answer to its handshake are laid aside."""
        if not self._open:
            self._early += data
            if len(self._early) > MOST_MESSAGE_BYTES:
                self._connection.hold_reading(held=True)
            return
        self._awaits_sign = False
        try:
            self._frames.receive_data(data)
            for event in self._frames.events():
                self._take(event)
        except RemoteProtocolError as error:
            hint = error.event_hint
            self._close(int(hint.code) if isinstance(hint, CloseConnection) else _MALFORMED, "")
        except LocalProtocolError:  # both sides have said goodbye, and it goes on talking
            self._connection.close()

    def feed_end(self) -> None:
        """Nothing: a handshake has no body."""

    def client_gone(self) -> None:
        """Tell the application that the peer left without a word."""
        self._end(_ABNORMAL, "")

    def go_away(self) -> None:
        """Tell the peer that the server is about to stop."""
        if self._open:
            self._close(_GOING_AWAY, "the server is stopping")

    def writing_paused(self) -> None:
        """Make the next `send` wait."""
        self._writable.clear()

    def writing_resumed(self) -> None:
        """Let `send` go on."""
        self._writable.set()

    def deadline_passed(self) -> None:
        """Ask for a sign of life, or give up a peer that has not given one."""
        if self._over or self._awaits_sign:
            self._end(_ABNORMAL, "")
            self._connection.abort()
        elif self._open:
            self._awaits_sign = True
            self._write(Ping())
            self._connection.deadline = self._house.now() + PING_SECONDS

    # ------------------------------------------------------------------ frames

    def _take(self, event: Event) -> None:
        match event:
            case Message():
                self._take_part(event)
            case Ping():
                self._write(event.response())
            case CloseConnection():
                if not self._over:
                    self._write(event.response())
                self._end(int(event.code), event.reason or "")
                self._connection.close()
            case _:
                pass  # a pong, whose coming was all that there is to it

    def _take_part(self, part: Message[Any]) -> None:
        self._parts.append(part.data)
        self._part_bytes += len(part.data)
        if self._part_bytes > MOST_MESSAGE_BYTES:
            self._close(_TOO_BIG, f"a message may have {MOST_MESSAGE_BYTES} bytes")
        elif part.message_finished:
            text = isinstance(part, TextMessage)
            whole = ("" if text else b"").join(self._parts)  # type: ignore[arg-type]  # all parts are of one kind
            self._parts, self._part_bytes = [], 0
            self._waiting.append({"type": "websocket.receive", "text" if text else "bytes": whole})
            if len(self._waiting) > _MOST_WAITING:
                self._connection.hold_reading(held=True)
            self._wake.set()

    def _write(self, event: Event) -> None:
        try:
            self._connection.write(self._frames.send(event))
        except LocalProtocolError:  # it is closed already, and there is nobody to tell
            self._over = True

    def _close(self, code: int, reason: str) -> None:
        """Say goodbye; the peer has a moment to answer it."""
        if not self._over:
            self._write(CloseConnection(code, reason or None))
            self._end(code, reason)
            self._connection.deadline = self._house.now() + _CLOSE_SECONDS

    def _end(self, code: int, reason: str) -> None:
        """Let the application learn, once, that it is over."""
        if not self._over:
            self._over = True
            self._waiting.append({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._wake.set()
        self._writable.set()

    # ------------------------------------------------------------------ as a server

    async def _run(self) -> None:
        code, reason = 1000, ""
        try:
            await self._house.application(self._scope(), self._receive, self._send)
        # Broad on purpose: whatever the application did not catch must not end the worker.
        except Exception as error:  # noqa: BLE001
            _logger.error("the application failed on %s\n%s", self._scope()["path"], described(error))
            code, reason = _OUR_FAULT, "the server failed; its log says why"
        if self._open:
            self._close(code, reason)
        elif not self._over:
            self._connection.abort()

    def _scope(self) -> dict[str, Any]:
        path, _, query = self.request.target.partition(b"?")
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": self.request.headers,
            "client": self._connection.peer,
            "server": (self._house.settings.host, self._house.settings.port),
            "subprotocols": self._subprotocols,
            "state": {},
            "extensions": {"websocket.http.response": {}},
        }

    async def _receive(self) -> dict[str, Any]:
        while not self._waiting:
            self._wake.clear()
            await self._wake.wait()
        told = self._waiting.popleft()
        if self._open:
            self._connection.hold_reading(held=False)
        return told

    async def _send(self, told: Any) -> None:
        if self._over:
            return
        match told["type"]:
            case "websocket.accept":
                self._open = True
                headers = [(bytes(name), bytes(value)) for name, value in told.get("headers", ())]
                self._write(AcceptConnection(subprotocol=told.get("subprotocol"), extra_headers=headers))
                self._connection.deadline = self._house.now() + PING_SECONDS
                early, self._early = self._early, b""
                self._connection.hold_reading(held=False)
                self.feed(early)
            case "websocket.send":
                text = told.get("text")
                self._write(TextMessage(data=text) if text is not None else BytesMessage(data=told["bytes"]))
                await self._writable.wait()
            case "websocket.close" if self._open:
                self._close(told.get("code", 1000), told.get("reason") or "")
            case "websocket.close":
                self._write(RejectConnection(status_code=403, headers=[(b"content-length", b"0")]))
                self._refused()
            case "websocket.http.response.start":
                self._write(RejectConnection(status_code=told["status"], headers=list(told["headers"]), has_body=True))
            case "websocket.http.response.body":
                last = not told.get("more_body", False)
                self._write(RejectData(data=told.get("body", b""), body_finished=last))
                if last:
                    self._refused()
            case other:
                raise ValueError(f"an application of WebSockets sends no {other!r}")

    def _refused(self) -> None:
        self._over = True
        self._connection.close()
