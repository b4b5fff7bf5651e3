"""The line that a person reads in a list says what was asked and what was answered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.wire.preview import PREVIEW_LENGTH, request_preview, response_preview

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
CALL = {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": '{"id": 7}'}}


@pytest.mark.parametrize(
    ("kind", "request_body", "expected"),
    [
        (
            "chat_completion",
            {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello\n\n there"}]},
            "Hello there",
        ),
        (
            "chat_completion",
            {"messages": [{"role": "user", "content": "First"}, {"role": "tool", "content": "42"}]},
            "First",
        ),
        ("chat_completion", {"messages": [{"role": "system", "content": "Only this"}]}, "Only this"),
        (
            "chat_completion",
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is"}, IMAGE]}]},
            "What is [image]",
        ),
        (
            "chat_completion",
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}, {"type": "new"}]}]},
            "[audio] [new]",
        ),
        ("chat_completion", {"messages": [{"role": "assistant", "tool_calls": [CALL]}]}, 'look_up({"id": 7})'),
        ("text_completion", {"prompt": "Once upon"}, "Once upon"),
        ("text_completion", {"prompt": [[1, 2, 3]]}, "[3 tokens]"),
        ("embedding", {"input": ["one", "two"]}, "one two"),
        ("responses", {"input": "Say hi"}, "Say hi"),
        ("responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]}, "Hi"),
        ("messages", {"messages": [{"role": "user", "content": [{"type": "document"}]}]}, "[file]"),
        ("messages", {"messages": [], "system": "Just a system"}, "Just a system"),
        ("unknown", {"prompt": "who knows"}, "who knows"),
        ("chat_completion", None, ""),
        ("chat_completion", {"messages": [7, None, {"content": 5}]}, ""),
    ],
)
def test_a_request_shows_what_was_asked_last(kind: str, request_body: Any, expected: str) -> None:
    assert request_preview(kind, request_body) == expected


@pytest.mark.parametrize(
    ("kind", "response", "expected"),
    [
        ("chat_completion", {"choices": [{"message": {"content": "Hello."}}]}, "Hello."),
        ("chat_completion", {"choices": [{"message": {"content": None, "refusal": "I cannot."}}]}, "I cannot."),
        (
            "chat_completion",
            {"choices": [{"message": {"content": None, "tool_calls": [CALL, CALL]}}]},
            'look_up({"id": 7}) look_up({"id": 7})',
        ),
        (
            "chat_completion",
            {"choices": [{"message": {"content": None, "function_call": {"name": "f", "arguments": "{}"}}}]},
            "f({})",
        ),
        ("text_completion", {"choices": [{"text": " a time"}]}, "a time"),
        ("embedding", {"data": [{"embedding": [1.0]}]}, "[1 embedding]"),
        ("embedding", {"data": [{}, {}]}, "[2 embeddings]"),
        (
            "responses",
            {
                "output": [
                    {"type": "message", "content": [{"type": "output_text", "text": "Yes."}]},
                    {"type": "function_call", "name": "f", "arguments": '{"a":1}'},
                ]
            },
            'Yes. f({"a":1})',
        ),
        (
            "messages",
            {
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "text", "text": "Sure."},
                    {"type": "tool_use", "name": "f", "input": {"a": 1}},
                ]
            },
            'Sure. f({"a":1})',
        ),
        ("chat_completion", {"error": {"message": "Rate limit reached"}}, "Rate limit reached"),
        ("messages", {"type": "error", "error": {"message": "Overloaded"}}, "Overloaded"),
        ("chat_completion", {"message": "Unauthorized"}, "Unauthorized"),
        ("chat_completion", {"choices": []}, ""),
        ("chat_completion", "<html>oops</html>", "<html>oops</html>"),
        ("chat_completion", None, ""),
    ],
)
def test_a_response_shows_what_was_answered(kind: str, response: Any, expected: str) -> None:
    assert response_preview(kind, response) == expected


def test_a_long_text_ends_in_an_ellipsis_at_the_limit() -> None:
    shown = request_preview("chat_completion", {"messages": [{"role": "user", "content": "é" * 10_000}]})
    assert len(shown) == PREVIEW_LENGTH
    assert shown.endswith("…")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["messages", "choices", "message", "content", "type", "text", "input", "output", "tool_calls", "error"]
            ),
            below,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.sampled_from(["chat_completion", "responses", "messages", "embedding", "unknown"]), JSON_VALUES)
def test_any_json_gives_a_line(kind: str, value: Any) -> None:
    for shown in (request_preview(kind, value), response_preview(kind, value)):
        assert len(shown) <= PREVIEW_LENGTH
        assert "\n" not in shown
