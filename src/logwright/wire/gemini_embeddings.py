"""OpenAI's embeddings, written for and read from Gemini's batchEmbedContents.

Gemini does not say how many tokens it read, so the answer has no counts.
Source: Gemini API reference, v1beta, as of 2026.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from typing import Any, Final

from logwright.errors import InvalidRequest

JSON = Any

_LEFT_OUT: Final = frozenset({"model", "input", "user", "dimensions", "encoding_format", "store", "metadata"})


def embeddings_to_gemini(request: Mapping[str, JSON], model: str) -> dict[str, JSON]:
    """Write a request for the embeddings of one or several texts.

    Raises:
        InvalidRequest: Gemini has nothing that means the same; `param` is the JSON path.
    """
    unknown = next((name for name in request if name not in _LEFT_OUT and request[name] is not None), None)
    if unknown:
        raise InvalidRequest(f"{unknown} has no equivalent at Gemini; leave it out", param=unknown)
    given = request.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("input must be text or a list of texts; Gemini takes no token ids", param="input")
    size = request.get("dimensions")
    wanted = {"outputDimensionality": size} if size is not None else {}
    named = model if "/" in model else f"models/{model}"
    return {"requests": [{"model": named, "content": {"parts": [{"text": text}]}, **wanted} for text in texts]}


def embeddings_to_openai(answer: Mapping[str, JSON], model: str, *, encoded: bool) -> dict[str, JSON]:
    """Write the answer as OpenAI's; `encoded` vectors are base64 of 32-bit floats, as its clients like them."""
    data = []
    for index, each in enumerate(answer["embeddings"]):
        values = each["values"]
        shown = base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode() if encoded else values
        data.append({"object": "embedding", "index": index, "embedding": shown})
    return {"object": "list", "data": data, "model": model}
