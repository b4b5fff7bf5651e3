"""Calls of the hot path from inside the process: the same connection, on a transport that is no socket.

What calls a model on a caller's behalf goes through the same limits, admission,
recording and promises as the caller's own call, because it is one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import httptools

from logwright.errors import UpstreamUnreachable
from logwright.gateway.protocol import Connection

if TYPE_CHECKING:
    from logwright.gateway.house import House

BUFFER_BYTES: Final = 256 * 1024
"""Bytes of an answer that may wait for whoever reads it; beyond that the call is held up."""

_CUT: Final = "The answer was cut off before it was complete"


class Within:
    """The worker's own door to its hot path."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and wait for the head of its answer; close the answer when done with it.

        Raises:
            UpstreamUnreachable: when the connection ended without an answer.
        """
        answer = Answer(Connection(self._house))
        lines = [f"POST {path} HTTP/1.1", "host: localhost", "connection: close", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        await answer.begin(head + body)
        return answer


class Answer:
    """One answer as it comes; also the transport that the connection writes it to."""

    def __init__(self, connection: Connection) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        """Names in lower case."""
        self._connection = connection
        self._parser: Any = httptools.HttpResponseParser(self)
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._held = False
        self._whole = False
        self._ended = False
        self._wake = asyncio.Event()

    async def begin(self, request: bytes) -> None:
        """Send the request and wait for the head."""
        self._connection.connection_made(self)  # type: ignore[arg-type] # it has what a connection asks of a transport
        self._connection.data_received(request)
        while not self.status and not self._ended:
            await self._more()
        if not self.status:
            raise UpstreamUnreachable(_CUT)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises:
            UpstreamUnreachable: when it ended before it was complete.
        """
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._waiting -= len(piece)
                if self._held and self._waiting <= BUFFER_BYTES // 2:
                    self._held = False
                    self._connection.resume_writing()
                yield piece
            if self._whole:
                return
            if self._ended:
                raise UpstreamUnreachable(_CUT)
            await self._more()

    async def body(self) -> bytes:
        """Return the body whole."""
        return b"".join([piece async for piece in self.pieces()])

    def hang_up(self) -> None:
        """Say that nobody listens any more; after a complete answer it changes nothing."""
        if not self._ended:
            self._ended = True
            self._connection.connection_lost(None)

    async def _more(self) -> None:
        self._wake.clear()
        await self._wake.wait()

    # ------------------------------------------------------------------ as a parser's listener

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Take the status."""
        self.status = self._parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        """Take a piece."""
        self._pieces.append(data)
        self._waiting += len(data)

    def on_message_complete(self) -> None:
        """Take the end."""
        self._whole = True

    # ------------------------------------------------------------------ as a transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - there is no peer to tell of
        """Nothing is known of the other side."""
        return default

    def write(self, data: bytes) -> None:
        """Take bytes of the answer."""
        if self._ended:
            return
        self._parser.feed_data(data)
        if self._waiting > BUFFER_BYTES and not self._held:
            self._held = True
            self._connection.pause_writing()
        self._wake.set()

    def close(self) -> None:
        """End after what was written."""
        if not self._ended:
            self._ended = True
            self._wake.set()
            asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)

    def abort(self) -> None:
        """End at once."""
        self.close()

    def can_write_eof(self) -> bool:
        """There are no two sides to close apart."""
        return False

    def pause_reading(self) -> None:
        """The request was handed over whole."""

    def resume_reading(self) -> None:
        """The request was handed over whole."""
