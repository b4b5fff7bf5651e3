"""Humanloop's fields and the bodies of logs in every form."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.faces.humanloop import bodies

TOOL = {"name": "f", "description": "d"}


def test_a_request_is_made_of_version_and_fields() -> None:
    kernel = {"model": "m", "temperature": 0, "max_tokens": -1, "tools": [TOOL], "template": "t"}
    fields = {"messages": [], "inputs": {"a": 1}, "tool_choice": "none"}

    assert bodies.request_of(kernel, fields) == {
        "model": "m",
        "messages": [],
        "inputs": {"a": 1},
        "temperature": 0,
        "tools": [{"type": "function", "function": TOOL}],
        "tool_choice": "none",
    }
    assert bodies.request_of({"max_tokens": 5}, {}) == {"max_tokens": 5}
    assert bodies.request_of({}, {}) is None


def test_an_agents_tools_are_those_written_inline() -> None:
    assert bodies.tools_of({"tools": [{"type": "inline", "json_schema": TOOL}, {"type": "file", "link": {}}, 1]}) == [
        {"type": "function", "function": TOOL}
    ]


@pytest.mark.parametrize(
    ("type_", "fields", "answer"),
    [
        ("tool", {"output": "a"}, "a"),
        ("flow", {}, None),
        ("prompt", {}, None),
        (
            "prompt",
            {"output": "a", "prompt_tokens": 1},
            {
                "object": "chat.completion",
                "model": "m",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": None}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1},
            },
        ),
    ],
)
def test_an_answer_is_made_of_what_was_told(type_: str, fields: dict[str, Any], answer: Any) -> None:
    assert bodies.answer_of(type_, {"model": "m"}, fields) == answer


CHAT = {"choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}
ANTHROPIC = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
}
RESPONSES = {"output": [{"type": "reasoning"}, {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}]}


@pytest.mark.parametrize(
    ("kind", "answer", "text", "reason"),
    [
        ("chat_completion", CHAT, "hi", "stop"),
        ("messages", ANTHROPIC, "hi", "stop"),
        ("responses", RESPONSES, "hi", None),
        ("text_completion", {"choices": [{"text": "hi", "finish_reason": "length"}]}, "hi", "length"),
        ("tool", "hi", "hi", None),
        ("chat_completion", {"choices": [{"message": {"role": "assistant", "content": None}}]}, None, None),
        ("chat_completion", {"error": {"message": "no"}}, None, None),
        ("chat_completion", {"choices": "no"}, None, None),
        ("unknown", [1], None, None),
    ],
)
def test_text_and_reason_are_read_in_every_form(kind: str, answer: Any, text: str | None, reason: str | None) -> None:
    assert bodies.text_in(kind, answer) == text
    assert bodies.finish_reason_in(kind, answer) == reason


@pytest.mark.parametrize(
    ("kind", "request_", "roles"),
    [
        ("chat_completion", {"messages": [{"role": "user"}, {"no": 1}, 2]}, ["user"]),
        ("messages", {"system": "s", "messages": [{"role": "user", "content": "a"}]}, ["system", "user"]),
        ("responses", {"input": "a"}, ["user"]),
        ("responses", {"input": [{"role": "user", "content": "a"}, {"type": "reasoning"}]}, ["user"]),
        ("embedding", {"input": "a"}, None),
        ("chat_completion", "text", None),
    ],
)
def test_messages_are_read_in_every_form(kind: str, request_: Any, roles: list[str] | None) -> None:
    found = bodies.messages_in(kind, request_)
    assert (None if found is None else [message["role"] for message in found]) == roles


def test_a_changed_answer_keeps_what_else_it_has() -> None:
    changed = bodies.with_answer_fields(
        "chat_completion", "prompt", {**CHAT, "id": "1", "choices": [*CHAT["choices"], {"index": 1}]}, {"output": "ho"}
    )

    assert changed["id"] == "1"
    assert [choice.get("message") for choice in changed["choices"]] == [{"role": "assistant", "content": "ho"}, None]
    assert changed["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("type_", "answer", "changes", "text"),
    [
        ("tool", "a", {"output": "b"}, "b"),
        ("tool", None, {"output": "b"}, "b"),
        ("prompt", None, {"output": "b"}, "b"),
        ("prompt", "weird", {"output": "b"}, "b"),
        ("prompt", CHAT, {"output_message": {"role": "assistant", "content": "m"}, "output": "b"}, "m"),
        ("prompt", CHAT, {"output_message": None, "output": "b"}, "b"),
        ("prompt", CHAT, {"output": None}, None),
        ("flow", "a", {"output_message": {"role": "assistant", "content": "m"}}, "m"),
    ],
)
def test_an_answer_is_changed_whatever_it_was(
    type_: str, answer: Any, changes: dict[str, Any], text: str | None
) -> None:
    assert (
        bodies.text_in("chat_completion", bodies.with_answer_fields("chat_completion", type_, answer, changes)) == text
    )


def test_a_request_is_changed_and_may_end_empty() -> None:
    assert bodies.with_request_fields({"model": "m", "inputs": {}}, {"inputs": None, "messages": []}) == {
        "model": "m",
        "messages": [],
    }
    assert bodies.with_request_fields(None, {"inputs": None}) is None


def test_a_lone_half_of_a_surrogate_survives_reading_and_writing() -> None:
    assert bodies.encoded(bodies.decoded('{"a":"\\ud800"}')) == '{"a":"\\ud800"}'
    assert (bodies.decoded(""), bodies.encoded(None)) == (None, None)
