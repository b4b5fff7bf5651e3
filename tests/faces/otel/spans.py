"""Spans for tests, complete but for what the test is about, and as an exporter would send them."""

from __future__ import annotations

import json
from typing import Any, Final

from logwright.faces.otel.types import Event, Span

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
START: Final = 1_767_268_800_000_000


def a_span(number: int = 1, parent: int = 0, **given: Any) -> Span:
    """Make a span of one second; `number` becomes its id."""
    fields: dict[str, Any] = {
        "trace_id": TRACE,
        "span_id": f"{number:016x}",
        "parent_span_id": f"{parent:016x}" if parent else "",
        "name": f"span {number}",
        "started_at": START + number * 1000,
        "ended_at": START + number * 1000 + 1_000_000,
        **given,
    }
    return Span(**fields)


def an_event(name: str, **attributes: Any) -> Event:
    return Event(name=name, at=START, attributes=attributes)


def as_json(*spans: Span) -> bytes:
    """Write spans as OTLP's JSON."""
    told = [
        {
            "traceId": span.trace_id,
            "spanId": span.span_id,
            "parentSpanId": span.parent_span_id,
            "name": span.name,
            "kind": 3,
            "startTimeUnixNano": str(span.started_at * 1000),
            "endTimeUnixNano": str(span.ended_at * 1000),
            "attributes": pairs(span.attributes),
            "events": [
                {"name": event.name, "timeUnixNano": event.at * 1000, "attributes": pairs(event.attributes)}
                for event in span.events
            ],
            "status": {"code": span.status, "message": span.status_message},
        }
        for span in spans
    ]
    resource = {"attributes": pairs({"service.name": "shop"})}
    scope_spans = [{"scope": {"name": "tests", "version": "1"}, "spans": told}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}).encode()


def as_protobuf(*spans: Span) -> bytes:
    """Write the same in protobuf."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1 import trace_pb2

    def value(of: Any) -> AnyValue:
        match of:
            case bool():
                return AnyValue(bool_value=of)
            case int():
                return AnyValue(int_value=of)
            case float():
                return AnyValue(double_value=of)
            case str():
                return AnyValue(string_value=of)
            case bytes():
                return AnyValue(bytes_value=of)
            case list():
                made = AnyValue()
                made.array_value.values.extend(value(each) for each in of)
                return made
            case dict():
                made = AnyValue()
                made.kvlist_value.values.extend(keys(of))
                return made
            case _:
                return AnyValue()

    def keys(of: Any) -> list[KeyValue]:
        return [KeyValue(key=name, value=value(each)) for name, each in of.items()]

    told = [
        trace_pb2.Span(
            trace_id=bytes.fromhex(span.trace_id),
            span_id=bytes.fromhex(span.span_id),
            parent_span_id=bytes.fromhex(span.parent_span_id),
            name=span.name,
            kind=trace_pb2.Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=span.started_at * 1000,
            end_time_unix_nano=span.ended_at * 1000,
            attributes=keys(span.attributes),
            events=[
                trace_pb2.Span.Event(name=event.name, time_unix_nano=event.at * 1000, attributes=keys(event.attributes))
                for event in span.events
            ],
            status=trace_pb2.Status(code=span.status, message=span.status_message),  # type: ignore[arg-type] # a number
        )
        for span in spans
    ]
    scope = trace_pb2.ScopeSpans(scope=InstrumentationScope(name="tests", version="1"), spans=told)
    group = trace_pb2.ResourceSpans(resource=Resource(attributes=keys({"service.name": "shop"})), scope_spans=[scope])
    return bytes(ExportTraceServiceRequest(resource_spans=[group]).SerializeToString())


def pairs(attributes: Any) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case list():
            return {"arrayValue": {"values": [_value(each) for each in value]}}
        case dict():
            return {"kvlistValue": {"values": pairs(value)}}
        case _:
            return {}
