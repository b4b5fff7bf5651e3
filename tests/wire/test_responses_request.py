"""A Responses request becomes a chat request, or is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.wire.responses_request import responses_to_chat


def test_a_whole_conversation_with_tools_becomes_chat() -> None:
    chat = responses_to_chat(
        {
            "model": "m",
            "instructions": "Be brief.",
            "max_output_tokens": 50,
            "reasoning": {"effort": "low", "summary": "auto"},
            "text": {"format": {"type": "json_schema", "name": "a", "schema": {}, "strict": True}, "verbosity": "low"},
            "tools": [{"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": True}],
            "tool_choice": {"type": "function", "name": "look"},
            "include": ["reasoning.encrypted_content"],
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is there?"},
                        {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
                        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,IQ=="},
                    ],
                },
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
                {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
                {"type": "function_call", "call_id": "c2", "name": "look", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": "the sky"},
                {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "sea"}]},
            ],
        }
    )

    messages = chat.pop("messages")
    assert chat == {
        "model": "m",
        "max_completion_tokens": 50,
        "reasoning_effort": "low",
        "verbosity": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}},
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}, "strict": True}}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
    }
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool", "tool"]
    assert [part["type"] for part in messages[1]["content"]] == ["text", "image_url", "file"]
    assert [call["id"] for call in messages[2]["tool_calls"]] == ["c1", "c2"]
    assert messages[4]["content"] == [{"type": "text", "text": "sea"}]


def test_text_alone_is_the_users_turn_and_calls_may_stand_first() -> None:
    assert responses_to_chat({"input": "Hi"}) == {"messages": [{"role": "user", "content": "Hi"}]}
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    assert responses_to_chat({"input": [call]})["messages"][0]["content"] is None


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"truncation": "auto"}, "truncation"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"tools": "all"}, "tools"),
        ({"tools": [{"type": "web_search"}]}, "tools[0]"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice"),
        ({"text": {"format": {"type": "grammar"}}}, "text.format"),
        ({"input": None}, "input"),
        ({"input": ["Hi"]}, "input[0]"),
        ({"input": [{"role": "tool", "content": "Hi"}]}, "input[0].role"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]"),
        ({"input": [{"role": "user", "content": 7}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}, "input[0].content[0]"),
    ],
)
def test_what_only_openai_knows_is_refused_by_its_path(request_: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        responses_to_chat({"input": "Hi", **request_})
    assert refused.value.param == path
