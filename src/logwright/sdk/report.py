"""One call on its way to Logwright: the bytes that crossed the wire, made into a report off the caller's thread.

A stream is kept as its server-sent events, because parsing them costs a hundred
times what keeping them does and the caller is waiting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpx2
import msgspec

from logwright import __version__
from logwright.errors import LogwrightError
from logwright.wire.assemble import assemble
from logwright.wire.strict import check

Kind = Literal["chat_completion", "text_completion", "responses", "embedding"]

SDK_TAGS: Final[Mapping[str, str]] = {"$sdk": "python", "$sdk.version": __version__}
"""On every report, under the names that OpenPipe's clients use."""

_FIXED_BYTES: Final = 1024
"""About what a report occupies beyond its bodies."""


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    """A report ready to be sent or spooled."""

    idempotency_key: str
    body: bytes
    """The JSON of `POST /api/v1/report`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was seen of one call."""

    id: str
    """Makes sending twice harmless: the server keeps the first of two reports with the same id."""
    kind: Kind
    requested_at: int
    """Microseconds since 1970."""
    received_at: int | None = None
    request: bytes
    """The request's JSON."""
    response: tuple[bytes, ...] = ()
    """The answer's body in pieces as they arrived; empty where none came."""
    is_stream: bool = False
    encoding: str = ""
    """The answer's `Content-Encoding`; the pieces are as yet undecoded when it is set."""
    status: int | None = None
    error: str = ""
    tags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes of memory it holds."""
        return _FIXED_BYTES + len(self.request) + sum(map(len, self.response))

    def pack(self) -> Parcel:
        """Make the JSON of the report. Costs milliseconds for a long stream: not for the caller's thread."""
        members: dict[str, bytes] = {"requestedAt": _millis(self.requested_at)}
        if self.received_at is not None:
            members["receivedAt"] = _millis(self.received_at)
        if self.request:
            members["reqPayload"] = _as_json(self.request)
        if self.response:
            members["respPayload"] = self._response_json()
        if self.status is not None:
            members["statusCode"] = str(self.status).encode()
        if self.error:
            members["errorMessage"] = _as_json(json.dumps(self.error).encode())
        members["tags"] = _as_json(json.dumps({**self.tags, **SDK_TAGS}).encode())
        body = b",".join(b'"%s":%s' % (name.encode(), value) for name, value in members.items())
        return Parcel(self.id, b"{%s}" % body)

    def _response_json(self) -> bytes:
        raw = b"".join(self.response)
        if self.encoding:
            raw = _decoded(raw, self.encoding)
        if not self.is_stream:
            return _as_json(raw)
        return msgspec.json.encode(assemble(self.kind, raw))


def _millis(micros: int) -> bytes:
    """Write microseconds as milliseconds, the report's unit, without losing the fraction."""
    return b"%d.%03d" % divmod(micros, 1000)


def _as_json(raw: bytes) -> bytes:
    """Give bytes that the server will take: itself where `raw` is strict JSON, else what comes nearest.

    A NUL becomes U+FFFD, as no database takes one; what is no JSON at all, such as a proxy's error page, becomes the
    JSON string that says it.
    """
    for candidate in (raw, raw.replace(rb"\u0000", rb"\ufffd")):
        try:
            check(candidate)
        except LogwrightError:
            continue
        return candidate
    return json.dumps(raw.decode("utf-8", "replace").replace("\0", "\ufffd")).encode()


def _decoded(raw: bytes, encoding: str) -> bytes:
    try:
        return httpx2.Response(200, headers={"content-encoding": encoding}, content=raw).content
    except httpx2.DecodingError:
        return raw
