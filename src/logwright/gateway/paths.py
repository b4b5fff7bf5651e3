"""Which paths the hot path serves itself; every other goes to the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logwright.logs.record import Kind

_KINDS: Final[dict[str, Kind]] = {
    "/chat/completions": "chat_completion",
    "/completions": "text_completion",
    "/embeddings": "embedding",
    "/responses": "responses",
    "/messages": "messages",
}

HOT_PATHS: Final[dict[bytes, Kind]] = {
    (prefix + path).encode(): kind for path, kind in _KINDS.items() for prefix in ("/api/v1", "/v1")
}
"""Path of a POST request → the kind of call it is. OpenPipe's clients use `/api/v1`, everybody else `/v1`."""
