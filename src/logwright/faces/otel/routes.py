"""OTLP/HTTP's door for spans, in protobuf and JSON, packed or not.

The spans that are logs are durable when it answers. An exporter may send a batch
again: the same span makes the same log, once.
"""

from __future__ import annotations

import asyncio
import zlib
from functools import partial
from typing import Any, Final, NamedTuple, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from logwright.errors import LogwrightError, MalformedBody, TooLarge, Unavailable, UnsupportedMedia
from logwright.faces.otel import answers
from logwright.faces.otel.reading import read_json, read_protobuf
from logwright.faces.otel.records import Made, records_of
from logwright.gateway.beside import beside
from logwright.gateway.paths import SPAN_PATHS
from logwright.logs.recorder import Recorder
from logwright.projects.access import Access, Writer

_PROTOBUF_NAMES: Final = frozenset({"application/x-protobuf", "application/protobuf"})
_WEIGHT: Final = 16
"""A byte of spans takes about as long to read as so many of a plain body."""

_GZIP: Final = 31  # zlib's window bits for a gzip header
_DESCRIBED: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "An ExportTraceServiceRequest of OTLP; `Content-Encoding: gzip` is taken.",
        "content": {
            "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {"type": "object", "properties": {"resourceSpans": {"type": "array"}}}},
        },
    },
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "An ExportTraceServiceResponse in the encoding of the request.",
        "headers": {
            "x-logwright-logs": {"description": "How many of the spans are logs.", "schema": {"type": "string"}},
            "x-logwright-other-spans": {
                "description": "How many are about no model, tool or agent, and were not kept.",
                "schema": {"type": "string"},
            },
        },
        "content": {"application/x-protobuf": {}, "application/json": {}},
    }
}


class _Taken(NamedTuple):
    made: Made
    rejected: int
    why: str


async def export(request: Request, access: Writer) -> Response:
    """Turn spans of generative AI into logs; other spans only link these to each other."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    as_json = content_type == answers.JSON
    if not as_json and content_type not in _PROTOBUF_NAMES:
        raise UnsupportedMedia(
            f"Spans come as application/x-protobuf or application/json, not as {content_type[:60]!r}"
        )
    try:
        taken = await _take(request, access, as_json=as_json)
    except LogwrightError as error:
        if as_json:
            raise
        shown = answers.failed(error)
        headers = {} if error.retry_after is None else {"retry-after": str(max(1, round(error.retry_after)))}
        return Response(shown.body, error.status, headers=headers, media_type=shown.content_type)
    shown = answers.kept(taken.rejected, taken.why, as_json=as_json)
    counts = {"x-logwright-logs": str(len(taken.made.records)), "x-logwright-other-spans": str(taken.made.others)}
    return Response(shown.body, headers=counts, media_type=shown.content_type)


async def _take(request: Request, access: Access, *, as_json: bool) -> _Taken:
    """Read the spans and record what they tell, durably."""
    recorder = cast("Recorder", request.app.state.recorder)  # starlette's state is untyped
    refusal = recorder.refusal()
    if refusal is not None:
        raise Unavailable(refusal, retry_after=1)
    body = await request.body()
    packed = request.headers.get("content-encoding", "").strip().lower() == "gzip"
    most = request.app.state.settings.max_body_bytes
    work = partial(_read, body, access, packed=packed, as_json=as_json, most_bytes=most)
    taken = await beside(len(body) * _WEIGHT, work)
    await asyncio.gather(*[recorder.keep(record) for record in taken.made.records])
    return taken


def _read(body: bytes, access: Access, *, packed: bool, as_json: bool, most_bytes: int) -> _Taken:
    if packed:
        body = _unpacked(body, most_bytes)
    batch = read_json(body) if as_json else read_protobuf(body)
    made = records_of(batch.spans, project_id=access.project.id, key_id=access.principal.key_id)
    return _Taken(made, batch.rejected, batch.why)


def _unpacked(body: bytes, most_bytes: int) -> bytes:
    """Unpack gzip, and never more than may be sent unpacked: a small body can stand for gigabytes."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        data = unpacker.decompress(body, most_bytes + 1)
    except zlib.error as error:
        raise MalformedBody(f"The body is not gzip, though Content-Encoding says so: {error}") from error
    if len(data) > most_bytes:
        raise TooLarge(f"The body is over the limit of {most_bytes} bytes once unpacked (setting max_body_bytes)")
    if not unpacker.eof:
        raise MalformedBody("The body ends within its gzip stream")
    return data


def _router() -> APIRouter:
    made = APIRouter(tags=["opentelemetry"])
    for number, path in enumerate(SPAN_PATHS):
        made.add_api_route(
            path,
            export,
            methods=["POST"],
            operation_id=f"exportSpans{number or ''}",
            summary="Send spans, in OTLP's form",
            openapi_extra=_DESCRIBED,
            responses=_ANSWERS,
        )
    return made


router: Final = _router()
