"""A completion becomes a message, whole or streamed alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.wire.assemble import assemble
from logwright.wire.doors import DOORS, named
from logwright.wire.messages_answer import MessageWriter, completion_to_message, error_type, usage_to_anthropic


def a_completion(message: dict[str, Any], reason: str = "stop") -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "model": "gpt-5",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": 20,
            "completion_tokens": 7,
            "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    }


def call(number: int, arguments: str = "{}") -> dict[str, Any]:
    return {"id": f"call_{number}", "type": "function", "function": {"name": "look", "arguments": arguments}}


MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "text": ({"content": "Hello"}, "stop"),
    "refusal": ({"content": None, "refusal": "No."}, "content_filter"),
    "calls": ({"content": "I look.", "tool_calls": [call(1, '{"at":"sky"}'), call(2)]}, "tool_calls"),
    "thoughts": ({"reasoning_content": "Hm.", "content": "Yes"}, "length"),
    "signed thoughts": (
        {
            "reasoning_content": "Hm.",
            "thinking_blocks": [{"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}],
            "content": "Yes",
        },
        "stop",
    ),
    "annotations": ({"content": "Hi", "annotations": [{"type": "url_citation"}]}, "stop"),
}


def chunks(completion: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut a completion into chunks as providers do."""
    choice = completion["choices"][0]
    message = dict(choice["message"])
    deltas: list[dict[str, Any]] = [{"role": message.pop("role")}]
    for name in ("reasoning_content", "thinking_blocks", "content", "refusal", "annotations"):
        value = message.get(name)
        if isinstance(value, str):
            deltas += [{name: value[:1]}, {name: value[1:]}]
        elif value:
            deltas.append({name: value})
    for index, one in enumerate(message.get("tool_calls", ())):
        arguments = one["function"]["arguments"]
        opened = {**one, "index": index, "function": {"name": one["function"]["name"], "arguments": ""}}
        deltas += [{"tool_calls": [opened]}, {"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}]
    head = {"id": completion["id"], "model": completion["model"]}
    made = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    made.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    return [*made, {**head, "choices": [], "usage": completion["usage"]}]


@pytest.mark.parametrize("name", MESSAGES)
def test_the_assembled_stream_is_the_whole_message(name: str) -> None:
    completion = a_completion(*MESSAGES[name])
    writer = DOORS["messages"]().writer()
    stream = b"".join(writer.feed(chunk) for chunk in chunks(completion)) + writer.end()

    assert assemble("messages", stream) == completion_to_message(completion)


def test_counts_and_reasons_are_in_anthropics_words() -> None:
    message = completion_to_message(a_completion(*MESSAGES["calls"]))

    assert message["stop_reason"] == "tool_use"
    assert message["content"][1] == {"type": "tool_use", "id": "call_1", "name": "look", "input": {"at": "sky"}}
    assert message["usage"] == {
        "input_tokens": 12,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 5,
        "output_tokens": 7,
        "output_tokens_details": {"thinking_tokens": 2},
    }


def test_arguments_that_are_no_object_are_kept_as_text() -> None:
    message = completion_to_message(a_completion({"tool_calls": [call(1, "{at: sky")]}, "tool_calls"))

    assert message["content"][0]["input"] == {"unparsed_arguments": "{at: sky"}


def test_one_block_is_open_at_a_time() -> None:
    writer = MessageWriter()
    events = [event for chunk in chunks(a_completion(*MESSAGES["calls"])) for event in writer.feed(chunk)]
    events += writer.end()
    open_: set[int] = set()
    for event in events:
        if event["type"] == "content_block_start":
            assert not open_
            open_.add(event["index"])
        elif event["type"] == "content_block_stop":
            open_.remove(event["index"])
    assert not open_
    assert events[-1] == {"type": "message_stop"}


def test_an_error_amid_the_stream_is_an_error_event() -> None:
    (event,) = MessageWriter().feed({"error": {"message": "It broke", "type": "server_error"}})

    assert json.loads(named(event).partition(b"data: ")[2])["error"]["message"] == "It broke"


def test_nothing_counted_is_nothing() -> None:
    assert usage_to_anthropic({})["input_tokens"] == 0


def test_errors_have_anthropics_types() -> None:
    assert [error_type(status) for status in (400, 401, 429, 529, 502, 418)] == [
        "invalid_request_error",
        "authentication_error",
        "rate_limit_error",
        "overloaded_error",
        "api_error",
        "invalid_request_error",
    ]
