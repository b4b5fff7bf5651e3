"""Anthropic's form, written in OpenAI's; every expectation is written out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.wire.anthropic import error_to_openai, message_to_openai, request_to_openai

REQUEST = {
    "model": "claude-3-5-haiku-20241022",
    "max_tokens": 512,
    "system": [{"type": "text", "text": "You book trips.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "A train to Graz, please."},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Which day?", "signature": "c2ln"},
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "toolu_1", "name": "trains", "input": {"to": "Graz", "direct": True}},
                {"type": "tool_use", "id": "toolu_2", "name": "weather", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "10:15"}]},
                {"type": "tool_result", "tool_use_id": "toolu_2", "content": "no answer", "is_error": True},
                {"type": "text", "text": "And this one?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                {
                    "type": "document",
                    "title": "offer.pdf",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
                },
            ],
        },
    ],
    "stop_sequences": ["END"],
    "temperature": 0.5,
    "top_k": 5,
    "stream": True,
    "metadata": {"user_id": "u_1"},
    "tools": [
        {
            "name": "trains",
            "description": "Find trains.",
            "input_schema": {"type": "object", "properties": {"to": {"type": "string"}}},
        },
        {"type": "web_search_20250305", "name": "web_search"},
    ],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
}

CHAT = {
    "model": "claude-3-5-haiku-20241022",
    "max_tokens": 512,
    "messages": [
        {
            "role": "system",
            "content": [{"type": "text", "text": "You book trips.", "cache_control": {"type": "ephemeral"}}],
        },
        {"role": "user", "content": "A train to Graz, please."},
        {
            "role": "assistant",
            "content": "Let me look.",
            "reasoning_content": "Which day?",
            "thinking_blocks": [{"type": "thinking", "thinking": "Which day?", "signature": "c2ln"}],
            "tool_calls": [
                {
                    "id": "toolu_1",
                    "type": "function",
                    "function": {"name": "trains", "arguments": '{"to": "Graz", "direct": true}'},
                },
                {"id": "toolu_2", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "toolu_1", "content": [{"type": "text", "text": "10:15"}]},
        {"role": "tool", "tool_call_id": "toolu_2", "content": "no answer", "is_error": True},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "And this one?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                {"type": "file", "file": {"filename": "offer.pdf", "file_data": "data:application/pdf;base64,aGk="}},
            ],
        },
    ],
    "stop": ["END"],
    "temperature": 0.5,
    "top_k": 5,
    "stream": True,
    "metadata": {"user_id": "u_1"},
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "trains",
                "description": "Find trains.",
                "parameters": {"type": "object", "properties": {"to": {"type": "string"}}},
            },
        },
        {"type": "web_search_20250305", "name": "web_search"},
    ],
    "tool_choice": "required",
    "parallel_tool_calls": False,
}


def test_a_whole_request_is_written_as_a_chat_request() -> None:
    assert request_to_openai(REQUEST) == CHAT


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "none"}, "none"),
        ({"type": "tool", "name": "f"}, {"type": "function", "function": {"name": "f"}}),
        ({"type": "new"}, {"type": "new"}),
    ],
)
def test_each_choice_of_tools_has_its_word(choice: dict[str, Any], expected: Any) -> None:
    assert request_to_openai({"tool_choice": choice}) == {"tool_choice": expected}


def test_parts_nobody_knows_stay_as_they_are() -> None:
    block = {"type": "search_result", "source": "https://a", "content": []}
    text_document = {"type": "document", "source": {"type": "text", "data": "words", "media_type": "text/plain"}}
    request = {"messages": [{"role": "user", "content": [block, text_document, 5]}, "odd"]}
    assert request_to_openai(request)["messages"] == [
        {"role": "user", "content": [block, text_document, 5]},
        "odd",
    ]


def test_text_before_a_tool_result_keeps_its_place() -> None:
    blocks = [{"type": "text", "text": "first"}, {"type": "tool_result", "tool_use_id": "t"}]
    assert request_to_openai({"messages": [{"role": "user", "content": blocks}]})["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "first"}]},
        {"role": "tool", "tool_call_id": "t", "content": ""},
    ]


def test_a_request_with_only_a_system_prompt_has_a_system_message() -> None:
    assert request_to_openai({"system": "Be kind."}) == {"messages": [{"role": "system", "content": "Be kind."}]}


@pytest.mark.parametrize("given", [None, 5, "text", []])
def test_what_is_no_request_is_returned_as_it_is(given: Any) -> None:
    assert request_to_openai(given) == given
    assert message_to_openai(given) == given


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "text", "text": "It rains "},
        {
            "type": "text",
            "text": "in Bergen.",
            "citations": [
                {"type": "web_search_result_location", "url": "https://a", "title": "A", "cited_text": "x"},
                {"type": "char_location", "document_index": 0},
            ],
        },
        {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"ä": 1}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 10,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 5,
        "output_tokens": 20,
        "output_tokens_details": {"thinking_tokens": 8},
    },
    "container": {"id": "c"},
}

COMPLETION = {
    "id": "msg_1",
    "object": "chat.completion",
    "created": 1767225600,
    "model": "claude-sonnet-4-5",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "It rains in Bergen.",
                "refusal": None,
                "reasoning_content": "Hm.",
                "thinking_blocks": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                    {"type": "redacted_thinking", "data": "b3BhcXVl"},
                ],
                "tool_calls": [
                    {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": '{"ä": 1}'}}
                ],
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {"url": "https://a", "title": "A", "start_index": 9, "end_index": 19},
                    },
                    {"type": "char_location", "document_index": 0},
                ],
                "anthropic_blocks": [
                    {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}}
                ],
            },
            "logprobs": None,
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {
        "prompt_tokens": 115,
        "completion_tokens": 20,
        "total_tokens": 135,
        "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 8},
    },
    "container": {"id": "c"},
}


def test_a_whole_answer_is_written_as_a_completion() -> None:
    assert message_to_openai(MESSAGE, created=1767225600) == COMPLETION


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("something_new", "something_new"),
        (None, None),
    ],
)
def test_each_reason_to_stop_has_its_word(reason: str | None, expected: str | None) -> None:
    written = message_to_openai({"content": [], "stop_reason": reason})
    assert written["choices"][0]["finish_reason"] == expected
    assert written["choices"][0]["message"]["content"] is None


def test_the_stop_sequence_that_was_met_is_kept() -> None:
    written = message_to_openai({"content": [], "stop_reason": "stop_sequence", "stop_sequence": "END"})
    assert written["choices"][0]["stop_sequence"] == "END"


def test_an_error_takes_openais_shape() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
    assert message_to_openai(error) == error
    assert error_to_openai(error) == {
        "error": {"message": "Overloaded", "type": "overloaded_error", "param": None, "code": None},
        "request_id": "req_1",
    }
    assert error_to_openai("oops") == "oops"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": 5},
        {"type": "text", "text": "a", "citations": 7},
        {"type": "text", "text": "a", "citations": [None]},
        {"type": "thinking", "thinking": ["a"]},
        {"type": "thinking"},
        {"type": "tool_use"},
        {"type": []},
        None,
        "text",
    ],
)
def test_a_block_of_the_wrong_shape_is_kept_and_breaks_nothing(block: Any) -> None:
    answer = {"type": "message", "role": "assistant", "content": [block, {"type": "text", "text": "after"}]}

    message = message_to_openai(answer)["choices"][0]["message"]

    assert message["content"].endswith("after")


def test_a_count_that_is_no_number_counts_nothing() -> None:
    answer = {"type": "message", "content": [], "usage": {"input_tokens": "many", "output_tokens": 2}}

    assert message_to_openai(answer)["usage"]["total_tokens"] == 2
