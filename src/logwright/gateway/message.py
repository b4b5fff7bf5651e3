"""One request as it was parsed, and what whoever answers it must be able to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from logwright.models.types import CallKind


class Request:
    """One request of a caller."""

    __slots__ = ("body", "headers", "http_1_0", "keep_alive", "kind", "length", "method", "size", "target", "upgrade")

    def __init__(self) -> None:
        self.target = b""
        self.method = b""
        self.headers: list[tuple[bytes, bytes]] = []
        """Names in lower case, in the order sent."""
        self.body: list[bytes] = []
        """Its pieces, where whoever answers waits for all of it."""
        self.size = 0
        """Bytes of body received."""
        self.length: int | None = None
        """Bytes of body announced."""
        self.kind: CallKind | None = None
        """The kind of call, when the hot path serves it."""
        self.keep_alive = True
        self.http_1_0 = False
        self.upgrade = False
        """True when it asks to go on as a WebSocket."""

    def whole(self) -> bytes:
        """Return the body in one piece, and keep only that."""
        if len(self.body) != 1:
            self.body = [b"".join(self.body)]
        return self.body[0]


class Handler(Protocol):
    """Whoever answers a request on a connection."""

    request: Request

    def start(self) -> None:
        """Begin; the head is complete, and for the hot path the body too."""

    def feed(self, data: bytes) -> None:
        """Take a piece of the request's body (not on the hot path, which waits for all of it)."""

    def feed_end(self) -> None:
        """Learn that the request's body is complete."""

    def client_gone(self) -> None:
        """Learn that nobody waits for the answer any more."""

    def writing_paused(self) -> None:
        """Stop producing: the caller reads too slowly."""

    def writing_resumed(self) -> None:
        """Go on producing."""

    def deadline_passed(self) -> None:
        """Learn that the connection's `deadline`, which the handler had set, has passed."""


class TakesWhole:
    """A handler that begins when the request's body is whole, and so is never fed."""

    __slots__ = ()

    def feed(self, data: bytes) -> None:
        """Nothing."""

    def feed_end(self) -> None:
        """Nothing."""
