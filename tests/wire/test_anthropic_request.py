"""A chat request, written for Anthropic; what has no equivalent is refused by its path."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.wire.anthropic import request_to_openai
from logwright.wire.anthropic_request import request_to_anthropic

HELLO = [{"role": "user", "content": "Hello"}]
FUNCTION = {"name": "trains", "description": "Find trains.", "parameters": {"type": "object"}, "strict": True}

CHAT = {
    "model": "claude-3-5-sonnet",
    "messages": [
        {"role": "system", "content": "You book trips."},
        {"role": "user", "content": [{"type": "text", "text": "Where is this?"}]},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "trains", "arguments": '{"to": "Graz"}'}},
                {"id": "c2", "type": "function", "function": {"name": "weather", "arguments": ""}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "10:15"},
        {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "rain"}]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Thanks."},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "auto"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}},
            ],
        },
        {"role": "developer", "content": "Be brief."},
    ],
    "tools": [{"type": "function", "function": FUNCTION}, {"type": "function", "function": {"name": "weather"}}],
    "tool_choice": "auto",
    "parallel_tool_calls": False,
    "max_completion_tokens": 300,
    "temperature": 0.3,
    "top_p": 0.9,
    "stop": "END",
    "stream": True,
    "stream_options": {"include_usage": True},
    "store": True,
    "metadata": {"prompt_id": "trips"},
    "user": "u_1",
    "n": 1,
    "logit_bias": None,
    "presence_penalty": 0,
    "reasoning_effort": "high",
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
    "service_tier": "default",
}

MESSAGES = {
    "model": "claude-3-5-sonnet-20241022",
    "system": [{"type": "text", "text": "You book trips."}, {"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": "Where is this?"},
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "c1", "name": "trains", "input": {"to": "Graz"}},
                {"type": "tool_use", "id": "c2", "name": "weather", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": "10:15"},
                {"type": "tool_result", "tool_use_id": "c2", "content": "rain"},
                {"type": "text", "text": "Thanks."},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                {
                    "type": "document",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
                    "title": "a.pdf",
                },
            ],
        },
    ],
    "tools": [
        {"name": "trains", "description": "Find trains.", "input_schema": {"type": "object"}, "strict": True},
        {"name": "weather", "input_schema": {"type": "object", "properties": {}}},
    ],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "max_tokens": 300,
    "temperature": 0.3,
    "top_p": 0.9,
    "stop_sequences": ["END"],
    "stream": True,
    "metadata": {"user_id": "u_1"},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}},
    "service_tier": "standard_only",
}


def test_a_whole_request_is_written_as_a_messages_request() -> None:
    assert request_to_anthropic(CHAT) == MESSAGES


def test_the_callers_request_is_left_alone() -> None:
    before = repr(CHAT)
    request_to_anthropic(CHAT)
    assert repr(CHAT) == before


def test_a_conversation_of_instructions_alone_becomes_the_users_turn() -> None:
    written = request_to_anthropic({"model": "m", "messages": [{"role": "system", "content": "Say hello."}]})
    assert written["messages"] == [{"role": "user", "content": "Say hello."}]
    assert "system" not in written


@pytest.mark.parametrize(
    ("short", "dated"),
    [
        ("claude-3-7-sonnet", "claude-3-7-sonnet-20250219"),
        ("claude-3-haiku", "claude-3-haiku-20240307"),
        ("claude-3-opus-20240229", "claude-3-opus-20240229"),
        ("claude-next", "claude-next"),
    ],
)
def test_a_short_name_means_the_latest_version_and_others_pass(short: str, dated: str) -> None:
    assert request_to_anthropic({"model": short, "messages": HELLO})["model"] == dated


@pytest.mark.parametrize(("model", "tokens"), [("claude-3-haiku", 4096), ("claude-sonnet-4-5", 8192)])
def test_a_limit_of_tokens_is_always_sent_because_anthropic_demands_one(model: str, tokens: int) -> None:
    assert request_to_anthropic({"model": model, "messages": HELLO})["max_tokens"] == tokens


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    ],
)
def test_each_choice_of_tools_has_its_word(choice: Any, expected: Any) -> None:
    written = request_to_anthropic({"model": "m", "messages": HELLO, "tools": CHAT["tools"], "tool_choice": choice})
    assert written["tool_choice"] == expected


def test_calling_one_by_one_means_nothing_without_tools() -> None:
    written = request_to_anthropic({"model": "m", "messages": HELLO, "parallel_tool_calls": False})
    assert "tool_choice" not in written


def test_effort_none_turns_thinking_off() -> None:
    written = request_to_anthropic({"model": "m", "messages": HELLO, "reasoning_effort": "none"})
    assert written["thinking"] == {"type": "disabled"}


def test_signed_thinking_goes_back_before_the_text() -> None:
    thinking = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    message = {"role": "assistant", "content": "Yes.", "reasoning_content": "Hm.", "thinking_blocks": [thinking]}
    written = request_to_anthropic({"model": "m", "messages": [*HELLO, message]})
    assert written["messages"][1]["content"] == [thinking, {"type": "text", "text": "Yes."}]


def test_messages_there_and_back_are_the_same() -> None:
    conversation = [
        {"role": "user", "content": "A train to Graz?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "c1", "name": "trains", "input": {"to": "Graz"}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "10:15"}]},
    ]
    request = {"model": "m", "max_tokens": 9, "system": "Be kind.", "messages": conversation}
    assert request_to_anthropic(request_to_openai(request)) == request


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2),
        ("logprobs", True),
        ("top_logprobs", 3),
        ("logit_bias", {"5": 1}),
        ("presence_penalty", 0.5),
        ("frequency_penalty", 1),
        ("seed", 7),
        ("audio", {"voice": "a"}),
        ("modalities", ["text", "audio"]),
        ("functions", [{"name": "f"}]),
        ("prediction", {"type": "content"}),
        ("web_search_options", {}),
        ("verbosity", "low"),
        ("something_new", 1),
        ("temperature", 1.5),
        ("reasoning_effort", "huge"),
        ("response_format", {"type": "json_object"}),
        ("service_tier", "flex"),
        ("tool_choice", {"type": "allowed_tools"}),
        ("tools", 5),
        ("messages", []),
    ],
)
def test_a_field_without_an_equivalent_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequest, match=field) as refused:
        request_to_anthropic({"model": "m", "messages": HELLO, field: value})
    assert refused.value.param == field


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}, "messages[0].content[0].type"),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "ftp://a"}}]},
            "messages[0].content[0].image_url.url",
        ),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a", "detail": "low"}}]},
            "messages[0].content[0].image_url.detail",
        ),
        ({"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}, "messages[0].content[0].type"),
        ({"role": "user", "content": 5}, "messages[0].content"),
        ({"role": "user", "content": ["text"]}, "messages[0].content[0]"),
        ({"role": "user", "content": "a", "name": "ana"}, "messages[0].name"),
        ({"role": "function", "name": None, "content": "a"}, "messages[0].role"),
        ({"role": "wizard", "content": "a"}, "messages[0].role"),
        ({"role": "assistant", "function_call": {"name": "f"}}, "messages[0].function_call"),
        ({"role": "assistant", "audio": {"id": "a"}}, "messages[0].audio"),
        ({"role": "assistant", "tool_calls": [{"type": "custom", "custom": {}}]}, "messages[0].tool_calls[0]"),
        (
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{cut"}}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "[1]"}}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ("text", "messages[0]"),
    ],
)
def test_a_message_without_an_equivalent_is_refused_by_its_path(message: Any, path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_to_anthropic({"model": "m", "messages": [message]})
    assert refused.value.param == path
    assert path in refused.value.message


@pytest.mark.parametrize(
    ("tool", "path"), [({"type": "custom", "custom": {"name": "f"}}, "tools[0].custom"), (5, "tools[0]")]
)
def test_a_tool_without_an_equivalent_is_refused_by_its_path(tool: Any, path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_to_anthropic({"model": "m", "messages": HELLO, "tools": [tool]})
    assert refused.value.param == path
