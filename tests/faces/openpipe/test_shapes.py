"""The bodies of OpenPipe's log API against examples of what its clients send."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.faces.openpipe import shapes
from logwright.faces.openpipe.shape import Fields, read

ASKED: dict[str, Any] = {
    "model": "claude-3-5-sonnet-20241022",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}
ANSWERED: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-3-5-sonnet-20241022",
    "content": [{"type": "text", "text": "Hi", "citations": None}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 8,
        "output_tokens": 2,
        "cache_creation_input_tokens": None,
        "cache_read_input_tokens": None,
        "server_tool_use": None,
        "service_tier": "standard",
    },
}


def issues_of(shape: Fields, value: object) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        read(shape, value)
    return list(caught.value.issues)


def test_a_report_needs_nothing() -> None:
    assert read(shapes.REPORT, {}) == {}


def test_a_report_takes_any_json_as_payload() -> None:
    report = {"reqPayload": ["anything", {"x": None}], "respPayload": 3}

    assert read(shapes.REPORT, report) == report


def test_a_report_takes_its_numbers_as_text() -> None:
    report = {"requestedAt": "1700000000000", "receivedAt": 1700000001000.5, "statusCode": "200"}

    read_as = {"requestedAt": 1700000000000, "receivedAt": 1700000001000.5, "statusCode": 200}
    assert read(shapes.REPORT, report) == read_as


def test_fields_that_a_client_left_at_none_count_as_absent() -> None:
    sent = dict.fromkeys(["requestedAt", "receivedAt", "statusCode", "errorMessage", "tags", "respPayload"])

    assert read(shapes.REPORT, sent) == {}


@pytest.mark.parametrize(
    ("report", "issue"),
    [
        ({"requestedAt": "now"}, "requestedAt: expected number, got string"),
        ({"receivedAt": 1e15}, "receivedAt: expected a number from 0 to 9999999999999, got 1000000000000000.0"),
        ({"statusCode": 1e300}, "statusCode: expected a number from 0 to 999, got 1e+300"),
        ({"errorMessage": 5}, "errorMessage: expected string, got number"),
        ({"tags": {"a": {}}}, "tags.a: expected string or number or boolean or null, got object"),
        ({"tags": []}, "tags: expected object, got array"),
    ],
)  # fmt: skip
def test_a_wrong_report_is_refused_by_path(report: object, issue: str) -> None:
    assert issues_of(shapes.REPORT, report) == [issue]


def test_anthropic_payloads_may_have_fields_that_are_newer_than_we_are() -> None:
    report = {"reqPayload": {**ASKED, "service_tier": "auto"}, "respPayload": {**ANSWERED, "container": None}}

    kept = read(shapes.REPORT_ANTHROPIC, report)

    assert kept["reqPayload"]["service_tier"] == "auto"
    assert "container" not in kept["respPayload"]
    assert "service_tier" not in kept["respPayload"]["usage"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param([{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}], id="tool call"),
        pytest.param([{"type": "thinking", "thinking": "…", "signature": "s"}], id="thinking"),
        pytest.param([{"type": "redacted_thinking", "data": "s"}], id="redacted thinking"),
        pytest.param([{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}], id="server tool"),
        pytest.param(
            [
                {
                    "type": "text",
                    "text": "x",
                    "citations": [
                        {
                            "type": "char_location",
                            "cited_text": "c",
                            "document_index": 0,
                            "document_title": None,
                            "start_char_index": 0,
                            "end_char_index": 1,
                        }
                    ],
                }
            ],
            id="citations",
        ),
    ],
)
def test_every_kind_of_answer_is_taken(content: list[Any]) -> None:
    report = {"respPayload": {**ANSWERED, "content": content}}

    assert read(shapes.REPORT_ANTHROPIC, report)["respPayload"]["content"] == content


PNG = {"type": "base64", "media_type": "image/png", "data": "AA"}
PLAIN = {"type": "text", "media_type": "text/plain", "data": "a"}
TEXT = {"type": "text", "text": "a"}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param({"type": "image", "source": PNG}, id="image"),
        pytest.param({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}, id="image url"),
        pytest.param({"type": "document", "source": PLAIN}, id="document"),
        pytest.param({"type": "tool_result", "tool_use_id": "t", "content": "42", "is_error": False}, id="result"),
        pytest.param({"type": "tool_result", "tool_use_id": "t", "content": [TEXT]}, id="result in parts"),
        pytest.param({**TEXT, "cache_control": {"type": "ephemeral"}}, id="cached text"),
    ],
)
def test_every_kind_of_message_is_taken(block: dict[str, Any]) -> None:
    report = {"reqPayload": {**ASKED, "messages": [{"role": "user", "content": [block]}]}}

    assert read(shapes.REPORT_ANTHROPIC, report) == report


@pytest.mark.parametrize(
    ("report", "issue"),
    [
        ({"reqPayload": {"model": "m", "messages": []}}, "reqPayload.max_tokens: is required"),
        ({"reqPayload": {**ASKED, "messages": [{"role": "system", "content": "a"}]}},
         "reqPayload.messages[0].role: expected one of user, assistant, got 'system'"),
        ({"reqPayload": {**ASKED, "messages": [{"role": "user", "content": [{"type": "text"}]}]}},
         "reqPayload.messages[0].content[0].text: is required"),
        ({"reqPayload": {**ASKED, "tools": [{"name": "f"}]}}, "reqPayload.tools[0].input_schema: is required"),
        ({"reqPayload": {**ASKED, "tool_choice": {"type": "tool"}}}, "reqPayload.tool_choice.name: is required"),
        ({"respPayload": {**ANSWERED, "role": "user"}}, "respPayload.role: expected one of assistant, got 'user'"),
        ({"respPayload": {**ANSWERED, "usage": {}}}, "respPayload.usage.input_tokens: is required"),
        ({"respPayload": "text"}, "respPayload: expected object, got string"),
        ({"metadata": {"a": 1}}, "metadata.a: expected string, got number"),
    ],
)  # fmt: skip
def test_a_wrong_anthropic_report_is_refused_by_path(report: object, issue: str) -> None:
    assert issues_of(shapes.REPORT_ANTHROPIC, report)[0] == issue


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        ({}, "filters: is required"),
        ({"filters": [], "metadata": None}, "metadata: expected object, got null"),
        ({"filters": [{"field": "model"}], "metadata": {}}, "filters[0].equals: is required"),
        ({"filters": [{"field": "model", "equals": None}], "metadata": {}},
         "filters[0].equals: expected string or number or boolean, got null"),
        ({"filters": [], "metadata": {"a": 1}}, "metadata.a: expected string or null, got number"),
    ],
)  # fmt: skip
def test_a_wrong_update_is_refused_by_path(body: object, issue: str) -> None:
    assert issues_of(shapes.UPDATE_METADATA, body)[0] == issue


def test_the_old_update_takes_numbers_and_booleans_as_tags() -> None:
    body = {"filters": [], "tags": {"a": 1, "b": True, "c": None, "d": "x"}}

    assert read(shapes.UPDATE_TAGS, body) == body
