"""The bytes of an HTTP/1.1 answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from logwright.errors import LogwrightError, body

if TYPE_CHECKING:
    from collections.abc import Iterable

STATUS_LINES: Final[dict[int, bytes]] = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
LAST_CHUNK: Final = b"0\r\n\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
JSON_TYPE: Final = b"content-type: application/json\r\n"
RELAYED: Final = frozenset({b"retry-after", b"x-request-id", b"request-id"})
RELAYED_PREFIXES: Final = (b"x-ratelimit-", b"anthropic-ratelimit-")
"""Headers of a provider's answer that the caller gets to see (RELIABILITY S-8)."""

CLOSE: Final = b"connection: close\r\n"
GUARDS: Final = (
    b"cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
    b"access-control-allow-origin: *\r\n"
    b"access-control-expose-headers: x-request-id, x-logwright-log-id, retry-after\r\n"
)
"""On every answer: what passes here belongs in no cache and is never a page (RELIABILITY S-13); a script of another
origin that holds a key may read it (openpipe.md, OP-75; `http.cors` says the same of the published paths beside it)."""


def status_line(status: int) -> bytes:
    """Return the first line of an answer, for codes without a registered phrase too."""
    return STATUS_LINES.get(status) or f"HTTP/1.1 {status} Status\r\n".encode()


def head(status: int, headers: Iterable[bytes], *, length: int | None, keep_alive: bool) -> bytes:
    """Return status line and headers; without a `length` the body follows in chunks.

    `headers` are whole lines that end in CR LF.
    """
    size = b"transfer-encoding: chunked\r\n\r\n" if length is None else b"content-length: %d\r\n\r\n" % length
    return b"".join((status_line(status), *headers, GUARDS, b"" if keep_alive else CLOSE, size))


def chunk(data: bytes) -> bytes:
    """Frame one piece of a chunked body (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def refusal(error: LogwrightError, extra: bytes = b"") -> tuple[list[bytes], bytes]:
    """Return the header lines and the JSON body that tell a caller what we refuse, and why."""
    lines = [JSON_TYPE, extra]
    if error.retry_after is not None:
        lines.append(b"retry-after: %d\r\n" % max(1, round(error.retry_after)))
    return lines, msgspec.json.encode(body(error))
