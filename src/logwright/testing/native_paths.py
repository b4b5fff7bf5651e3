"""Routes that name the model, and whether a stream is wanted, in their path instead of the body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from logwright.testing.bedrock_answers import FRAMES
from logwright.testing.gemini_answers import gemini_error

_NAMED: Final = re.compile(
    r"/(?:models|tunedModels)/(?P<google>[^/:]+):(?P<verb>\w+)$|/model/(?P<aws>[^/]+)/(?P<door>converse(?:-stream)?|count-tokens)$"
)


def completed(route: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the request with what its route says beside its body."""
    found = _NAMED.search(route)
    if found is None:
        return request
    verb = found["verb"] or found["door"]
    streams = verb in {"streamGenerateContent", "streamRawPredict", "converse-stream"}
    return {**request, "model": unquote(found["google"] or found["aws"]), "stream": streams}


def stream_type(door: str) -> str:
    """Return the content type of a door's streams."""
    return FRAMES if door == "converse" else "text/event-stream"


def error(door: str, status: int, message: str) -> Mapping[str, Any]:
    """Return an error in the form of a door."""
    match door:
        case "messages":
            return {"type": "error", "error": {"type": "api_error", "message": message}}
        case "generate" | "embed_batch":
            return gemini_error(status, message)
        case "converse":
            return {"message": message}
        case "token":
            return {"error": "invalid_grant", "error_description": message}
        case _:
            return {"error": {"message": message, "type": "server_error", "param": None, "code": None}}
