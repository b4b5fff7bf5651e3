"""One call whose provider speaks another form than its caller: the call, its answer, its stream, its refusal.

What comes out is in the caller's form, and from there on everything is as with a call
that needs no translation: the same relay, the same record, the same words for a fault.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from logwright.errors import InvalidRequest
from logwright.wire.doors import DOORS, NAMED, Door, OwnForm
from logwright.wire.lenient import read, read_object, write
from logwright.wire.stream import EventTooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logwright.logs.record import ErrorKind
    from logwright.models.types import Target
    from logwright.providers.base import Provider
    from logwright.providers.codec import Codec, Cutter, StreamDecoder, UpstreamCall
    from logwright.wire.doors import EventWriter

CHAT: Final = "chat_completion"
_CHATS: Final = frozenset({"chat.completion", "chat.completion.chunk"})


_UNREADABLE: Final = "an event of the provider's stream is not in the form of its API"
_MISREAD: Final = (ValueError, LookupError, TypeError, AttributeError)
"""What reading a stranger's JSON raises when it is not what its API promises: codecs trust the documented types."""


class Translation:
    """One call on its way through two forms."""

    __slots__ = (
        "_at",
        "_codec",
        "_cutter",
        "_decoder",
        "_door",
        "_id",
        "_limit",
        "_model",
        "_writer",
        "heard",
        "problem",
    )

    def __init__(self, codec: Codec, door: Door) -> None:
        self._codec = codec
        self._door = door
        self._at = int(time.time())
        self._id = f"chatcmpl-{uuid4().hex}"
        self._model = ""
        self.problem: tuple[ErrorKind, str] | None = None
        """What was wrong with the answer; set once, and then nothing more is read."""
        self.heard = False
        """True when the last piece brought an event, be it one that says nothing to the caller."""
        self._limit = 0
        self._cutter: Cutter
        self._decoder: StreamDecoder
        self._writer: EventWriter

    @property
    def stream_type(self) -> bytes:
        """The content type of the provider's streams."""
        return self._codec.stream_type

    def ask(self, request: Mapping[str, Any], target: Target, secret: str) -> UpstreamCall:
        """Return the call to the provider. Raises InvalidRequest: it has nothing that means what was asked."""
        self._model = target.model
        try:
            return self._codec.encode(self._door.read(request), target, secret=secret, at=self._at)
        except _MISREAD as error:
            # Fields whose type decides what they mean are checked and named; the rest is the provider's to refuse.
            raise InvalidRequest(
                "A field of the request has another type than its API documents, so that it cannot be written for "
                f"the provider {target.provider} ({target.kind})"
            ) from error

    def whole(self, status: int, body: bytes) -> bytes:
        """Return a whole answer in the caller's form; one that cannot be read as it is, with `problem` set."""
        if status >= 400:
            return self._refusal(status, body)
        try:
            return write(self._door.write(self._named(self._codec.decode(read_object(body), at=self._at))))
        except _MISREAD:
            self.problem = "upstream_malformed", "the provider's answer is not in the form of its API"
            return body

    def _refusal(self, status: int, body: bytes) -> bytes:
        try:
            answer = read(body)
        except ValueError:
            answer = None
        fault = self._codec.fault(status, answer)
        return write(self._door.fault(status, fault.message, fault.code, fault.param))

    def begin_stream(self, limit: int) -> None:
        """Prepare for a stream whose events have at most `limit` bytes."""
        self._limit = limit
        self._cutter = self._codec.cutter(limit)
        self._decoder = self._codec.decoder(at=self._at)
        self._writer = self._door.writer()

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the provider's stream and return the caller's events that it makes.

        Where an event cannot be read, `problem` says so, and what came before it is returned.
        """
        written: list[bytes] = []
        self.heard = False
        decoder, writer = self._decoder, self._writer
        try:
            for event in self._cutter.feed(data):
                self.heard = True
                if self._has_ended():
                    break  # nothing after the end mark belongs to the answer
                written.extend(writer.feed(self._named(chunk)) for chunk in decoder.feed(event))
                if self._has_ended():
                    written.append(writer.end())
        except EventTooLarge:
            self.problem = "upstream_too_large", f"an event of the stream is over {self._limit} bytes"
        except _MISREAD:
            self.problem = "upstream_malformed", _UNREADABLE
        return b"".join(written)

    def end(self) -> bytes:
        """Return what the end of the provider's body adds; for one without an end mark this completes the stream."""
        if self._has_ended():
            return b""
        written: list[bytes] = []
        try:
            written.extend(self._writer.feed(self._named(chunk)) for chunk in self._decoder.end())
            if self._has_ended():
                written.append(self._writer.end())
        except _MISREAD:
            self.problem = "upstream_malformed", _UNREADABLE
        return b"".join(written)

    def _named(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Give an answer the names that its provider leaves out and every client of chat expects."""
        if answer.get("object") in _CHATS:
            answer["id"] = answer.get("id") or self._id
            answer["model"] = answer.get("model") or self._model
        return answer

    def _has_ended(self) -> bool:
        return self._decoder.ended


def translation(kind: str, provider: Provider, target: Target) -> Translation | None:
    """Return how this provider serves a kind of call that it has no door of the same form for; None when it cannot."""
    own = provider.codec(kind, target) if kind != CHAT or provider.path(CHAT, target) is None else None
    if own is not None:
        return Translation(own, OwnForm(named=kind in NAMED))
    door = DOORS.get(kind)
    chat = provider.codec(CHAT, target) if door is not None else None
    return Translation(chat, door()) if chat is not None and door is not None else None
