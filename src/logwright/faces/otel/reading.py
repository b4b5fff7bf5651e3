"""Read what an exporter sends, in protobuf or JSON, as spans.

Source: OTLP 1.7 (opentelemetry.io/docs/specs/otlp), "OTLP/HTTP": the JSON form is
proto3's, but ids are hexadecimal, 64-bit integers may be numbers or text, and
unknown members are ignored.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from logwright.errors import MalformedBody
from logwright.faces.otel.types import Batch, Event, Span
from logwright.wire import strict
from logwright.wire.strict import JSON

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

_KINDS: Final = ("", "internal", "server", "client", "producer", "consumer")
_NANOS: Final = 1000  # in a microsecond
_DEEPEST: Final = 32
"""Levels of a nested attribute that are read; what lies deeper is left out."""
_LAST: Final = 2**63 - 1


class _Rejected(Exception):
    """One span is none; its message says why."""


def read_protobuf(body: bytes) -> Batch:
    """Read an `ExportTraceServiceRequest`.

    Raises:
        MalformedBody: the bytes are not one.
    """
    # Loaded by the first batch: it takes 20 ms, and most servers never see one.
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    try:
        request = ExportTraceServiceRequest.FromString(body)
    except (DecodeError, RecursionError) as error:
        raise MalformedBody(f"the body is no ExportTraceServiceRequest in protobuf: {error}") from error
    made = _Made()
    for group in request.resource_spans:
        resource = _pairs(group.resource.attributes)
        for scoped in group.scope_spans:
            scope = _scope(scoped.scope.name, scoped.scope.version)
            for span in scoped.spans:
                made.add(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_span_id=span.parent_span_id.hex(),
                    name=span.name,
                    kind=span.kind,
                    started=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    attributes=_pairs(span.attributes),
                    events=[
                        Event(name=event.name, at=event.time_unix_nano // _NANOS, attributes=_pairs(event.attributes))
                        for event in span.events
                    ],
                    status=span.status.code,
                    status_message=span.status.message,
                    resource=resource,
                    scope=scope,
                )
    return made.batch()


def read_json(body: bytes) -> Batch:
    """Read the same request in JSON.

    Raises:
        MalformedBody: it is no JSON, or not in the form of one; the message names the place.
    """
    strict.check(body)
    try:
        request = _decode(body)
    except msgspec.ValidationError as error:
        raise MalformedBody(f"the body is no ExportTraceServiceRequest in JSON: {error}") from error
    made = _Made()
    for group in request.resource_spans:
        resource = _members(group.resource.attributes)
        for scoped in group.scope_spans:
            scope = _scope(scoped.scope.name, scoped.scope.version)
            for span in scoped.spans:
                made.add(
                    trace_id=span.trace_id.lower(),
                    span_id=span.span_id.lower(),
                    parent_span_id=span.parent_span_id.lower(),
                    name=span.name,
                    kind=_enumerated(span.kind, "SPAN_KIND_", _KINDS),
                    started=_integer(span.start_time_unix_nano),
                    ended=_integer(span.end_time_unix_nano),
                    attributes=_members(span.attributes),
                    events=[
                        Event(
                            name=event.name,
                            at=_integer(event.time_unix_nano) // _NANOS,
                            attributes=_members(event.attributes),
                        )
                        for event in span.events
                    ],
                    status=_enumerated(span.status.code, "STATUS_CODE_", ("unset", "ok", "error")),
                    status_message=span.status.message,
                    resource=resource,
                    scope=scope,
                )
    return made.batch()


class _Made:
    """The spans so far; one that is none is counted and left out, for the others are not to suffer."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._rejected = 0
        self._why = ""

    def add(self, *, kind: int, started: int, ended: int, **fields: Any) -> None:
        try:
            _check(fields["trace_id"], fields["span_id"], fields["parent_span_id"], started)
        except _Rejected as error:
            self._rejected += 1
            self._why = self._why or str(error)
            return
        self._spans.append(
            Span(
                kind=_KINDS[kind] if 0 <= kind < len(_KINDS) else "",
                started_at=started // _NANOS,
                ended_at=max(ended, started) // _NANOS,
                **fields,
            )
        )

    def batch(self) -> Batch:
        return Batch(spans=self._spans, rejected=self._rejected, why=self._why)


