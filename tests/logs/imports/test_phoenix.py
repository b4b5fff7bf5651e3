"""Phoenix's spans with OpenInference's attributes, after its semantic conventions and its REST API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logwright.logs.imports.pages import Ask, Page
from logwright.logs.imports.phoenix import nested, reader

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

TOOL = {"type": "function", "function": {"name": "find", "parameters": {}}}
SPAN: dict[str, Any] = {
    "id": "U3Bhbjox",
    "name": "ChatCompletion",
    "context": {"trace_id": "ab" * 16, "span_id": "cd" * 8},
    "span_kind": "LLM",
    "parent_id": "ef" * 8,
    "start_time": "2024-05-01T12:00:00+00:00",
    "end_time": "2024-05-01T12:00:01+00:00",
    "status_code": "OK",
    "status_message": "",
    "attributes": {
        "llm.model_name": "gpt-4o",
        "llm.provider": "openai",
        "llm.token_count.prompt": 10,
        "llm.token_count.completion": 4,
        "llm.token_count.total": 14,
        "llm.token_count.prompt_details.cache_read": 6,
        "llm.cost.total": 0.5,
        "llm.invocation_parameters": '{"temperature": 0}',
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.content": "Be brief.",
        "llm.input_messages.1.message.role": "user",
        "llm.input_messages.1.message.contents.0.message_content.type": "text",
        "llm.input_messages.1.message.contents.0.message_content.text": "What is this?",
        "llm.input_messages.1.message.contents.1.message_content.type": "image",
        "llm.input_messages.1.message.contents.1.message_content.image.image.url": "data:,x",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.tool_calls.0.tool_call.id": "call_1",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "find",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"a":1}',
        "llm.tools.0.tool.json_schema": json.dumps(TOOL),
        "input.value": "What is this?",
        "session.id": "s1",
        "user.id": "u1",
        "metadata": '{"env": "prod"}',
        "tag.tags": ["beta"],
        "custom.thing": 5,
    },
    "events": [],
}


def test_a_span_of_an_llm_is_a_call(read: Reading) -> None:
    (log,) = read(reader, SPAN)
    assert (log.id, log.kind, log.model, log.provider_kind) == ("cd" * 8, "chat_completion", "gpt-4o", "openai")
    assert log.received_at == datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC)
    assert (log.trace_id, log.parent_span_id, log.session_id) == ("ab" * 16, "ef" * 8, "s1")
    assert (log.input_tokens, log.output_tokens, log.total_tokens, log.cached_tokens, log.cost) == (10, 4, 14, 6, 0.5)
    asked = json.loads(bytes(log.request))
    assert asked["messages"][0] == {"role": "system", "content": "Be brief."}
    assert asked["messages"][1]["content"][1] == {"type": "image_url", "image_url": {"url": "data:,x"}}
    assert (asked["tools"], asked["temperature"]) == ([TOOL], 0)
    message = json.loads(bytes(log.response))["choices"][0]["message"]
    assert message["tool_calls"][0] == {
        "id": "call_1",
        "type": "function",
        "function": {"name": "find", "arguments": '{"a":1}'},
    }
    assert log.tags == {"env": "prod", "name": "ChatCompletion", "user": "u1", "beta": "true"}
    assert log.details == {"span_kind": "LLM", "attributes": {"custom": {"thing": 5}}}


def test_a_row_of_the_dataframe_is_read_from_its_columns(read: Reading) -> None:
    row = {
        "context.span_id": "s",
        "context.trace_id": "t",
        "name": "ChatCompletion",
        "span_kind": "LLM",
        "start_time": "2024-05-01T12:00:00Z",
        "end_time": None,
        "status_code": "ERROR",
        "status_message": "",
        "events": [{"name": "exception", "attributes": {"exception.message": "Too long"}}],
        "attributes.llm.model_name": "gpt-4o",
        "attributes.llm.input_messages": [{"message.role": "user", "message.content": "Hi"}],
        "attributes.llm.output_messages": None,
        "attributes.llm.token_count.prompt": 3.0,
    }
    (log,) = read(reader, row)
    assert (log.error, log.input_tokens, log.received_at) == ("Too long", 3, None)
    assert json.loads(bytes(log.request)) == {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    assert bytes(log.response) == b""


def test_other_spans_are_steps_of_their_trace(read: Reading) -> None:
    chain = {**SPAN, "span_kind": "CHAIN", "attributes": {"input": {"value": "in"}, "output": {"value": '{"a": 1}'}}}
    tool = {**chain, "span_kind": "TOOL"}
    logs = read(reader, chain, tool)
    assert [log.kind for log in logs] == ["flow", "tool"]
    assert (json.loads(bytes(logs[0].request)), json.loads(bytes(logs[0].response))) == ("in", {"a": 1})


def test_attributes_are_nested() -> None:
    assert nested({"a.0.b": 1, "a.1.b": 2, "c": {"d.e": 3}}) == {"a": [{"b": 1}, {"b": 2}], "c": {"d": {"e": 3}}}
    assert nested({"a": 1, "a.b": 2}) == {"a": {"": 1, "b": 2}}


def test_what_is_no_span_is_refused(refusals: Callable[..., list[tuple[int, str, str]]]) -> None:
    assert refusals(reader, {"name": "x"})[0][2] == "$"


def test_the_api_is_walked_by_its_cursor() -> None:
    pager = reader.pager
    assert pager is not None
    walk = pager.walk(pager.first("http://localhost:6006", "2024-01-01T00:00:00Z"))
    first = next(walk)
    assert isinstance(first, Ask)
    assert first.url == "http://localhost:6006/v1/projects/default/spans"
    assert first.params["start_time"] == "2024-01-01T00:00:00Z"
    page = walk.send({"data": [SPAN], "next_cursor": "abc"})
    assert isinstance(page, Page)
    assert page.next is not None
    assert page.next.params["cursor"] == "abc"
    next(walk)
    last = walk.send({"data": [SPAN], "next_cursor": None})
    assert isinstance(last, Page)
    assert last.next is None
    assert pager.first("http://h/v1/projects/shop", "").url == "http://h/v1/projects/shop/spans"
