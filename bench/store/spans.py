"""The logs of the corpus as OpenTelemetry spans, in the conventions that all the peers read (OpenInference's)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from logwright.logs.record import LogRecord

_BATCH: Final = 100


def batches(logs: Iterable[LogRecord]) -> Iterator[bytes]:
    """Yield the bodies of requests to `/v1/traces`, a hundred spans each, every span a trace of its own."""
    rest = iter(logs)
    while some := list(islice(rest, _BATCH)):
        request = ExportTraceServiceRequest()
        scope = request.resource_spans.add().scope_spans.add()
        scope.scope.name = "bench"
        for log in some:
            _fill(scope.spans.add(), log)
        yield request.SerializeToString()


def _fill(span: Span, log: LogRecord) -> None:
    digest = hashlib.sha256(log.id.encode()).digest()
    span.trace_id, span.span_id = digest[:16], digest[16:24]
    span.name, span.kind = "chat", Span.SPAN_KIND_CLIENT
    span.start_time_unix_nano = log.requested_at * 1000
    span.end_time_unix_nano = (log.received_at or log.requested_at) * 1000
    request: dict[str, Any] = json.loads(log.request)
    answer: dict[str, Any] = json.loads(log.response)
    told: dict[str, str | int] = {
        "openinference.span.kind": "LLM",
        "llm.system": log.provider,
        "llm.model_name": log.model,
        "input.value": log.request.decode(),
        "input.mime_type": "application/json",
        "output.value": log.response.decode(),
        "output.mime_type": "application/json",
    }
    for number, message in enumerate(request["messages"]):
        told[f"llm.input_messages.{number}.message.role"] = message["role"]
        told[f"llm.input_messages.{number}.message.content"] = message["content"]
    usage = answer.get("usage")
    if usage is None:
        span.status.code, span.status.message = Status.STATUS_CODE_ERROR, log.error_message
    else:
        told["llm.token_count.prompt"] = usage["prompt_tokens"]
        told["llm.token_count.completion"] = usage["completion_tokens"]
        told["llm.token_count.total"] = usage["total_tokens"]
    for name, value in told.items():
        attribute = span.attributes.add(key=name)
        if isinstance(value, int):
            attribute.value.int_value = value
        else:
            attribute.value.string_value = value
