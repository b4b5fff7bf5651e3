"""A chat request becomes Converse's, or is refused by name; whole conversations are in tests/providers/fixtures."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.wire.bedrock_request import request_to_bedrock

CLAUDE = "anthropic.claude-test"
TOOL = {"type": "function", "function": {"name": "look"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def a_request(**more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hi"}], **more}


def saying(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages)}


def a_part(part: dict[str, Any]) -> dict[str, Any]:
    return saying({"role": "user", "content": [part]})


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (a_request(n=2), "n"),
        (a_request(seed=1), "seed"),
        (a_request(service_tier="fast"), "service_tier"),
        (a_request(reasoning_effort="minimal"), "reasoning_effort"),
        (a_request(output_config={"effort": "some"}), "output_config.effort"),
        (a_request(response_format={"type": "json_object"}), "response_format"),
        (a_request(output_config={"format": {"type": "xml"}}), "output_config.format"),
        (a_request(tools="all"), "tools"),
        (a_request(tools=[{"type": "custom"}]), "tools[0]"),
        (a_request(tools=[TOOL], tool_choice="sometimes"), "tool_choice"),
        (
            {"tools": [TOOL], "tool_choice": "none", **saying({"role": "assistant", "tool_calls": [CALL]})},
            "tool_choice",
        ),
        ({}, "messages"),
        (saying({"role": "user", "name": "Ann", "content": "Hi"}), "messages[0].name"),
        (saying({"role": "function", "content": "Hi"}), "messages[0].role"),
        (saying({"role": "user", "content": 7}), "messages[0].content"),
        (saying({"role": "assistant", "function_call": {}}), "messages[0].function_call"),
        (saying({"role": "assistant", "tool_calls": [{"type": "custom"}]}), "messages[0].tool_calls[0]"),
        (a_part({"type": "video"}), "messages[0].content[0].type"),
        (
            a_part({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}),
            "messages[0].content[0].image_url.url",
        ),
        (
            a_part({"type": "image_url", "image_url": {"url": "data:image/bmp;base64,IQ=="}}),
            "messages[0].content[0].image_url.url",
        ),
        (
            a_part({"type": "file", "file": {"file_data": "data:application/zip;base64,IQ=="}}),
            "messages[0].content[0].file.file_data",
        ),
    ],
)
def test_what_converse_has_not_is_refused_by_its_path(request_: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_to_bedrock(request_, CLAUDE)
    assert refused.value.param == path


def test_claudes_own_words_go_to_claude_alone() -> None:
    asked = a_request(top_k=3)
    assert request_to_bedrock(asked, CLAUDE)["additionalModelRequestFields"] == {"top_k": 3}
    with pytest.raises(InvalidRequest):
        request_to_bedrock(asked, "amazon.nova-pro-v1:0")


def test_tools_that_may_not_be_called_and_never_were_are_not_told() -> None:
    assert "toolConfig" not in request_to_bedrock(a_request(tools=[TOOL], tool_choice="none"), CLAUDE)


def test_a_tool_that_failed_says_so_and_empty_texts_are_nothing() -> None:
    body = request_to_bedrock(
        saying(
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "fell", "is_error": True},
            {"role": "user", "content": [{"type": "text", "text": ""}]},
        ),
        CLAUDE,
    )

    assert [len(turn["content"]) for turn in body["messages"]] == [1, 1]
    assert body["messages"][1]["content"][0]["toolResult"]["status"] == "error"


def test_the_name_of_a_document_holds_only_what_bedrock_allows() -> None:
    file = {"filename": "my_report, 2nd.pdf", "file_data": "data:application/pdf;base64,IQ=="}
    body = request_to_bedrock(a_part({"type": "file", "file": file}), CLAUDE)

    assert body["messages"][0]["content"][0]["document"]["name"] == "my report 2nd"
