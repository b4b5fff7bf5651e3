"""The caller's side of one call: the answer's head, its pieces, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logwright.errors import LogwrightError, Unavailable
from logwright.gateway import reply
from logwright.gateway.fault import as_event

if TYPE_CHECKING:
    from logwright.gateway.message import Request
    from logwright.gateway.protocol import Connection


class Caller:
    """Whoever waits for an answer. Once they have left, everything sent here goes nowhere."""

    __slots__ = ("_connection", "_request", "head_sent", "lines")

    def __init__(self, connection: Connection, request: Request) -> None:
        self._connection: Connection | None = connection
        self._request = request
        self.lines: list[bytes] = []
        """Header lines of the answer."""
        self.head_sent = False

    def expect_by(self, moment: float) -> None:
        """Have the connection tell its handler when `moment` of the loop's clock has passed."""
        if self._connection is not None:
            self._connection.deadline = moment

    @property
    def has_left(self) -> bool:
        """True when nobody waits any more."""
        return self._connection is None

    def leave(self) -> None:
        """Forget the connection: it is gone, or the answer is complete."""
        self._connection = None

    def send_whole(self, status: int, lines: list[bytes], body: bytes) -> None:
        """Send a plain answer."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        keep = self._request.keep_alive and not connection.house.draining
        connection.write(reply.head(status, lines, length=len(body), keep_alive=keep) + body)
        connection.finished(keep_alive=keep)

    def send_piece(self, data: bytes) -> None:
        """Send a piece of a stream, with the head before the first."""
        connection = self._connection
        if connection is not None:
            piece = data if self._request.http_1_0 else reply.chunk(data)
            connection.write(piece if self.head_sent else self._stream_head() + piece)

    def end_stream(self, last: bytes) -> None:
        """Send the last piece of a stream and the mark of its end."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        old = self._request.http_1_0
        pieces = [] if self.head_sent else [self._stream_head()]
        if last:
            pieces.append(last if old else reply.chunk(last))
        if not old:
            pieces.append(reply.LAST_CHUNK)
        connection.write(b"".join(pieces))
        connection.finished(keep_alive=self._request.keep_alive)

    def cut_stream(self, kind: str, failure: Exception) -> None:
        """Tell amid a stream that it failed, and close without the mark of a complete body.

        Without a `kind` nothing is told: amid media words would be noise.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        error = failure if isinstance(failure, LogwrightError) else Unavailable("the answer could not be recorded")
        event = as_event(kind, error) if kind else b""
        piece = event if self._request.http_1_0 or not event else reply.chunk(event)
        connection.write(piece if self.head_sent else self._stream_head() + piece)
        connection.handler = None
        connection.close()

    def _stream_head(self) -> bytes:
        self.head_sent = True
        if self._request.http_1_0:  # it knows no chunks: the end of the connection is the end of the body
            self._request.keep_alive = False
            return b"".join((reply.status_line(200), *self.lines, reply.GUARDS, reply.CLOSE, b"\r\n"))
        return reply.head(200, self.lines, length=None, keep_alive=self._request.keep_alive)
