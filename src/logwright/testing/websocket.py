"""A WebSocket client for tests: blocking, over a real socket, one event at a time."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

E = TypeVar("E", bound=Event)

_PATIENCE: Final = 10.0


class WebSocketClient:
    """One connection; use it as a context manager. It does not answer pings unless told to."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        protocols: Sequence[str] = (),
        host: str | None = None,
    ) -> None:
        """Connect to `http://host:port/path` and send the handshake; `host` is another name to ask for."""
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=_PATIENCE)
        self._frames = WSConnection(ConnectionType.CLIENT)
        self._events: list[Event] = []
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        extra = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        self.send(Request(host=host or parts.netloc, target=target, extra_headers=extra, subprotocols=list(protocols)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, event: Event) -> None:
        """Send an event of wsproto's."""
        self.send_bytes(self._frames.send(event))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def next(self, kind: type[E]) -> E:
        """Wait for the next event, which must be of that kind."""
        while not self._events:
            data = self._socket.recv(65_536)
            self._frames.receive_data(data or None)
            self._events += self._frames.events()
        event = self._events.pop(0)
        if not isinstance(event, kind):
            raise AssertionError(f"expected {kind.__name__}, got {event}")
        return event

    def accepted(self) -> str | None:
        """Wait until the handshake is accepted; return the subprotocol that was chosen."""
        return self.next(AcceptConnection).subprotocol

    def refused(self) -> tuple[int, bytes]:
        """Wait until the handshake is refused; return the status and the body."""
        refusal = self.next(RejectConnection)
        body = b""
        while True:
            part = self.next(RejectData)
            body += bytes(part.data)
            if part.body_finished:
                return refusal.status_code, body

    def text(self) -> str:
        """Wait for a whole message of text."""
        return "".join(self._parts(TextMessage))

    def data(self) -> bytes:
        """Wait for a whole message of bytes."""
        return b"".join(map(bytes, self._parts(BytesMessage)))

    def closed(self) -> tuple[int, str]:
        """Wait for the close frame; return its code and reason."""
        event = self.next(CloseConnection)
        return int(event.code), event.reason or ""

    def _parts(self, kind: type[Message[Any]]) -> list[Any]:
        parts = []
        while True:
            part = self.next(kind)
            parts.append(part.data)
            if part.message_finished:
                return parts
