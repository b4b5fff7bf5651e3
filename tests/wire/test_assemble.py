"""A recorded stream becomes the answer that the same call without streaming would have given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.testing.answers import Door, Said, ToolCall, answer, data_event, stream
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


def test_thinking_keeps_its_signature() -> None:
    said = Said(text="Four.", reasoning="2 + 2 is 4")
    assert assemble("messages", b"".join(stream("messages", said, {}, 1))) == answer("messages", said, {}, 1)


def test_several_choices_are_kept_apart_in_their_order() -> None:
    request = {"n": 3, "stream_options": {"include_usage": True}}
    events = stream("chat", Said(chunks=["a", "b"]), request, 1)
    mixed = events[2::3] + events[0::3] + events[1::3]  # the end mark may stand anywhere then
    sse = b"".join(event for event in mixed if b"[DONE]" not in event)
    assert [choice["index"] for choice in assemble("chat_completion", sse)["choices"]] == [0, 1, 2]


def chunk(delta: dict[str, Any], *, index: int = 0, **more: Any) -> bytes:
    beside = {name: more.pop(name) for name in ("logprobs", "finish_reason", "content_filter_results") if name in more}
    return data_event({"id": "c1", "choices": [{"index": index, "delta": delta, **beside}], **more})


def message(*chunks: bytes) -> dict[str, Any]:
    found = assemble("chat_completion", b"".join(chunks))["choices"][0]["message"]
    assert isinstance(found, dict)
    return found


def call(**fields: Any) -> bytes:
    return chunk({"tool_calls": [fields]})


def test_calls_written_in_turns_are_kept_apart_by_index() -> None:
    put = message(
        call(index=0, id="a", type="function", function={"name": "f", "arguments": ""}),
        call(index=1, id="b", type="function", function={"name": "g", "arguments": '{"y"'}),
        call(index=0, function={"arguments": '{"x":1}'}),
        call(index=1, function={"arguments": ":2}"}),
    )
    assert put["tool_calls"] == [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
        {"id": "b", "type": "function", "function": {"name": "g", "arguments": '{"y":2}'}},
    ]
    assert put["content"] is None


def test_calls_that_all_claim_index_nought_are_told_apart_by_id() -> None:
    put = message(
        call(index=0, id="a", function={"name": "f", "arguments": "{}"}),
        call(index=0, id="b", function={"name": "g", "arguments": "{"}),
        call(index=0, function={"arguments": "}"}),
    )
    assert [one["function"] for one in put["tool_calls"]] == [
        {"name": "f", "arguments": "{}"},
        {"name": "g", "arguments": "{}"},
    ]


def test_calls_without_an_index_follow_their_ids() -> None:
    put = message(
        call(id="a", function={"name": "f", "arguments": "{"}),
        call(function={"arguments": "}"}),
        call(id="b", function={"name": "g", "arguments": "{}"}),
    )
    assert [one["id"] for one in put["tool_calls"]] == ["a", "b"]
    assert put["tool_calls"][0]["function"]["arguments"] == "{}"


def test_a_custom_call_keeps_its_input() -> None:
    put = message(
        call(index=0, id="a", type="custom", custom={"name": "sql", "input": "select"}),
        call(index=0, custom={"input": " 1"}),
    )
    assert put["tool_calls"] == [{"id": "a", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}]


def test_the_older_function_call_is_put_together() -> None:
    put = message(
        chunk({"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": '{"a"'}}),
        chunk({"function_call": {"arguments": ":1}"}}),
    )
    assert put["function_call"] == {"name": "f", "arguments": '{"a":1}'}


def test_refusal_reasoning_and_fields_nobody_knows_are_kept() -> None:
    put = message(
        chunk({"role": "assistant", "refusal": "I "}),
        chunk({"refusal": "cannot", "reasoning_content": "hm", "mood": "sad"}),
        chunk({"reasoning_content": "m", "notes": [1], "level": 1, "extra": {"a": "x"}}),
        chunk({"notes": [2], "level": 2, "extra": {"a": "y", "b": 1}}),
    )
    assert put == {
        "role": "assistant",
        "content": None,
        "refusal": "I cannot",
        "reasoning_content": "hmm",
        "mood": "sad",
        "notes": [1, 2],
        "level": 2,
        "extra": {"a": "xy", "b": 1},
    }


def test_sound_is_joined_even_where_each_piece_has_its_own_padding() -> None:
    put = message(
        chunk({"audio": {"id": "au1", "transcript": "He"}}),
        chunk({"audio": {"transcript": "llo", "data": "aGU="}}),  # "he"
        chunk({"audio": {"data": "bGxv", "expires_at": 5}}),  # "llo"
    )
    assert put["audio"] == {"id": "au1", "transcript": "Hello", "data": "aGVsbG8=", "expires_at": 5}


def test_log_probabilities_and_filter_results_are_collected() -> None:
    first, second = {"token": "a", "logprob": -0.1}, {"token": "b", "logprob": -0.2}
    put = assemble(
        "chat_completion",
        chunk({"content": "a"}, logprobs={"content": [first], "refusal": None})
        + chunk({"content": "b"}, logprobs={"content": [second], "refusal": None})
        + chunk({}, finish_reason="stop", content_filter_results={"hate": {"filtered": False}}),
    )
    choice = put["choices"][0]
    assert choice["logprobs"] == {"content": [first, second], "refusal": None}
    assert choice["finish_reason"] == "stop"
    assert choice["content_filter_results"] == {"hate": {"filtered": False}}


def test_what_stands_beside_the_choices_is_kept_and_null_takes_nothing_back() -> None:
    put = assemble(
        "chat_completion",
        data_event({"id": "", "choices": [], "prompt_filter_results": [{"index": 0}]})
        + chunk({"content": "a"}, service_tier="default", system_fingerprint="fp", obfuscation="x")
        + chunk({}, finish_reason="stop", service_tier=None, usage=None)
        + data_event({"id": "c1", "choices": [], "usage": {"total_tokens": 3}, "citations": ["https://a"]}),
    )
    assert put["id"] == "c1"
    assert put["service_tier"] == "default"
    assert put["system_fingerprint"] == "fp"
    assert put["prompt_filter_results"] == [{"index": 0}]
    assert put["citations"] == ["https://a"]
    assert put["usage"] == {"total_tokens": 3}
    assert put["object"] == "chat.completion"


def test_the_log_probabilities_of_a_text_completion_grow() -> None:
    def part(text: str, token: str) -> bytes:
        return data_event({"choices": [{"index": 0, "text": text, "logprobs": {"tokens": [token]}}]})

    put = assemble("text_completion", part("a", "a") + part("b", "b"))
    assert put["choices"] == [{"index": 0, "text": "ab", "logprobs": {"tokens": ["a", "b"]}, "finish_reason": None}]


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


def test_the_input_of_a_tool_that_was_cut_off_stays_text() -> None:
    sse = b"".join(stream("messages", Said(tool_calls=CALLS[:1]), {}, 1))
    cut = sse[: sse.rindex(b'"partial_json"')]
    put = assemble("messages", cut)
    assert put["content"][0]["input"] == '{"id": 7, "deep"'


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


def test_a_failed_response_is_given_whole() -> None:
    failed = {"id": "r1", "status": "failed", "error": {"code": "server_error"}, "output": []}
    put = assemble("responses", data_event({"type": "response.failed", "response": failed}))
    assert put == failed


def test_a_stream_that_is_not_of_its_kind_keeps_its_events() -> None:
    put = assemble("messages", data_event({"type": "content_block_start", "index": []}))
    assert put["events"] == [{"type": "content_block_start", "index": []}]
    assert put["error"]["type"] == "malformed_stream"


def test_an_index_far_beyond_what_came_costs_nothing() -> None:
    event = {"type": "response.output_text.delta", "content_index": 10**15, "output_index": 10**15, "delta": "a"}
    put = assemble("responses", data_event(event))
    assert put["output"][0]["content"] == [{"type": "output_text", "text": "a"}]


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
