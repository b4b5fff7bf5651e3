"""Langfuse's observations and traces, after its API reference (ObservationsView, ObservationV2, TraceWithDetails)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logwright.logs.imports.langfuse import reader
from logwright.logs.imports.pages import Ask, Page

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

TRACE: dict[str, Any] = {
    "id": "t1",
    "timestamp": "2024-05-01T12:00:00.000Z",
    "name": "answer-ticket",
    "sessionId": "s1",
    "userId": "u1",
    "tags": ["beta"],
    "environment": "production",
    "metadata": {"plan": "pro", "deep": {"a": 1}},
    "input": "ticket",
    "output": "done",
}
GENERATION: dict[str, Any] = {
    "id": "o1",
    "traceId": "t1",
    "type": "GENERATION",
    "name": "reply",
    "startTime": "2024-05-01T12:00:00.100Z",
    "completionStartTime": "2024-05-01T12:00:00.400Z",
    "endTime": "2024-05-01T12:00:01.100Z",
    "model": "gpt-4o",
    "modelParameters": {"temperature": 0.2},
    "input": [{"role": "user", "content": "Hi"}],
    "output": {"role": "assistant", "content": "Hello"},
    "parentObservationId": "o0",
    "level": "DEFAULT",
    "promptName": "support",
    "promptVersion": 3,
    "usageDetails": {"input": 10, "output": 4, "total": 14, "input_cached_tokens": 6},
    "costDetails": {"input": 0.001, "output": 0.002, "total": 0.003},
    "metadata": {"attempt": 1},
    "version": "v7",
}


def test_a_generation_is_a_call_with_what_its_trace_says(read: Reading) -> None:
    (log,) = read(reader, TRACE, GENERATION)
    assert (log.id, log.kind, log.model, log.stream) == ("o1", "chat_completion", "gpt-4o", True)
    assert log.requested_at == datetime(2024, 5, 1, 12, 0, 0, 100000, tzinfo=UTC)
    assert log.first_byte_at == datetime(2024, 5, 1, 12, 0, 0, 400000, tzinfo=UTC)
    assert json.loads(bytes(log.request)) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.2,
    }
    assert json.loads(bytes(log.response))["choices"][0]["message"]["content"] == "Hello"
    assert (log.input_tokens, log.output_tokens, log.total_tokens, log.cached_tokens) == (10, 4, 14, 6)
    assert (log.cost, log.input_cost, log.output_cost) == (0.003, 0.001, 0.002)
    assert (log.trace_id, log.span_id, log.parent_span_id, log.session_id) == ("t1", "o1", "o0", "s1")
    assert log.prompt == "support"
    assert log.tags == {
        "plan": "pro",
        "attempt": 1,
        "user": "u1",
        "environment": "production",
        "trace_name": "answer-ticket",
        "name": "reply",
        "prompt_version": "3",
        "beta": "true",
    }
    assert log.details["metadata"] == {"attempt": 1}
    assert log.details["version"] == "v7"


def test_a_trace_with_its_observations_is_their_calls(read: Reading) -> None:
    step = {"id": "o0", "type": "SPAN", "startTime": "2024-05-01T12:00:00Z", "input": {"a": 1}, "output": "x"}
    failed = {**GENERATION, "id": "o2", "level": "ERROR", "statusMessage": "429", "output": None}
    logs = read(reader, {**TRACE, "observations": [step, GENERATION, failed]})
    assert [(log.id, log.kind, log.error) for log in logs] == [
        ("o0", "flow", ""),
        ("o1", "chat_completion", ""),
        ("o2", "chat_completion", "429"),
    ]
    assert json.loads(bytes(logs[0].request)) == {"a": 1}


def test_a_row_of_the_csv_is_read_from_its_texts(read: Reading) -> None:
    row = {name: value if isinstance(value, str) else json.dumps(value) for name, value in GENERATION.items()}
    row |= {
        "totalCost": "0.5",
        "costDetails": "",
        "usageDetails": "",
        "promptTokens": "8",
        "sessionId": "s9",
        "tags": "[]",
    }
    (log,) = read(reader, row)
    assert (log.cost, log.input_tokens, log.session_id) == (0.5, 8, "s9")
    assert json.loads(bytes(log.request))["messages"] == [{"role": "user", "content": "Hi"}]


def test_a_trace_alone_is_kept_as_a_step(read: Reading) -> None:
    (log,) = read(reader, {**TRACE, "totalCost": 0.25, "latency": 1.5})
    assert (log.id, log.kind, log.cost, log.latency) == ("trace:t1", "flow", 0.25, 1.5)
    assert json.loads(bytes(log.response)) == "done"


def test_the_api_is_walked_traces_first() -> None:
    pager = reader.pager
    assert pager is not None
    start = pager.first("https://cloud.langfuse.com", "2024-01-01T00:00:00Z")
    assert start.url == "https://cloud.langfuse.com/api/public/traces"
    assert start.params["fromTimestamp"] == "2024-01-01T00:00:00Z"
    walk = pager.walk(start)
    assert next(walk) == start
    traces = walk.send({"data": [{**TRACE, "observations": ["o1"]}], "meta": {"page": 1, "totalPages": 1}})
    assert isinstance(traces, Page)
    assert "observations" not in json.loads(traces.items[0])
    ask = next(walk)
    assert isinstance(ask, Ask)
    assert ask.url == "https://cloud.langfuse.com/api/public/observations"
    assert ask.params == {"limit": "100", "page": "1", "fromStartTime": "2024-01-01T00:00:00Z"}
    page = walk.send({"data": [GENERATION], "meta": {"page": 1, "totalPages": 2}})
    assert isinstance(page, Page)
    assert page.next == start  # what the traces say is needed again
    again = next(walk)
    assert isinstance(again, Ask)
    assert again.params["page"] == "2"


def test_the_second_version_is_walked_by_its_cursor() -> None:
    pager = reader.pager
    assert pager is not None
    walk = pager.walk(pager.first("https://x.example/api/public/v2/observations", ""))
    first = next(walk)
    assert isinstance(first, Ask)
    assert "io" in first.params["fields"]
    page = walk.send({"data": [GENERATION], "meta": {"cursor": "abc"}})
    assert isinstance(page, Page)
    assert page.next is not None
    assert page.next.params["cursor"] == "abc"
    next(walk)
    assert walk.send({"data": [], "meta": {}}) == Page([], None)
