"""The events of a message become the message, whole or as far as they came."""

from __future__ import annotations

from typing import Any

from logwright.testing.answers import Said, ToolCall, answer, stream
from logwright.testing.events import data_event
from logwright.wire.assemble import assemble

CALLS = [ToolCall(id="call_a", name="look_up", arguments='{"id": 7, "deep": true}'), ToolCall(id="call_b", name="stop")]


def test_thinking_keeps_its_signature() -> None:
    said = Said(text="Four.", reasoning="2 + 2 is 4")
    assert assemble("messages", b"".join(stream("messages", said, {}, 1))) == answer("messages", said, {}, 1)


def test_the_input_of_a_tool_that_was_cut_off_stays_text() -> None:
    sse = b"".join(stream("messages", Said(tool_calls=CALLS[:1]), {}, 1))
    cut = sse[: sse.rindex(b'"partial_json"')]
    put = assemble("messages", cut)
    assert put["content"][0]["input"] == '{"id": 7, "deep"'


def test_citations_and_blocks_nobody_knows_are_kept() -> None:
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m", "content": [], "usage": {"input_tokens": 3}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {"url": "u"}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "See"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "server_tool_use", "input": {}}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"q":1}'}},
        {"type": "content_block_start", "index": 2, "content_block": {"type": "new_thing", "data": [1]}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}, "new": 1},
    ]
    put = assemble("messages", b"".join(map(data_event, events)))
    assert put["content"] == [
        {"type": "text", "text": "See", "citations": [{"url": "u"}]},
        {"type": "server_tool_use", "input": {"q": 1}},
        {"type": "new_thing", "data": [1]},
    ]
    assert put["usage"] == {"input_tokens": 3, "output_tokens": 9}
    assert put["new"] == 1
