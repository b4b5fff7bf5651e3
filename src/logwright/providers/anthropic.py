"""Anthropic: the Messages API, passed on in its own form or written for callers of OpenAI's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from logwright.providers.base import CHAT, Card, OpenAICompatible
from logwright.providers.codec import EventStream, UpstreamCall
from logwright.wire.anthropic import error_to_openai, message_to_openai
from logwright.wire.anthropic_request import LATEST, request_to_anthropic
from logwright.wire.anthropic_stream import ChunkWriter
from logwright.wire.lenient import read_object, write

if TYPE_CHECKING:
    from logwright.providers.codec import Callee, Codec
    from logwright.wire.stream import Event

JSON = Any

VERSION: Final = b"2023-06-01"
"""Sent when the caller names no `anthropic-version`: the oldest version in force, whose form every caller that leaves
the header out was written for (Anthropic API reference, Versions)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anthropic(OpenAICompatible):
    """The Messages API; its metadata is one field of its own (`user_id`) and always goes along."""

    def path(self, kind: str, callee: Callee) -> str | None:
        """Return the path, with the version where the base URL leaves it out as Anthropic's own clients do."""
        tail = self.paths.get(kind)
        return tail if tail is None or callee.base_url.endswith("/v1") else f"/v1{tail}"

    def codec(self, kind: str, callee: Callee) -> Codec | None:
        """Return how chat is written as messages."""
        path = self.path("messages", callee)
        return AnthropicCodec(path, self.auth) if kind == CHAT and path is not None else None

    def auth(self, secret: str, callee: Callee) -> Mapping[str, str]:
        """Return the key in the header that Anthropic reads."""
        del callee
        return {"x-api-key": secret} if secret else {}


class AnthropicCodec(EventStream):
    """Chat, written for and read from the Messages API."""

    def __init__(self, path: str, auth: Callable[[str, Callee], Mapping[str, str]]) -> None:
        self._path = path
        self._auth = auth

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request as a Messages request."""
        del at
        body = request_to_anthropic({**request, "model": callee.model})
        return UpstreamCall(path=self._path, body=write(body), headers=self._auth(secret, callee))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read a message."""
        return message_completion(answer, at=at)

    def decoder(self, *, at: int) -> MessageEvents:
        """Return a reader for the events of a message."""
        return MessageEvents(at=at)


class MessageEvents:
    """Reads the events of one message."""

    __slots__ = ("_writer", "ended")

    def __init__(self, *, at: int) -> None:
        self._writer = ChunkWriter(include_usage=True, created=at)
        self.ended = False

    def feed(self, event: Event) -> Sequence[JSON]:
        """Return the chunks of an event."""
        data = read_object(event.data)
        if data.get("error") is not None:  # whatever the event calls itself
            return (error_to_openai(data),)
        chunks = self._writer.feed(data)
        self.ended = self.ended or data.get("type") == "message_stop"
        return chunks

    def end(self) -> Sequence[JSON]:
        """Return nothing: only `message_stop` ends a message."""
        return ()


def message_completion(answer: JSON, *, at: int) -> JSON:
    """Read a whole message as a completion. Raises ValueError when it is none."""
    if not isinstance(answer.get("content"), list):
        raise ValueError("the answer is no message")
    return message_to_openai(answer, created=at)


provider = Anthropic(
    card=Card(
        kind="anthropic",
        label="Anthropic",
        docs="https://docs.anthropic.com/en/api/messages",
        key="ANTHROPIC_API_KEY",
        base_url="https://api.anthropic.com",
        price_list="anthropic",
        aliases=LATEST,
    ),
    paths={"messages": "/messages", "count_tokens": "/messages/count_tokens"},
    passes=frozenset({b"anthropic-version", b"anthropic-beta"}),
    presumes={b"anthropic-version": VERSION},
    takes_metadata=True,
    asks_usage=False,
)
