"""A recorded stream becomes the answer that the same call without streaming would have given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.testing.answers import Door, Said, ToolCall, answer, stream
from logwright.testing.events import data_event
from logwright.wire.assemble import assemble

KINDS: dict[Door, str] = {
    "chat": "chat_completion",
    "completions": "text_completion",
    "responses": "responses",
    "messages": "messages",
}
CALLS = [ToolCall(id="call_a", name="look_up", arguments='{"id": 7, "deep": true}'), ToolCall(id="call_b", name="stop")]


@pytest.mark.parametrize("door", list(KINDS))
@pytest.mark.parametrize(
    "said",
    [
        Said(),
        Said(chunks=["Once", " upon", " a", " time"], cached_tokens=8, reasoning_tokens=3),
        Said(text="Let me see.", finish="length"),
    ],
    ids=["default", "chunks", "length"],
)
@pytest.mark.parametrize("known", [True, False], ids=["kind known", "kind guessed"])
def test_what_was_streamed_equals_what_would_not_have_been(door: Door, said: Said, known: bool) -> None:
    request = {"model": "m", "stream": True, "stream_options": {"include_usage": True}}
    sse = b"".join(stream(door, said, request, 1))
    whole = answer(door, said, request, 1)
    assert assemble(KINDS[door] if known else "unknown", sse) == whole
    assert assemble(KINDS[door], sse.replace(b"\n", b"\r\n")) == whole
    assert assemble(KINDS[door], sse.replace(b"\n\n", b"\n: keep-alive\n\n: more\n\n")) == whole


@pytest.mark.parametrize("door", ["chat", "responses", "messages"])
@pytest.mark.parametrize("text", [None, "I will look."])
def test_tool_calls_are_put_together(door: Door, text: str | None) -> None:
    said = Said(text=text, tool_calls=CALLS) if text else Said(tool_calls=CALLS)
    request = {"model": "m", "stream_options": {"include_usage": True}}
    sse = b"".join(stream(door, said, request, 1))
    assert assemble(KINDS[door], sse) == answer(door, said, request, 1)


def chunk(delta: dict[str, Any], *, index: int = 0, **more: Any) -> bytes:
    beside = {name: more.pop(name) for name in ("logprobs", "finish_reason", "content_filter_results") if name in more}
    return data_event({"id": "c1", "choices": [{"index": index, "delta": delta, **beside}], **more})


@pytest.mark.parametrize("door", list(KINDS))
def test_a_cut_stream_gives_what_had_arrived_wherever_it_was_cut(door: Door) -> None:
    said = Said(chunks=["Once", " upon", " a", " time"], tool_calls=CALLS if door != "completions" else ())
    sse = b"".join(stream(door, said, {}, 1))
    shown = 0
    for at in range(0, len(sse), 7):
        put = assemble(KINDS[door], sse[:at])
        assert "error" not in put or put["error"] is None
        text = shown_text(put)
        assert "Once upon a time".startswith(text)
        assert len(text) >= shown
        shown = len(text)
    assert shown == len("Once upon a time")


def shown_text(put: dict[str, Any]) -> str:
    if "choices" in put:
        choice = put["choices"][0] if put["choices"] else {}
        return str(choice.get("text") or (choice.get("message") or {}).get("content") or "")
    blocks = [part for item in put.get("output", ()) for part in item.get("content", ())] or put.get("content", [])
    return "".join(block.get("text", "") for block in blocks)


@pytest.mark.parametrize(
    ("kind", "event", "expected"),
    [
        ("chat_completion", {"error": {"message": "It failed", "code": 500}}, {"message": "It failed", "code": 500}),
        ("messages", {"type": "error", "error": {"type": "overloaded_error"}}, {"type": "overloaded_error"}),
        (
            "responses",
            {"type": "error", "code": "server_error", "message": "It failed", "param": None},
            {"code": "server_error", "message": "It failed", "param": None},
        ),
    ],
)
def test_an_error_inside_a_stream_is_kept_with_what_came_before(kind: str, event: Any, expected: Any) -> None:
    door = next(door for door, name in KINDS.items() if name == kind)
    before = stream(door, Said(chunks=["Once", " upon"]), {}, 1)
    put = assemble(kind, b"".join(before[: {"chat": -2, "messages": -3}.get(door, -5)]) + data_event(event))
    assert put["error"] == expected
    assert shown_text(put).startswith("Once")


def test_a_stream_that_is_not_of_its_kind_keeps_its_events() -> None:
    put = assemble("messages", data_event({"type": "content_block_start", "index": []}))
    assert put["events"] == [{"type": "content_block_start", "index": []}]
    assert put["error"]["type"] == "malformed_stream"


def test_events_that_are_not_json_are_noted() -> None:
    put = assemble("chat_completion", chunk({"content": "a"}) + b"data: oops\n\n" + chunk({"content": "b"}))
    assert put["choices"][0]["message"]["content"] == "ab"
    assert put["error"] == {"message": "1 event of the stream was not JSON", "type": "malformed_stream"}


@given(st.sampled_from([*KINDS.values(), "unknown"]), st.binary(max_size=60))
def test_any_bytes_give_an_object(kind: str, sse: bytes) -> None:
    assert isinstance(assemble(kind, sse), dict)
    assert isinstance(assemble(kind, b"data: " + sse + b"\n\n"), dict)


ODD = st.recursive(
    st.none() | st.integers(-1, 2) | st.sampled_from(["", "a", "text", "tool_use", "message_start"]),
    lambda below: (
        st.lists(below, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "index",
                    "delta",
                    "message",
                    "content",
                    "text",
                    "type",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "input",
                    "usage",
                    "citations",
                    "partial_json",
                    "audio",
                    "data",
                    "item",
                    "part",
                    "response",
                    "output_index",
                    "logprobs",
                    "id",
                ]
            ),
            below,
            max_size=3,
        )
    ),
    max_leaves=8,
)
TYPES = st.sampled_from(
    [
        "response.output_text.delta",
        "response.output_item.added",
        "response.content_part.added",
        "message_start",
        "content_block_start",
        "content_block_delta",
        "message_delta",
        "error",
        "response.function_call_arguments.delta",
        "response.reasoning_summary_text.delta",
        "response.created",
    ]
)


@given(
    st.sampled_from([*KINDS.values(), "unknown"]),
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "type": TYPES,
                "choices": st.lists(ODD, max_size=2),
                "delta": ODD,
                "message": ODD,
                "content_block": ODD,
                "index": ODD,
                "output_index": ODD,
                "content_index": ODD,
                "item": ODD,
                "part": ODD,
                "response": ODD,
                "usage": ODD,
                "error": ODD,
            },
        ),
        max_size=4,
    ),
)
def test_events_of_any_shape_give_an_object(kind: str, events: list[dict[str, Any]]) -> None:
    put = assemble(kind, b"".join(map(data_event, events)))
    assert json.loads(json.dumps(put)) == put
