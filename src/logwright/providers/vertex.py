"""Vertex AI: Gemini, Claude and open models in a project of Google Cloud, behind tokens that end after an hour.

Whose model is meant its name says: `claude-…` is Anthropic's and is spoken to in
Anthropic's form, `publisher/model` of another publisher goes to the OpenAI-shaped
door, and the rest are Google's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from logwright.providers.anthropic import MessageEvents, message_completion
from logwright.providers.base import Card, OpenAICompatible
from logwright.providers.codec import EventStream, UpstreamCall
from logwright.providers.gemini import GeminiCodec
from logwright.providers.openai_codec import OpenAICodec
from logwright.wire.anthropic_request import request_to_anthropic
from logwright.wire.lenient import read_object, write

if TYPE_CHECKING:
    from logwright.providers.codec import Callee, Codec
    from logwright.wire.stream import Event

JSON = Any

ANTHROPIC_VERSION: Final = "vertex-2023-10-16"
"""What Google wants in the body in place of Anthropic's header (Google Cloud, Claude on Vertex AI, 2026)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex(OpenAICompatible):
    """Vertex AI, whose addresses name the publisher and the model."""

    def codec(self, kind: str, callee: Callee) -> Codec | None:
        """Return how a call is written for the model's publisher."""
        publisher, name = published(callee.model)
        match kind, publisher:
            case "chat_completion", "google":
                return GeminiCodec(lambda _: f"/publishers/google/models/{quote(name, safe='')}", self.auth)
            case "chat_completion", "anthropic":
                return ClaudeCodec(name, self)
            case "messages", "anthropic":
                return ClaudeMessages(name, self)
            case "chat_completion", _:
                return OpenAICodec(self, "/endpoints/openapi/chat/completions")
            case _:
                return None


def published(model: str) -> tuple[str, str]:
    """Return a model's publisher and its name there."""
    publisher, slash, name = model.partition("/")
    if slash:
        return publisher, name
    return "anthropic" if model.startswith("claude") else "google", model


class _AtAnthropic(EventStream):
    """What both forms of call to Claude share."""

    def __init__(self, name: str, provider: Vertex) -> None:
        self._name = quote(name, safe="@")
        self._provider = provider

    def _call(self, body: Mapping[str, JSON], callee: Callee, secret: str) -> UpstreamCall:
        verb = "streamRawPredict" if body.get("stream") else "rawPredict"
        sent = {"anthropic_version": ANTHROPIC_VERSION, **body}
        sent.pop("model", None)
        path = f"/publishers/anthropic/models/{self._name}:{verb}"
        return UpstreamCall(path=path, body=write(sent), headers=self._provider.auth(secret, callee))


class ClaudeCodec(_AtAnthropic):
    """Chat, written for Claude."""

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request as a Messages request."""
        del at
        return self._call(request_to_anthropic({**request, "model": callee.model}), callee, secret)

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read a message."""
        return message_completion(answer, at=at)

    def decoder(self, *, at: int) -> MessageEvents:
        """Return a reader for the events of a message."""
        return MessageEvents(at=at)


class ClaudeMessages(_AtAnthropic):
    """Anthropic's own form, which differs only in where the model and the version are named."""

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request; only tags, which are ours, stay here."""
        del at
        body = {name: value for name, value in request.items() if name != "store"}
        return self._call(body, callee, secret)

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Return the message as it is."""
        del at
        return answer

    def decoder(self, *, at: int) -> OwnEvents:
        """Return a reader that hands the events on."""
        del at
        return OwnEvents()


class OwnEvents:
    """Hands on the events of a message."""

    __slots__ = ("ended",)

    def __init__(self) -> None:
        self.ended = False

    def feed(self, event: Event) -> Sequence[JSON]:
        """Return the event."""
        data = read_object(event.data)
        data.setdefault("type", event.name)
        self.ended = data["type"] == "message_stop"
        return (data,)

    def end(self) -> Sequence[JSON]:
        """Return nothing: only `message_stop` ends a message."""
        return ()


provider = Vertex(
    card=Card(
        kind="vertex",
        label="Google Vertex AI",
        docs="https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference",
        key="GOOGLE_ACCESS_TOKEN",
        base_url="",
        credential="google",
        price_list="google",
        note="The address is `https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION`. "
        "The key is the JSON of a service account's key (`--key-stdin < key.json`), for which access tokens are "
        "fetched and renewed, or an access token. Models are named `gemini-…`, `claude-…@…` or `publisher/model`.",
    ),
    paths={},
    passes=frozenset({b"anthropic-beta"}),
)
