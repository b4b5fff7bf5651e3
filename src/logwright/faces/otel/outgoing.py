"""Our own calls as spans for others: one for each log of the gateway, in the `gen_ai.*` conventions, no content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import logwright
from logwright.clock import to_micros
from logwright.faces.otel.types import FAILED
from logwright.gateway.place import span_of
from logwright.logs.record import Kind
from logwright.logs.types import LogSummary

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

OPERATIONS: Final[Mapping[Kind, str]] = {
    "chat_completion": "chat",
    "messages": "chat",
    "responses": "chat",
    "text_completion": "text_completion",
    "embedding": "embeddings",
}
"""Kind of log → `gen_ai.operation.name`; another kind is named by itself."""

_PROVIDERS: Final[Mapping[str, str]] = {"azure": "azure.ai.openai", "gemini": "gcp.gemini"}
"""Our kinds of provider that the conventions call otherwise."""

Value = str | int | float | bool


def export_request(logs: Sequence[LogSummary]) -> bytes:
    """Write logs as an `ExportTraceServiceRequest` in protobuf."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

    resource = Resource(attributes=_pairs({"service.name": "logwright", "service.version": logwright.__version__}))
    scope = InstrumentationScope(name="logwright.gateway", version=logwright.__version__)
    spans = ScopeSpans(scope=scope, spans=[_span(log) for log in logs])
    group = ResourceSpans(resource=resource, scope_spans=[spans])
    return bytes(ExportTraceServiceRequest(resource_spans=[group]).SerializeToString())


def _span(log: LogSummary) -> Span:
    from opentelemetry.proto.trace.v1 import trace_pb2

    operation = OPERATIONS.get(log.kind, log.kind)
    model = log.upstream_model or log.model
    started = to_micros(log.requested_at) * 1000
    ended = started if log.received_at is None else max(to_micros(log.received_at) * 1000, started)
    failed = bool(log.error_kind)
    return trace_pb2.Span(
        trace_id=bytes.fromhex(trace_of(log)),
        span_id=bytes.fromhex(log.span_id if _is_hex(log.span_id, 16) else span_of(log.id)),
        parent_span_id=bytes.fromhex(_parent_of(log)),
        name=f"{operation} {model}".strip(),
        kind=trace_pb2.Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=started,
        end_time_unix_nano=ended,
        attributes=_pairs(dict(_attributes(log, operation, model))),
        status=trace_pb2.Status(code=FAILED, message=log.error_message) if failed else trace_pb2.Status(),  # type: ignore[arg-type] # an enumeration is its number
    )


def trace_of(log: LogSummary) -> str:
    """Return the trace that a log's span belongs to: its own, else one for the chain of attempts that it is part of."""
    if _is_hex(log.trace_id, 32):
        return log.trace_id
    first = log.parent_id if log.parent_id.startswith("log_") else log.id
    return hashlib.blake2b(first.encode(), digest_size=16).hexdigest()


def _parent_of(log: LogSummary) -> str:
    if _is_hex(log.parent_id, 16):
        return log.parent_id
    return span_of(log.parent_id) if log.parent_id.startswith("log_") else ""


def _attributes(log: LogSummary, operation: str, model: str) -> Iterator[tuple[str, Value]]:
    """Yield what is known of a call; what is not known is left out."""
    told: dict[str, Value | None] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": _PROVIDERS.get(log.provider_kind, log.provider_kind),
        "gen_ai.request.model": model,
        "gen_ai.request.stream": log.stream or None,
        "gen_ai.response.id": log.completion_id,
        "gen_ai.response.time_to_first_chunk": log.ttft if log.stream else None,
        "gen_ai.usage.input_tokens": log.input_tokens,
        "gen_ai.usage.output_tokens": log.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": log.cached_tokens or None,
        "gen_ai.usage.reasoning.output_tokens": log.reasoning_tokens or None,
        "gen_ai.conversation.id": log.session_id,
        "http.response.status_code": log.status,
        "error.type": log.error_kind,
        "logwright.log.id": log.id,
        "logwright.project.id": log.project_id,
        "logwright.provider": log.provider,
        "logwright.cost": log.cost,
        "logwright.cache": log.cache,
        "logwright.fallback_index": log.fallback_index or None,
    }
    for name, value in told.items():
        if value is not None and value != "":
            yield name, value
    for name, tag in log.tags.items():
        yield f"logwright.tag.{name}", tag


def _pairs(attributes: Mapping[str, Value]) -> list[KeyValue]:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

    made = []
    for name, value in attributes.items():
        match value:
            case bool():
                written = AnyValue(bool_value=value)
            case int():
                written = AnyValue(int_value=value)
            case float():
                written = AnyValue(double_value=value)
            case _:
                written = AnyValue(string_value=value)
        made.append(KeyValue(key=name, value=written))
    return made


def _is_hex(value: str, size: int) -> bool:
    return len(value) == size and not set(value) - set("0123456789abcdef") and bool(value.strip("0"))
