"""Anthropic's events become OpenAI's chunks, which together say what the whole message says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.testing.answers import Said, ToolCall, answer, stream
from logwright.testing.events import data_event
from logwright.wire.anthropic import message_to_openai
from logwright.wire.anthropic_stream import ChunkWriter
from logwright.wire.assemble import assemble
from logwright.wire.stream import Splitter

SAIDS = {
    "text": Said(chunks=["Once", " upon", " a time"], cached_tokens=5),
    "tools": Said(
        text="I look.",
        tool_calls=[ToolCall(id="c1", name="f", arguments='{"a": [1, "ä"]}'), ToolCall(id="c2", name="g")],
    ),
    "tools alone": Said(tool_calls=[ToolCall(id="c1", name="f", arguments='{"a": 1}')]),
    "thinking": Said(text="Four.", reasoning="2 + 2"),
}


def chunks_of(sse: bytes, *, include_usage: bool) -> list[dict[str, Any]]:
    writer = ChunkWriter(include_usage=include_usage, created=7)
    return [chunk for event in Splitter().feed(sse) for chunk in writer.feed(json.loads(event.data))]


@pytest.mark.parametrize("name", SAIDS)
def test_the_chunks_together_equal_the_message_without_streaming(name: str) -> None:
    said = SAIDS[name]
    chunks = chunks_of(b"".join(stream("messages", said, {"model": "m"}, 1)), include_usage=True)
    together = assemble("chat_completion", b"".join(map(data_event, chunks)))
    assert together == message_to_openai(answer("messages", said, {"model": "m"}, 1), created=7)


def test_the_chunks_have_the_form_that_openais_clients_read() -> None:
    chunks = chunks_of(b"".join(stream("messages", SAIDS["text"], {"model": "m"}, 1)), include_usage=False)
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": None, "refusal": None},
        {"content": "Once"},
        {"content": " upon"},
        {"content": " a time"},
        {},
    ]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert all(chunk["object"] == "chat.completion.chunk" for chunk in chunks)
    assert all(chunk["id"] == "msg_00000001" for chunk in chunks)
    assert not any("usage" in chunk for chunk in chunks)


def test_usage_comes_last_and_only_when_asked_for() -> None:
    chunks = chunks_of(b"".join(stream("messages", SAIDS["text"], {}, 1)), include_usage=True)
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] == 24
    assert chunks[-1]["usage"]["prompt_tokens_details"]["cached_tokens"] == 5
    assert all(chunk["usage"] is None for chunk in chunks[:-1])


def feed(*events: dict[str, Any]) -> list[dict[str, Any]]:
    writer = ChunkWriter(include_usage=False)
    return [chunk for event in events for chunk in writer.feed(event)]


def test_citations_and_blocks_nobody_knows_come_when_they_are_whole() -> None:
    citation = {"type": "web_search_result_location", "url": "https://a", "title": "A"}
    chunks = feed(
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Rain."}},
        {"type": "content_block_delta", "delta": {"type": "citations_delta", "citation": citation}},
        {"type": "content_block_stop"},
        {"type": "content_block_start", "content_block": {"type": "server_tool_use", "name": "s", "input": {}}},
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": '{"q":'}},
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "1}"}},
        {"type": "content_block_stop"},
    )
    place = {"url": "https://a", "title": "A", "start_index": 0, "end_index": 5}
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"content": "Rain."},
        {"annotations": [{"type": "url_citation", "url_citation": place}]},
        {"anthropic_blocks": [{"type": "server_tool_use", "name": "s", "input": {"q": 1}}]},
    ]


def test_a_tool_whose_input_came_whole_has_its_arguments() -> None:
    chunks = feed(
        {
            "type": "content_block_start",
            "content_block": {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
        },
        {"type": "content_block_stop"},
    )
    assert chunks[1]["choices"][0]["delta"]["tool_calls"][0] == {"index": 0, "function": {"arguments": '{"a": 1}'}}


def test_the_stop_sequence_and_what_else_the_end_tells_are_kept() -> None:
    (chunk,) = feed(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "stop_sequence", "stop_sequence": "END", "container": {"id": "c"}},
            "usage": {"output_tokens": 3},
        }
    )
    assert chunk["choices"][0]["finish_reason"] == "stop"
    assert chunk["choices"][0]["stop_sequence"] == "END"
    assert chunk["container"] == {"id": "c"}


def test_an_error_takes_openais_shape() -> None:
    assert feed({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}) == [
        {"error": {"message": "Overloaded", "type": "overloaded_error", "param": None, "code": None}}
    ]


@pytest.mark.parametrize("event", [{"type": "ping"}, {"type": "new"}, {}, {"type": "content_block_stop"}])
def test_events_that_say_nothing_make_no_chunk(event: dict[str, Any]) -> None:
    assert feed(event) == []
