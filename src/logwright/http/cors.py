"""Cross-origin use of the published APIs (OP-75), for scripts in a page that hold a key.

Only the paths that the vendors' clients call, and never with credentials: a
browser sends no cookie along, so a page can do nothing that its own key does
not allow. The management API stays closed to other origins (S-4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PUBLISHED: Final = ("/api/v1/", "/v1/")
"""Where the published APIs begin."""

EXPOSED: Final = "x-request-id, x-logwright-log-id, retry-after"
"""The answer's headers that a script may read."""

_ANSWER: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED}
_METHODS: Final = "GET, POST, DELETE, OPTIONS"
_DAY: Final = "86400"


def answer_headers() -> Mapping[str, str]:
    """Return what an answer to another origin carries."""
    return _ANSWER


def preflight_headers(requested: str) -> Mapping[str, str]:
    """Return the answer to a preflight that asks for the headers `requested`.

    They are named one by one, for `*` does not cover Authorization (Fetch standard, section 3.3.2).
    """
    return {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": _METHODS,
        "access-control-allow-headers": requested or "authorization, content-type",
        "access-control-max-age": _DAY,
    }


class Cors:
    """Answers preflights and marks answers, on the published paths only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on and mark its answer."""
        if scope["type"] != "http" or not scope["path"].startswith(PUBLISHED):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "origin" not in headers:
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            allowed = preflight_headers(headers.get("access-control-request-headers", ""))
            await Response(status_code=204, headers=dict(allowed))(scope, receive, send)
            return

        async def marking(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_ANSWER)
            await send(message)

        await self._app(scope, receive, marking)
