"""Which paths the hot path serves itself; every other goes to the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logwright.models.types import CallKind

_KINDS: Final[dict[str, CallKind]] = {
    "/chat/completions": "chat_completion",
    "/completions": "text_completion",
    "/embeddings": "embedding",
    "/responses": "responses",
    "/messages": "messages",
    "/messages/count_tokens": "count_tokens",
    "/audio/speech": "speech",
    "/audio/transcriptions": "transcription",
    "/audio/translations": "translation",
    "/images/generations": "image_generation",
    "/images/edits": "image_edit",
    "/images/variations": "image_variation",
}

MEDIA_KINDS: Final[frozenset[str]] = frozenset(
    {"speech", "transcription", "translation", "image_generation", "image_edit", "image_variation"}
)
"""Kinds whose bodies hold sound or pictures: larger requests are taken, and answers may be media or plain text."""

PICTURED_KINDS: Final[frozenset[str]] = MEDIA_KINDS | {"responses"}
"""Kinds of whose streams one event may hold a whole picture, or a stretch of sound."""

HOT_PATHS: Final[dict[bytes, CallKind]] = {
    (prefix + path).encode(): kind for path, kind in _KINDS.items() for prefix in ("/api/v1", "/v1")
}
"""Path of a POST request → the kind of call it is. OpenPipe's clients use `/api/v1`, everybody else `/v1`."""

SPAN_PATHS: Final[tuple[str, ...]] = (
    "/v1/traces",
    "/api/v1/traces",
    "/api/public/otel/v1/traces",
    "/v5/import/otel/v1/traces",
)
"""Where spans are sent to: OTLP's own path under either of our prefixes, and the ones that Langfuse's and Humanloop's
exporters are set to."""

PACKED_PATHS: Final[frozenset[bytes]] = frozenset(path.encode() for path in SPAN_PATHS)
"""Paths whose bodies may be compressed by gzip, as OTLP demands; whoever answers there bounds what they become."""
