"""Hands a request to the ASGI application in the same process (ASGI 3.0, HTTP sub-specification 2.4).

Both directions are bounded: the caller's body is read no faster than the
application takes it, and the application waits while the caller reads slowly.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from logwright.errors import described
from logwright.gateway import reply

if TYPE_CHECKING:
    from logwright.gateway.house import House
    from logwright.gateway.message import Request
    from logwright.gateway.protocol import Connection

BODY_BUFFER_BYTES: Final = 256 * 1024
"""Bytes of a caller's body that may wait for the application."""

_logger = logging.getLogger(__name__)


class AsgiExchange:
    """One request that the application answers."""

    __slots__ = (
        "_body",
        "_buffered",
        "_chunked",
        "_connection",
        "_done",
        "_end_told",
        "_gone",
        "_house",
        "_start",
        "_task",
        "_wake",
        "_writable",
        "answer_begun",
        "body_complete",
        "request",
    )

    def __init__(self, house: House, connection: Connection, request: Request) -> None:
        self.request = request
        self.answer_begun = False
        self.body_complete = False
        self._house = house
        self._connection = connection
        self._body: deque[bytes] = deque()
        self._buffered = 0
        self._start: dict[str, Any] | None = None
        self._chunked = False
        self._done = False
        self._end_told = False
        self._gone = False
        self._wake = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ as a handler

    def start(self) -> None:
        """Call the application in a task of its own."""
        self._task = self._house.spawn(self._run())

    def feed(self, data: bytes) -> None:
        """Take a piece of the caller's body."""
        self._body.append(data)
        self._buffered += len(data)
        if self._buffered > BODY_BUFFER_BYTES:
            self._connection.hold_reading(held=True)
        self._wake.set()

    def feed_end(self) -> None:
        """Learn that the body is whole."""
        self.body_complete = True
        self._wake.set()

    def client_gone(self) -> None:
        """Let the application know; it may still finish what it was doing."""
        self._gone = True
        self._wake.set()
        self._writable.set()

    def writing_paused(self) -> None:
        """Make the next `send` wait."""
        self._writable.clear()

    def writing_resumed(self) -> None:
        """Let `send` go on."""
        self._writable.set()

    def deadline_passed(self) -> None:
        """Nothing: the application keeps its own time."""

    # ------------------------------------------------------------------ as a server

    async def _run(self) -> None:
        try:
            await self._house.application(self._scope(), self._receive, self._send)
        # Broad on purpose: whatever the application did not catch must not end the worker.
        except Exception as error:  # noqa: BLE001
            _logger.error("the application failed on %s\n%s", self._scope()["path"], described(error))
        if not self._done and not self._gone:
            self._connection.abort()

    def _scope(self) -> dict[str, Any]:
        request = self.request
        path, _, query = request.target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.0" if request.http_1_0 else "1.1",
            "method": request.method.decode("latin-1"),
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": request.headers,
            "client": self._connection.peer,
            "server": (self._house.settings.host, self._house.settings.port),
            "state": {},
        }

    async def _receive(self) -> dict[str, Any]:
        while not (self._body or self.body_complete or self._gone):
            self._wake.clear()
            await self._wake.wait()
        if self._gone:
            return {"type": "http.disconnect"}
        if self._body:
            data = b"".join(self._body)
            self._body.clear()
            self._buffered = 0
            self._connection.hold_reading(held=False)
            self._end_told = self.body_complete
            return {"type": "http.request", "body": data, "more_body": not self.body_complete}
        if not self._end_told:
            self._end_told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        # The body has been handed over whole: all that is left to tell is that the caller left.
        while not self._is_over():
            self._wake.clear()
            await self._wake.wait()
        return {"type": "http.disconnect"}

    def _is_over(self) -> bool:
        return self._gone or self._done

    async def _send(self, message: Any) -> None:
        if self._is_over():
            return
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._send_body(message.get("body", b""), more=message.get("more_body", False))
            if not self._writable.is_set():
                await self._writable.wait()

    def _send_body(self, data: bytes, *, more: bool) -> None:
        pieces: list[bytes] = []
        if self._start is not None:
            start, self._start = self._start, None
            pieces.append(self._head(start, None if more else len(data)))
            self.answer_begun = True
        if self.request.method != b"HEAD" and data:
            pieces.append(reply.chunk(data) if self._chunked else data)
        if not more and self._chunked:
            pieces.append(reply.LAST_CHUNK)
        if pieces:
            self._connection.write(b"".join(pieces))
        if not more:
            self._done = True
            self._wake.set()
            whole = self.body_complete and self.request.keep_alive and not self.request.http_1_0
            self._connection.finished(keep_alive=whole)

    def _head(self, start: dict[str, Any], length: int | None) -> bytes:
        headers: list[tuple[bytes, bytes]] = list(start.get("headers", ()))
        known = any(name.lower() == b"content-length" for name, _ in headers)
        lines = [reply.status_line(start["status"]), *(b"%b: %b\r\n" % pair for pair in headers)]
        if not known and start["status"] not in (204, 304):
            if length is not None:
                lines.append(b"content-length: %d\r\n" % length)
            elif self.request.http_1_0:
                self.request.keep_alive = False
            else:
                self._chunked = self.request.method != b"HEAD"
                lines.append(b"transfer-encoding: chunked\r\n")
        if not self.request.keep_alive or not self.body_complete or self._house.draining:
            lines.append(reply.CLOSE)
        lines.append(b"\r\n")
        return b"".join(lines)
