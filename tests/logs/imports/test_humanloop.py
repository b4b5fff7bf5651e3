"""Humanloop's logs, after its API (PromptLogResponse and its neighbours)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logwright.logs.imports.humanloop import reader
from logwright.logs.imports.pages import Ask, Page

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

LOG: dict[str, Any] = {
    "id": "log_1",
    "evaluator_logs": [{"id": "log_e", "judgment": True}],
    "start_time": "2024-05-01T12:00:00",
    "end_time": "2024-05-01T12:00:01",
    "created_at": "2024-05-01T12:00:05",
    "output": "Hello",
    "output_message": {"role": "assistant", "content": "Hello"},
    "messages": [{"role": "user", "content": "Hi Ann"}],
    "inputs": {"name": "Ann"},
    "provider_latency": 0.8,
    "prompt_tokens": 9,
    "output_tokens": 2,
    "prompt_cost": 0.001,
    "output_cost": 0.002,
    "finish_reason": "stop",
    "user": "u1",
    "environment": "production",
    "source": "sdk",
    "metadata": {"plan": "pro", "deep": [1]},
    "provider_request": {"model": "gpt-4o"},
    "trace_id": "t1",
    "trace_parent_id": "log_0",
    "prompt": {
        "id": "pr_1",
        "path": "support/reply",
        "name": "reply",
        "version_id": "prv_1",
        "model": "gpt-4o",
        "provider": "openai",
        "template": [{"role": "user", "content": "Hi {{name}}"}],
        "temperature": 0.7,
        "max_tokens": -1,
        "tools": [{"name": "find", "parameters": {}}],
    },
}


def test_a_log_of_a_prompt_is_a_call(read: Reading) -> None:
    (log,) = read(reader, LOG)
    assert (log.id, log.kind, log.model, log.provider, log.prompt) == (
        "log_1",
        "chat_completion",
        "gpt-4o",
        "openai",
        "support/reply",
    )
    assert log.requested_at == datetime(2024, 5, 1, 12, tzinfo=UTC)  # a time without a zone is UTC
    assert (log.latency, log.input_tokens, log.cost, log.input_cost) == (0.8, 9, 0.003, 0.001)
    asked = json.loads(bytes(log.request))
    assert asked["messages"] == [{"role": "user", "content": "Hi Ann"}]
    assert asked["tools"] == [{"type": "function", "function": {"name": "find", "parameters": {}}}]
    assert "max_tokens" not in asked
    assert json.loads(bytes(log.response))["choices"][0]["finish_reason"] == "stop"
    assert log.tags == {
        "plan": "pro",
        "user": "u1",
        "environment": "production",
        "source": "sdk",
        "prompt_version": "prv_1",
    }
    assert (log.trace_id, log.span_id, log.parent_span_id) == ("t1", "log_1", "log_0")
    assert log.details["inputs"] == {"name": "Ann"}
    assert log.details["metadata"] == {"plan": "pro", "deep": [1]}
    assert log.details["evaluator_logs"][0]["judgment"] is True


def test_logs_of_other_files_are_steps(read: Reading) -> None:
    tool = {
        "id": "log_2",
        "created_at": "2024-05-01T12:00:00",
        "inputs": {"q": 1},
        "output": "42",
        "tool": {"id": "tl_1"},
    }
    flow = {**tool, "id": "log_3", "tool": None, "flow": {"id": "fl_1"}, "error": "stopped"}
    logs = read(reader, tool, flow)
    assert [(log.kind, log.error) for log in logs] == [("tool", ""), ("flow", "stopped")]
    assert (json.loads(bytes(logs[0].request)), json.loads(bytes(logs[0].response))) == ({"q": 1}, "42")


def test_a_log_that_kept_its_text_alone_has_an_answer(read: Reading) -> None:
    (log,) = read(reader, {**LOG, "output_message": None, "messages": None})
    assert json.loads(bytes(log.response))["choices"][0]["message"]["content"] == "Hello"
    assert json.loads(bytes(log.request))["messages"] == [{"role": "user", "content": "Hi {{name}}"}]


def test_what_has_no_id_is_refused(refusals: Callable[..., list[tuple[int, str, str]]]) -> None:
    assert refusals(reader, {"output": "x"})[0][2] == "$.id"


def test_the_api_is_walked_file_by_file() -> None:
    pager = reader.pager
    assert pager is not None
    start = pager.first("https://api.humanloop.com", "")
    walk = pager.walk(start)
    files = next(walk)
    assert isinstance(files, Ask)
    assert files.url == "https://api.humanloop.com/v5/files"
    walk.send({"records": [{"id": "pr_1", "type": "prompt"}, {"id": "ds_1", "type": "dataset"}]})
    logs = walk.send({"records": []})
    assert isinstance(logs, Ask)
    assert logs.params == {"file_id": "pr_1", "page": "1", "size": "100"}
    page = walk.send({"records": [LOG]})
    assert isinstance(page, Page)
    assert page.next == start
    second = next(walk)
    assert isinstance(second, Ask)
    assert second.params["page"] == "2"
    assert walk.send({"records": []}) == Page([], None)


def test_one_file_of_the_api_can_be_named() -> None:
    pager = reader.pager
    assert pager is not None
    first = pager.first("https://api.humanloop.com/v5/logs?file_id=pr_9", "2024-01-01")
    assert first.params == {"file_id": "pr_9", "page": "1", "size": "100", "start_date": "2024-01-01"}
