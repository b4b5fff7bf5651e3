"""What a request's body may be (S-12): bounded, not compressed, and for the management API strict JSON.

The framework's JSON reader takes NaN, repeated keys, NUL and lone surrogates;
each of them breaks something further in. What is wrong is raised while the
framework reads the body, as the one exception that it lets through.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from logwright.errors import InvalidRequest, LogwrightError, TooLarge, UnsupportedMedia
from logwright.gateway.beside import beside
from logwright.gateway.paths import SPAN_PATHS
from logwright.http.errors import answer
from logwright.wire import strict

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STRICT: Final = "/api/manage/"
"""Under it the framework parses bodies itself; the faces parse theirs, after they have seen the key."""


class BodyGuard:
    """Refuses bodies that are too long, compressed or, on the management API, not strict JSON."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body watched, or refuse it by its head."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refuse_at_once(headers, scope["path"])
        if refusal is not None:
            await answer(refusal)(scope, receive, send)
            return
        kept: list[bytes] | None = [] if scope["path"].startswith(STRICT) and _is_json(headers) else None
        seen = 0

        async def guarded() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] != "http.request":
                return message
            part = message.get("body", b"")
            seen += len(part)
            if seen > self._max_bytes:
                raise HTTPException(413, self._too_large().message)
            if kept is not None:
                kept.append(part)
                if not message.get("more_body", False):
                    whole = b"".join(kept)
                    await beside(len(whole), partial(_check, whole))
            return message

        await self._app(scope, guarded, send)

    def _refuse_at_once(self, headers: Headers, path: str) -> LogwrightError | None:
        """Return why a request is refused by its head alone."""
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"} and not (encoding == "gzip" and path in SPAN_PATHS):
            return UnsupportedMedia(f"Bodies compressed with {encoding[:40]!r} are not taken; send it uncompressed")
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > self._max_bytes:
            return self._too_large()
        return None

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The body is over the limit of {self._max_bytes} bytes (setting max_body_bytes)")


def _is_json(headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _check(whole: bytes) -> None:
    if not whole:
        return
    try:
        strict.check(whole)
    except InvalidRequest as error:
        raise HTTPException(error.status, error.message) from error
