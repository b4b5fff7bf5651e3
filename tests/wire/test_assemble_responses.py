"""The events of a response become the response, whole or as far as they came."""

from __future__ import annotations

from typing import Any

from logwright.testing.events import data_event, named_event
from logwright.wire.assemble import assemble


def test_a_cut_response_is_built_from_its_events() -> None:
    part = {"type": "output_text", "text": "", "annotations": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "r1", "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "summary": []}},
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Hm"},
        {"type": "response.output_item.added", "output_index": 1, "item": {"type": "message", "content": []}},
        {"type": "response.content_part.added", "output_index": 1, "content_index": 0, "part": part},
        {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "Yes"},
        {"type": "response.refusal.delta", "output_index": 1, "content_index": 1, "delta": "No"},
        {"type": "response.output_item.added", "output_index": 2, "item": {"type": "function_call", "arguments": ""}},
        {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": '{"a"'},
    ]
    put = assemble("responses", b"".join(map(named_event, events)))
    assert put == {
        "id": "r1",
        "status": "in_progress",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
            {
                "type": "message",
                "content": [{**part, "text": "Yes"}, {"type": "refusal", "refusal": "No"}],
            },
            {"type": "function_call", "arguments": '{"a"'},
        ],
    }


def test_a_failed_response_is_given_whole() -> None:
    failed = {"id": "r1", "status": "failed", "error": {"code": "server_error"}, "output": []}
    put = assemble("responses", data_event({"type": "response.failed", "response": failed}))
    assert put == failed


def test_an_index_far_beyond_what_came_costs_nothing() -> None:
    event = {"type": "response.output_text.delta", "content_index": 10**15, "output_index": 10**15, "delta": "a"}
    put = assemble("responses", data_event(event))
    assert put["output"][0]["content"] == [{"type": "output_text", "text": "a"}]