def _check(trace_id: str, span_id: str, parent_span_id: str, started: int) -> None:
    for name, value, size in (("traceId", trace_id, 32), ("spanId", span_id, 16)):
        if not _is_hex(value, size) or not value.strip("0"):
            raise _Rejected(f"a span's {name} must be {size // 2} bytes that are not all zero")
    if parent_span_id and not _is_hex(parent_span_id, 16):
        raise _Rejected("a span's parentSpanId must be empty or 8 bytes")
    if not 0 < started <= _LAST:
        raise _Rejected("a span needs a startTimeUnixNano")


def _is_hex(value: str, size: int) -> bool:
    return len(value) == size and not set(value) - set("0123456789abcdef")


def _scope(name: str, version: str) -> dict[str, JSON]:
    return {key: value for key, value in (("name", name), ("version", version)) if value}


# ------------------------------------------------------------------ protobuf's values


def _pairs(pairs: Sequence[KeyValue]) -> dict[str, JSON]:
    return {pair.key: _value(pair.value, 0) for pair in pairs}


def _value(value: AnyValue, depth: int) -> JSON:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return _finite(value.double_value)
        case "array_value" if depth < _DEEPEST:
            return [_value(each, depth + 1) for each in value.array_value.values]
        case "kvlist_value" if depth < _DEEPEST:
            return {pair.key: _value(pair.value, depth + 1) for pair in value.kvlist_value.values}
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case _:
            return None


def _finite(value: float) -> JSON:
    """Keep what JSON can write; infinity and NaN as their names."""
    return value if value - value == 0 else str(value)


# ------------------------------------------------------------------ JSON's form

_Integer = int | str


class _Any(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: _Integer | None = None
    double_value: float | str | None = None
    array_value: _Array | None = None
    kvlist_value: _List | None = None
    bytes_value: str | None = None


class _Array(msgspec.Struct):
    values: list[_Any] = []


class _Pair(msgspec.Struct):
    key: str = ""
    value: _Any = msgspec.field(default_factory=_Any)


class _List(msgspec.Struct):
    values: list[_Pair] = []


class _Resource(msgspec.Struct):
    attributes: list[_Pair] = []


class _Scope(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Status(msgspec.Struct):
    code: _Integer = 0
    message: str = ""


class _Event(msgspec.Struct, rename="camel"):
    name: str = ""
    time_unix_nano: _Integer = 0
    attributes: list[_Pair] = []


class _Span(msgspec.Struct, rename="camel"):
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    name: str = ""
    kind: _Integer = 0
    start_time_unix_nano: _Integer = 0
    end_time_unix_nano: _Integer = 0
    attributes: list[_Pair] = []
    events: list[_Event] = []
    status: _Status = msgspec.field(default_factory=_Status)


class _ScopeSpans(msgspec.Struct):
    scope: _Scope = msgspec.field(default_factory=_Scope)
    spans: list[_Span] = []


class _ResourceSpans(msgspec.Struct, rename="camel"):
    resource: _Resource = msgspec.field(default_factory=_Resource)
    scope_spans: list[_ScopeSpans] = []


class _Request(msgspec.Struct, rename="camel"):
    resource_spans: list[_ResourceSpans] = []


_decode: Final = msgspec.json.Decoder(_Request).decode


def _members(pairs: Sequence[_Pair]) -> dict[str, JSON]:
    return {pair.key: _told(pair.value, 0) for pair in pairs}


def _told(value: _Any, depth: int) -> JSON:
    if value.int_value is not None:
        return _integer(value.int_value)
    if value.array_value is not None:
        return [_told(each, depth + 1) for each in value.array_value.values] if depth < _DEEPEST else None
    if value.kvlist_value is not None:
        return _within(value.kvlist_value, depth) if depth < _DEEPEST else None
    for plain in (value.string_value, value.bool_value, value.double_value, value.bytes_value):
        if plain is not None:
            return plain
    return None


def _within(members: _List, depth: int) -> dict[str, JSON]:
    return {pair.key: _told(pair.value, depth + 1) for pair in members.values}


def _integer(value: _Integer) -> int:
    """Read a 64-bit integer, which proto3's JSON writes as text."""
    if isinstance(value, int):
        return value
    digits = value.strip()
    if not digits.lstrip("-").isascii() or not digits.lstrip("-").isdigit() or len(digits) > 20:
        raise MalformedBody(f"the body is no ExportTraceServiceRequest in JSON: {value[:40]!r} is no integer")
    return int(digits)


def _enumerated(value: _Integer, prefix: str, names: Sequence[str]) -> int:
    """Read an enumeration's number; some exporters write its name."""
    if isinstance(value, str) and value.startswith(prefix):
        name = value.removeprefix(prefix).lower()
        return names.index(name) if name in names else 0
    return _integer(value)
