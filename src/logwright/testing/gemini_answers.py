"""What Gemini's native API answers, whole and as the events of a stream (Gemini API reference, v1beta, 2026)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from logwright.testing.events import data_event
from logwright.testing.message_answers import DEFAULT_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logwright.testing.answers import Said

_FINISH_REASONS: Final = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def gemini_answer(said: Said, request: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Build a whole answer."""
    return _answer(said, request, number, _parts(said, [said.whole or ""]), ends=True)


def gemini_events(said: Said, request: Mapping[str, Any], number: int) -> list[bytes]:
    """Build the events of a streamed answer, which has no end mark."""
    parts = _parts(said, said.pieces)
    return [
        data_event(_answer(said, request, number, [part], ends=at == len(parts))) for at, part in enumerate(parts, 1)
    ]


def gemini_vectors(request: Mapping[str, Any]) -> dict[str, Any]:
    """Build the embeddings of a batch."""
    return {"embeddings": [{"values": [0.25, -0.5, 0.125]} for _ in request.get("requests", ())]}


def gemini_error(status: int, message: str) -> dict[str, Any]:
    """Build an error as Google's APIs tell it."""
    return {
        "error": {"code": status, "message": message, "status": "RESOURCE_EXHAUSTED" if status == 429 else "INTERNAL"}
    }


def _parts(said: Said, texts: Any) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if said.reasoning:
        parts.append({"text": said.reasoning, "thought": True})
    if said.whole and (not said.tool_calls or said.chunks or said.text != DEFAULT_TEXT):
        parts += [{"text": text} for text in texts]
    for call in said.tool_calls:
        given = {"name": call.name, "args": json.loads(call.arguments), "id": call.id}
        parts.append({"functionCall": given, "thoughtSignature": "c2lnbmVk"})
    return parts or [{"text": ""}]


def _answer(
    said: Said, request: Mapping[str, Any], number: int, parts: list[dict[str, Any]], *, ends: bool
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if ends:
        candidate["finishReason"] = _FINISH_REASONS.get(said.reason, said.reason)
    usage = said.usage or {
        "promptTokenCount": said.input_tokens,
        "candidatesTokenCount": said.output_tokens - said.reasoning_tokens,
        "totalTokenCount": said.input_tokens + said.output_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": said.input_tokens}],
        **({"cachedContentTokenCount": said.cached_tokens} if said.cached_tokens else {}),
        **({"thoughtsTokenCount": said.reasoning_tokens} if said.reasoning_tokens else {}),
    }
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": request.get("model", "gemini-2.5-flash"),
        "responseId": f"resp{number:08d}",
        **said.extra,
    }
