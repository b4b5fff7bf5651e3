"""What exporters send, read as spans."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.faces.otel.spans import TRACE, a_span, an_event, as_json, as_protobuf

from logwright.errors import InvalidRequest, MalformedBody
from logwright.faces.otel.reading import read_json, read_protobuf
from logwright.faces.otel.types import Batch

VALUES = {
    "text": "naïve 漢字",
    "flag": True,
    "count": -(2**53) - 1,
    "ratio": 0.25,
    "list": ["a", 1, [True]],
    "object": {"a": {"b": [1.5]}},
    "none": None,
}


def both(**given: Any) -> list[Batch]:
    span = a_span(7, parent=3, **given)
    return [read_json(as_json(span)), read_protobuf(as_protobuf(span))]


def test_both_forms_say_the_same() -> None:
    events = [an_event("gen_ai.choice", index=0)]
    in_json, in_protobuf = both(attributes=VALUES, events=events, status=2, status_message="no")

    assert in_json == in_protobuf
    (span,) = in_json.spans
    assert span.attributes == VALUES
    assert (span.trace_id, span.span_id, span.parent_span_id) == (TRACE, f"{7:016x}", f"{3:016x}")
    assert (span.kind, span.status, span.status_message) == ("client", 2, "no")
    assert span.ended_at - span.started_at == 1_000_000
    assert span.events == events
    assert span.resource == {"service.name": "shop"}
    assert span.scope == {"name": "tests", "version": "1"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"span_id": "00"}, "spanId"),
        ({"trace_id": "0" * 32}, "traceId"),
        ({"parent_span_id": "abcd"}, "parentSpanId"),
        ({"started_at": 0}, "startTimeUnixNano"),
    ],
)
def test_a_span_that_is_none_is_counted_and_the_others_are_read(change: dict[str, Any], words: str) -> None:
    for batch in (
        read_json(as_json(a_span(1, **change), a_span(2))),
        read_protobuf(as_protobuf(a_span(1, **change), a_span(2))),
    ):
        assert [span.span_id for span in batch.spans] == [f"{2:016x}"]
        assert batch.rejected == 1
        assert words in batch.why


def test_infinity_is_kept_by_its_name_and_bytes_in_base64() -> None:
    (span,) = read_protobuf(as_protobuf(a_span(attributes={"a": float("inf"), "b": b"\x00\xff"}))).spans

    assert span.attributes == {"a": "inf", "b": "AP8="}


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b'{"resourceSpans": []}'])
def test_bytes_that_are_no_protobuf_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody, match="protobuf"):
        read_protobuf(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"resourceSpans": 3}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 3}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": "x"}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "1e400"}]}]}]}',
    ],
)
def test_what_is_no_request_in_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_json(body)


def test_unknown_members_are_passed_over_and_enumerations_may_be_named() -> None:
    told = json.loads(as_json(a_span()))
    span = told["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span |= {"kind": "SPAN_KIND_SERVER", "status": {"code": "STATUS_CODE_ERROR"}, "unheard_of": 1}

    (read,) = read_json(json.dumps(told).encode()).spans

    assert (read.kind, read.status) == ("server", 2)


def test_an_attribute_nested_too_deeply_is_cut() -> None:
    value: Any = "deep"
    for _ in range(40):
        value = [value]

    (span,) = read_protobuf(as_protobuf(a_span(attributes={"a": value}))).spans

    assert "deep" not in str(span.attributes)
