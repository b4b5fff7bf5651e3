"""How a call is written for a provider whose API has a form of its own, and its answer read back.

A codec knows one kind of request. It takes and gives that kind's own form (OpenAI's
for chat), so that whatever the provider speaks, everybody else sees one language.
What the provider has nothing for is refused with the JSON path, never left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from logwright.wire.stream import Event, Splitter

JSON = Any

EVENT_STREAM: Final = b"text/event-stream"

NOTHING: Final[tuple[JSON, ...]] = (None, False, 0, "", "auto", [], {})
"""Values that ask for nothing in most fields: with one of them a field that a provider lacks may be sent."""


class Callee(Protocol):
    """What a provider needs to know of a target."""

    @property
    def model(self) -> str:
        """The model as the provider names it."""

    @property
    def base_url(self) -> str:
        """Address without a trailing slash, its version included: `https://api.openai.com/v1`."""

    @property
    def api_version(self) -> str | None:
        """Version of the API where the provider wants one named (Azure)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamCall:
    """What is sent: one POST."""

    path: str
    """Behind the base URL, the query included."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that this call alone needs; names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a provider says of a call that failed."""

    message: str
    code: str | None = None
    """The provider's own word for it."""
    param: str | None = None


class Cutter(Protocol):
    """Cuts a stream of bytes into events."""

    def feed(self, piece: bytes) -> list[Event]:
        """Take the next bytes and return the events they complete."""


class StreamDecoder(Protocol):
    """Reads the events of one streamed answer."""

    ended: bool
    """True once the provider has said that its answer is complete."""

    def feed(self, event: Event) -> Sequence[JSON]:
        """Return the chunks that an event makes, often none. Raises ValueError on what is not in the known form."""

    def end(self) -> Sequence[JSON]:
        """Return what can be said only when the body has ended; a provider without an end mark sets `ended` here."""


class Codec(Protocol):
    """One kind of request at one provider."""

    stream_type: bytes
    """The content type of its streams."""

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write a request; `at` is in seconds since 1970, for signatures.

        Raises:
            InvalidRequest: the provider has nothing that means the same; `param` is the JSON path.
        """

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read an answer. Raises ValueError (or what follows from a wrong type) when it is not in the known form."""

    def decoder(self, *, at: int) -> StreamDecoder:
        """Return a reader for one streamed answer."""

    def cutter(self, limit: int) -> Cutter:
        """Return what cuts a stream into events of at most `limit` bytes."""

    def fault(self, status: int, answer: JSON) -> Fault:
        """Read an answer that says that the call failed."""


class EventStream:
    """What codecs share whose streams are server-sent events."""

    stream_type = EVENT_STREAM

    def cutter(self, limit: int) -> Cutter:
        """Return what cuts a stream into events."""
        return Splitter(limit=limit)

    def fault(self, status: int, answer: JSON) -> Fault:
        """Read an error in the shape that most APIs share: `{"error": {"message": …}}`."""
        return usual_fault(status, answer)


def usual_fault(status: int, answer: JSON) -> Fault:
    """Read an error in the shapes of OpenAI, Anthropic and Google, or one that is only a message."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        said = error if isinstance(error, str) else None
        if said is None and isinstance(answer, dict):
            said = next((answer[name] for name in ("message", "detail") if isinstance(answer.get(name), str)), None)
        return Fault(message=said or f"the provider answered {status}")
    message = error.get("message")
    code = next((error[name] for name in ("status", "code", "type") if isinstance(error.get(name), str)), None)
    param = error.get("param")
    return Fault(
        message=message if isinstance(message, str) and message else f"the provider answered {status}",
        code=code,
        param=param if isinstance(param, str) else None,
    )
