"""Gemini: Google's native generateContent, or the OpenAI-shaped door that Google keeps beside it.

Which of them is spoken the base URL says: one that ends in `/openai` is the door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from logwright.providers.base import CHAT, Card, OpenAICompatible, only
from logwright.providers.codec import EventStream, UpstreamCall
from logwright.wire.gemini import GeminiChunks, answer_to_openai
from logwright.wire.gemini_embeddings import embeddings_to_gemini, embeddings_to_openai
from logwright.wire.gemini_request import request_to_gemini
from logwright.wire.lenient import read_object, write
from logwright.wire.messages_request import messages_to_chat

if TYPE_CHECKING:
    from logwright.providers.codec import Callee, Codec
    from logwright.wire.stream import Event

JSON = Any

_FOLDERS: Final = ("models", "tunedModels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gemini(OpenAICompatible):
    """The Gemini API at Google AI Studio."""

    def path(self, kind: str, callee: Callee) -> str | None:
        """Return the path at the OpenAI-shaped door; None where the native API is spoken."""
        return self.paths.get(kind) if is_door(callee) else None

    def codec(self, kind: str, callee: Callee) -> Codec | None:
        """Return how chat and embeddings are written natively."""
        if is_door(callee):
            # Written out: a dataclass with slots is another class than the one that zero-argument super() sees.
            return OpenAICompatible.codec(self, kind, callee)
        match kind:
            case "chat_completion":
                return GeminiCodec(model_path, self.auth)
            case "embedding":
                return GeminiEmbeddings(callee.model, self.auth)
            case "count_tokens":
                return GeminiCount(self.auth)
            case _:
                return None

    def auth(self, secret: str, callee: Callee) -> Mapping[str, str]:
        """Return the key in the header of the API that is spoken."""
        if is_door(callee) or not secret:
            return OpenAICompatible.auth(self, secret, callee)
        return {"x-goog-api-key": secret}


def is_door(callee: Callee) -> bool:
    """Say whether the OpenAI-shaped door is called."""
    return callee.base_url.endswith("/openai")


def model_path(callee: Callee) -> str:
    """Return where a model lies; a tuned one is named with its folder."""
    folder, slash, name = callee.model.partition("/")
    if slash and folder in _FOLDERS:
        return f"/{folder}/{quote(name, safe='')}"
    return f"/models/{quote(callee.model, safe='')}"


class GeminiCodec(EventStream):
    """Chat, written for and read from generateContent."""

    def __init__(self, place: Callable[[Callee], str], auth: Callable[[str, Callee], Mapping[str, str]]) -> None:
        """`place` says where a model lies, `auth` how the key is shown."""
        self._place = place
        self._auth = auth

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request."""
        del at
        body = request_to_gemini(request, callee.model)
        verb = "streamGenerateContent?alt=sse" if request.get("stream") else "generateContent"
        path = f"{self._place(callee)}:{verb}"
        return UpstreamCall(path=path, body=write(body), headers=self._auth(secret, callee))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read an answer."""
        return answer_to_openai(answer, created=at)

    def decoder(self, *, at: int) -> GeminiEvents:
        """Return a reader for a streamed answer."""
        return GeminiEvents(at=at)


class GeminiEvents:
    """Reads the events of one answer. Gemini has no end mark: the reason for the end and the body's end are it."""

    __slots__ = ("_chunks", "ended")

    def __init__(self, *, at: int) -> None:
        self._chunks = GeminiChunks(created=at)
        self.ended = False

    def feed(self, event: Event) -> Sequence[JSON]:
        """Return the chunks of an event."""
        return self._chunks.feed(read_object(event.data))

    def end(self) -> Sequence[JSON]:
        """Return the counts, if the answer is complete."""
        self.ended = self._chunks.is_complete
        return self._chunks.end() if self.ended else ()


class GeminiEmbeddings(EventStream):
    """Embeddings, several at once."""

    def __init__(self, model: str, auth: Callable[[str, Callee], Mapping[str, str]]) -> None:
        self._model = model
        self._auth = auth
        self._encoded = False

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request; in which form the vectors are wanted is remembered for the answer."""
        del at
        self._encoded = request.get("encoding_format") == "base64"
        body = embeddings_to_gemini(request, callee.model)
        path = f"{model_path(callee)}:batchEmbedContents"
        return UpstreamCall(path=path, body=write(body), headers=self._auth(secret, callee))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read the vectors."""
        del at
        return embeddings_to_openai(answer, self._model, encoded=self._encoded)

    def decoder(self, *, at: int) -> GeminiEvents:
        """Return a reader; nobody streams embeddings."""
        return GeminiEvents(at=at)


class GeminiCount(EventStream):
    """Anthropic's count of a conversation's tokens, asked of Gemini."""

    def __init__(self, auth: Callable[[str, Callee], Mapping[str, str]]) -> None:
        self._auth = auth

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the conversation as a call would."""
        del at
        written = request_to_gemini(messages_to_chat(request), callee.model)
        body = {"generateContentRequest": {"model": model_path(callee)[1:], **written}}
        path = f"{model_path(callee)}:countTokens"
        return UpstreamCall(path=path, body=write(body), headers=self._auth(secret, callee))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read the count."""
        del at
        return {"input_tokens": answer["totalTokens"]}

    def decoder(self, *, at: int) -> GeminiEvents:
        """Return a reader; nobody streams a number."""
        return GeminiEvents(at=at)


provider = Gemini(
    card=Card(
        kind="gemini",
        label="Google Gemini",
        docs="https://ai.google.dev/api/generate-content",
        key="GEMINI_API_KEY",
        base_url="https://generativelanguage.googleapis.com/v1beta",
        price_list="google",
        note="With a base URL that ends in `/openai`, Google's OpenAI-shaped door is spoken instead.",
        aliases={
            "1.5-flash": "gemini-1.5-flash",
            "1.5-flash-8b": "gemini-1.5-flash-8b",
            "1.5-pro": "gemini-1.5-pro",
            "2.0-flash": "gemini-2.0-flash",
        },
    ),
    paths=only(CHAT, "embedding"),
)
