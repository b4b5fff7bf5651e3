"""What an exporter is told: that its spans are kept, how many were none, or what went wrong.

Source: OTLP 1.7, "OTLP/HTTP Response": an `ExportTraceServiceResponse`, or for 4xx
and 5xx a `google.rpc.Status`, in the encoding of the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from logwright.errors import LogwrightError

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"

_UNKNOWN: Final = 2
_CODES: Final[Mapping[int, int]] = {400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 415: 3, 429: 8, 503: 14}
"""Status of HTTP → code of gRPC (google/rpc/code.proto)."""


class Answer(NamedTuple):
    """An answer's body and its type."""

    body: bytes
    content_type: str


def kept(rejected: int, why: str, *, as_json: bool) -> Answer:
    """Say that all spans were taken but `rejected` ones, the first of them for the reason `why`."""
    if as_json:
        partial = {"partialSuccess": {"rejectedSpans": str(rejected), "errorMessage": why}} if rejected else {}
        return Answer(msgspec.json.encode(partial), JSON)
    if not rejected:
        return Answer(b"", PROTOBUF)  # the bytes of a message without fields
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTracePartialSuccess,
        ExportTraceServiceResponse,
    )

    partial_success = ExportTracePartialSuccess(rejected_spans=rejected, error_message=why)
    return Answer(ExportTraceServiceResponse(partial_success=partial_success).SerializeToString(), PROTOBUF)


def failed(error: LogwrightError) -> Answer:
    """Say to one who speaks protobuf what went wrong; in JSON our own shape says it, whose `message` is the same."""
    code = _CODES.get(error.status, _UNKNOWN)
    words = error.message.encode()
    # Status has two fields that matter, a number (1) and a text (2), and its package has nothing else that we need.
    return Answer(b"\x08%b\x12%b%b" % (bytes((code,)), _length(len(words)), words), PROTOBUF)


def _length(size: int) -> bytes:
    """Write a length as protobuf does: seven bits a byte, the lowest first."""
    written = bytearray()
    while size > 127:
        written.append(size & 127 | 128)
        size >>= 7
    written.append(size)
    return bytes(written)
