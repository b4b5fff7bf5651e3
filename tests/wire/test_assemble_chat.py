"""Chat chunks of every make become one completion."""

from __future__ import annotations

from typing import Any

from logwright.testing.answers import Said, stream
from logwright.testing.events import data_event
from logwright.wire.assemble import assemble


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
