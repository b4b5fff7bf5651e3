"""A Messages request becomes a chat request, or is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.wire.anthropic_request import request_to_anthropic
from logwright.wire.messages_request import messages_to_chat


def a_request(**more: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}], **more}


def with_content(*blocks: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return a_request(messages=[{"role": role, "content": list(blocks)}])


def test_a_whole_conversation_with_tools_becomes_chat() -> None:
    chat = messages_to_chat(
        a_request(
            system="Be brief.",
            stop_sequences=["END"],
            metadata={"user_id": "u1", "prompt": "triage"},
            tools=[{"name": "look", "description": "Look.", "input_schema": {"type": "object"}}],
            tool_choice={"type": "any", "disable_parallel_tool_use": True},
            messages=[
                {"role": "user", "content": "What is there?"},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "text", "text": "I look."},
                        {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "é"}},
                        {"type": "tool_use", "id": "t2", "name": "look", "input": {}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t1", "content": "the sky"},
                        {"type": "tool_result", "tool_use_id": "t2", "content": "fell", "is_error": True},
                        {"type": "text", "text": "Well?"},
                    ],
                },
            ],
        )
    )

    assert chat["stop"] == ["END"]
    assert chat["user"] == "u1"
    assert chat["tools"] == [
        {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": {"type": "object"}}}
    ]
    assert (chat["tool_choice"], chat["parallel_tool_calls"]) == ("required", False)
    roles = [message["role"] for message in chat["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user"]
    calls = chat["messages"][2]["tool_calls"]
    assert [json.loads(call["function"]["arguments"]) for call in calls] == [{"at": "é"}, {}]
    assert chat["messages"][4]["content"] == "Error: fell"


def test_pictures_and_documents_become_parts() -> None:
    png = {"type": "base64", "media_type": "image/png", "data": "aGk="}
    chat = messages_to_chat(
        with_content(
            {"type": "image", "source": png},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
            {"type": "document", "source": {**png, "media_type": "application/pdf"}, "title": "a.pdf"},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Words"}},
        )
    )

    parts = chat["messages"][0]["content"]
    assert parts[0] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    assert parts[1]["image_url"]["url"] == "https://example.com/a.png"
    assert parts[2]["file"] == {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}
    assert parts[3] == {"type": "text", "text": "Words"}


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (a_request(mcp_servers=[{}]), "mcp_servers"),
        (a_request(tools=[{"type": "web_search_20250305", "name": "web_search"}]), "tools[0]"),
        (a_request(tool_choice={"type": "tool"}), "tool_choice.type"),
        (a_request(service_tier="fast"), "service_tier"),
        (a_request(messages="Hi"), "messages"),
        (a_request(messages=[{"role": "system", "content": "Hi"}]), "messages[0].role"),
        (a_request(messages=[{"role": "user"}]), "messages[0].content"),
        (with_content({"type": "search_result"}), "messages[0].content[0]"),
        (with_content({"type": "image", "source": {"type": "file", "file_id": "f"}}), "messages[0].content[0].source"),
        (with_content({"type": "server_tool_use"}, role="assistant"), "messages[0].content[0]"),
        (
            with_content({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image"}]}),
            "messages[0].content[0].content[0]",
        ),
    ],
)
def test_what_only_anthropic_knows_is_refused_by_its_path(request_: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        messages_to_chat(request_)
    assert refused.value.param == path


def test_written_back_for_anthropic_it_is_the_same_request() -> None:
    """The way of Anthropic's callers to Claude elsewhere: nothing may be lost between the two forms."""
    request = {
        "model": "m",
        "max_tokens": 10,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "temperature": 0.5,
        "top_k": 3,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "output_config": {"effort": "low"},
        "stop_sequences": ["END"],
        "tools": [{"name": "look", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}}],
        "tool_choice": {"type": "tool", "name": "look"},
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                    {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "sky"}},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "blue"}]},
        ],
    }

    assert request_to_anthropic(messages_to_chat(request)) == request
