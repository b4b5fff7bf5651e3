"""Watches one direct call and reports it once, however it ends.

Bodies are taken as bytes from the HTTP exchange, not from the objects made of
them: that costs the caller next to nothing, keeps fields that no class knows, and
cannot be changed afterwards by an application that edits its own messages.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import httpx2
import msgspec
import openai

from logwright.ids import new_id
from logwright.sdk.report import Kind, Report

if TYPE_CHECKING:
    from logwright.sdk.reporter import Reporter

_log: Final = logging.getLogger("logwright.sdk")

KINDS: Final[Mapping[str, Kind]] = {
    "/chat/completions": "chat_completion",
    "/completions": "text_completion",
    "/embeddings": "embedding",
    "/responses": "responses",
}
"""The calls that are recorded, by path."""

_MOST_BYTES: Final = 32 << 20
"""How much of one stream is kept; what comes after is passed on and not reported."""

_LEFT: Final = "The caller stopped reading before the end of the stream"


class Watch:
    """One direct call from its beginning to its report. Its methods never raise."""

    def __init__(
        self, reporter: Reporter, kind: Kind, body: Any, *, metadata: Any = None, tags: Mapping[str, Any] | None = None
    ) -> None:
        self._reporter = reporter
        self._kind = kind
        self._body = body
        self._metadata = metadata
        """What OpenAI was not sent, and the log shall show nevertheless."""
        self._tags = dict(tags or {})
        self._requested_at = _now()
        self._reported = False
        self._response: httpx2.Response | None = None
        self._pieces: list[bytes] = []
        self._kept_bytes = 0

    def answered(self, response: httpx2.Response) -> None:
        """Report an answer that is read, or begin to listen to one that the application will read."""
        self._response = response
        if response.is_stream_consumed or not isinstance(response, httpx2.Response):
            self._report(response, (_content(response),), encoding="")
        elif isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _AsyncTee(response.stream, self)
        elif isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Tee(response.stream, self)

    def failed(self, error: BaseException) -> None:
        """Report a call that ended in an exception, unless nothing had been sent."""
        if isinstance(error, openai.APIStatusError | openai.APIResponseValidationError):
            self._report(error.response, (_content(error.response),), encoding="", error=_message(error))
        elif isinstance(error, openai.APIConnectionError):
            self._report(None, (), request=_request_bytes(error.request), error=_message(error))
        elif isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
            self._report(None, (), error="The caller gave up before an answer came")

    # ------------------------------------------------------------ streams

    def heard(self, piece: bytes) -> None:
        """Keep a piece of a stream."""
        if self._kept_bytes <= _MOST_BYTES:
            self._kept_bytes += len(piece)
            self._pieces.append(piece)

    def ended(self, error: str = "") -> None:
        """Report a stream: read to its end, broken off, or left by its reader."""
        if self._reported or self._response is None:
            return
        # The client stops at `[DONE]` without waiting for the connection's end: nothing is missing then.
        if error == _LEFT and b"[DONE]" in b"".join(self._pieces[-2:])[-64:]:
            error = ""
        encoding = self._response.headers.get("content-encoding", "")
        self._report(self._response, tuple(self._pieces), encoding=encoding, error=error)
        self._pieces.clear()

    def _report(
        self,
        response: httpx2.Response | None,
        pieces: tuple[bytes, ...],
        *,
        encoding: str = "",
        request: bytes | None = None,
        error: str = "",
    ) -> None:
        if self._reported:
            return
        self._reported = True
        try:
            self._put(response, pieces, encoding, request, error)
        except Exception:  # noqa: BLE001 - whatever we fail at, the application's call has not failed
            _log.exception("A call could not be reported to Logwright")

    def _put(
        self,
        response: httpx2.Response | None,
        pieces: tuple[bytes, ...],
        encoding: str,
        request: bytes | None,
        error: str,
    ) -> None:
        if request is None:
            request = _request_bytes(response.request) if response is not None else _encoded(self._body)
        content_type = "" if response is None else response.headers.get("content-type", "")
        self._reporter.put(
            Report(
                id=new_id("sdk", self._requested_at),
                kind=self._kind,
                requested_at=self._requested_at,
                received_at=_now(),
                request=_with_metadata(request, self._metadata),
                response=pieces,
                is_stream=content_type.startswith("text/event-stream"),
                encoding=encoding,
                status=None if response is None else response.status_code,
                error=error,
                tags=self._tags,
            )
        )


class _Tee(httpx2.SyncByteStream):
    """A response's body that lets a watch listen in."""

    def __init__(self, inner: httpx2.SyncByteStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._inner:
                self._watch.heard(piece)
                yield piece
        except Exception as error:
            self._watch.ended(_broken(error))
            raise
        self._watch.ended()

    def close(self) -> None:
        self._watch.ended(_LEFT)
        self._inner.close()

    def __del__(self) -> None:
        self._watch.ended(_LEFT)


class _AsyncTee(httpx2.AsyncByteStream):
    """The same for the asynchronous client."""

    def __init__(self, inner: httpx2.AsyncByteStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._inner:
                self._watch.heard(piece)
                yield piece
        except Exception as error:
            self._watch.ended(_broken(error))
            raise
        self._watch.ended()

    async def aclose(self) -> None:
        self._watch.ended(_LEFT)
        await self._inner.aclose()

    def __del__(self) -> None:
        self._watch.ended(_LEFT)


def _now() -> int:
    return time.time_ns() // 1000


def _broken(error: Exception) -> str:
    return f"The stream broke off: {str(error) or type(error).__name__}"


def _message(error: openai.APIError) -> str:
    """Give the provider's own words where it had some."""
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    cause = error.__cause__
    return f"{error.message} ({cause})" if cause is not None and str(cause) else error.message


def _content(response: httpx2.Response) -> bytes:
    try:
        return response.content
    except Exception:  # noqa: BLE001 - httpx and httpx2 name it differently; an unread body is simply not reported
        return b""


def _request_bytes(request: httpx2.Request) -> bytes:
    try:
        return request.content
    except httpx2.RequestNotRead:
        return b""


def _encoded(body: Any) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError):
        return b""


def _with_metadata(request: bytes, metadata: Any) -> bytes:
    """Put `metadata` back into the JSON of a request that was sent without."""
    if not metadata or not request.startswith(b"{") or request == b"{}":
        return request
    return b'{"metadata":%s,%s' % (json.dumps(metadata).encode(), request[1:])
