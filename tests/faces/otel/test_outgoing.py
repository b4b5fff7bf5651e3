"""Our logs as spans for others, read back with OTLP's own messages and with our own mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from logwright.faces.otel.outgoing import export_request, trace_of
from logwright.faces.otel.reading import read_protobuf
from logwright.faces.otel.records import records_of
from logwright.gateway.place import span_of
from logwright.testing.factories import a_log

if TYPE_CHECKING:
    from logwright.faces.otel.types import Span
    from logwright.logs.types import Log

TRACE = "c0ffee00c0ffee00c0ffee00c0ffee00"


def span_for(log: Log) -> Span:
    (span,) = read_protobuf(export_request([log])).spans
    return span


def test_a_call_is_a_span_of_the_conventions_without_content() -> None:
    log = a_log(ttft=0.25, stream=True, session_id="chat-7", tags={"env": "dev"})

    span = span_for(log)

    assert (span.name, span.kind) == ("chat gpt-4o-mini", "client")
    assert span.attributes["gen_ai.operation.name"] == "chat"
    assert span.attributes["gen_ai.provider.name"] == "openai"
    assert span.attributes["gen_ai.usage.input_tokens"] == 12
    assert span.attributes["gen_ai.response.time_to_first_chunk"] == 0.25
    assert span.attributes["gen_ai.conversation.id"] == "chat-7"
    assert span.attributes["logwright.log.id"] == log.id
    assert span.attributes["logwright.tag.env"] == "dev"
    assert span.resource["service.name"] == "logwright"
    assert (span.ended_at - span.started_at) / 1e6 == 1.2
    assert "Triage" not in str(span)


def test_a_call_stands_in_its_callers_trace() -> None:
    span = span_for(a_log(trace_id=TRACE, span_id="00f067aa0ba902b7", parent_id="00f067aa0ba902b8"))

    assert (span.trace_id, span.span_id, span.parent_span_id) == (TRACE, "00f067aa0ba902b7", "00f067aa0ba902b8")


def test_the_attempts_of_one_call_share_a_trace_of_their_own() -> None:
    first = a_log()
    second = a_log(parent_id=first.id, fallback_index=1)

    assert trace_of(first) == trace_of(second)
    assert span_for(second).parent_span_id == span_for(first).span_id == span_of(first.id)


def test_a_failed_call_is_a_failed_span() -> None:
    span = span_for(a_log(error_kind="upstream_status", error_message="slow down", status=429))

    assert (span.status, span.status_message) == (2, "slow down")
    assert span.attributes["error.type"] == "upstream_status"


def test_a_call_that_no_answer_came_to_has_no_length() -> None:
    span = span_for(a_log(received_at=None))

    assert span.started_at == span.ended_at


def test_another_logwright_reads_what_we_send() -> None:
    (record,) = records_of([span_for(a_log())], project_id="p", key_id="k").records

    assert (record.kind, record.model, record.told["input_tokens"]) == ("chat_completion", "gpt-4o-mini", 12)


def test_many_calls_go_out_in_one_request() -> None:
    sent = ExportTraceServiceRequest.FromString(export_request([a_log() for _ in range(3)]))

    assert len(sent.resource_spans[0].scope_spans[0].spans) == 3
