"""What an exporter is told, held against OTLP's own messages."""

from __future__ import annotations

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from logwright.errors import TooLarge, Unavailable
from logwright.faces.otel import answers


def test_a_full_success_says_nothing_of_parts() -> None:
    assert answers.kept(0, "", as_json=True).body == b"{}"
    told = ExportTraceServiceResponse.FromString(answers.kept(0, "", as_json=False).body)
    assert not told.HasField("partial_success")


def test_rejected_spans_are_counted_with_their_reason() -> None:
    told = ExportTraceServiceResponse.FromString(answers.kept(3, "why", as_json=False).body)

    assert (told.partial_success.rejected_spans, told.partial_success.error_message) == (3, "why")
    assert answers.kept(3, "why", as_json=True).body == (
        b'{"partialSuccess":{"rejectedSpans":"3","errorMessage":"why"}}'
    )


def test_a_failure_is_a_status_with_grpcs_code() -> None:
    shown = answers.failed(Unavailable("é" * 100)).body

    assert shown == b"\x08\x0e\x12\xc8\x01" + "é".encode() * 100
    assert answers.failed(TooLarge("big")).body == b"\x08\x08\x12\x03big"
