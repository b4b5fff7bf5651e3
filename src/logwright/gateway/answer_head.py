"""The head of a provider's answer, reduced to what concerns the caller and how the body is to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from logwright.gateway import reply
from logwright.gateway.media import is_media, is_text
from logwright.gateway.paths import MEDIA_KINDS

if TYPE_CHECKING:
    from logwright.logs.record import ErrorKind

EVENTS: Final = b"text/event-stream"

Passing = Literal["json", "events", "media", "text"]
"""How a body passes: whole, as the JSON that it must be; event by event; piece by piece; whole, whatever it says."""


class Unusable(Exception):
    """An answer that cannot be passed on, by its head alone."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class AnswerHead(NamedTuple):
    """What a head says."""

    content_type: bytes
    passing: Passing
    lines: list[bytes]
    """The header lines that the caller gets to see."""
    has_id: bool
    """True when the provider's own request id is among them."""


def read_head(
    kind: str, status: int, headers: list[tuple[bytes, bytes]], *, limit: int, events: bytes = EVENTS
) -> AnswerHead:
    """Read an answer's head; `limit` is what a body that is held may measure, `events` the type of a stream of events.

    Raises:
        Unusable: why the answer cannot be passed on.
    """
    content_type = b"application/json"
    length = 0
    lines: list[bytes] = []
    named = False
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name in reply.RELAYED or name.startswith(reply.RELAYED_PREFIXES):
            lines.append(b"%b: %b\r\n" % (name, value))
            named = named or name == b"x-request-id"
        elif name == b"content-encoding" and value.lower() != b"identity":
            raise Unusable("upstream_malformed", "the provider compressed its answer, which it was asked not to do")
        elif name == b"content-length":
            length = int(value)
    if 300 <= status < 400:
        raise Unusable("upstream_malformed", f"the provider answered {status}, a redirect, which is never followed")
    passing: Passing = "json"
    if status == 200:
        if content_type[: len(events)].lower() == events:
            passing = "events"
        elif kind in MEDIA_KINDS:
            passing = "media" if is_media(content_type) else "text" if is_text(content_type) else "json"
    if length > limit and passing != "media":
        raise Unusable("upstream_too_large", too_large(limit))
    return AnswerHead(content_type, passing, lines, named)


def too_large(limit: int) -> str:
    """Say that an answer is larger than we hold."""
    return f"the provider's answer is over {limit} bytes"
