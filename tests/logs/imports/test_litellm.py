"""LiteLLM's spend logs and logging payloads, after its schema and its logging specification."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logwright.logs.imports.litellm import reader
from logwright.logs.imports.pages import Ask, Page

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

SPEND: dict[str, Any] = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    "spend": 0.000425,
    "total_tokens": 15,
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "startTime": "2024-05-01T12:00:00Z",
    "endTime": "2024-05-01T12:00:02Z",
    "model": "openai/gpt-4o-mini",
    "model_group": "gpt-4o-mini",
    "custom_llm_provider": "openai",
    "user": "u1",
    "team_id": "team",
    "end_user": "e1",
    "metadata": {
        "user_api_key": "88dc",
        "user_api_key_alias": "laptop",
        "status": "success",
        "spend_logs_metadata": {"job": 7},
    },
    "cache_hit": "True",
    "request_tags": ["prod"],
    "messages": [{"role": "user", "content": "Hi"}],
    "response": {"id": "chatcmpl-1", "object": "chat.completion", "choices": []},
    "session_id": "s1",
    "requester_ip_address": "10.0.0.1",
}


def test_a_row_of_the_spend_logs_is_a_call(read: Reading) -> None:
    (log,) = read(reader, SPEND)
    assert (log.id, log.kind, log.model, log.upstream_model) == (
        "chatcmpl-1",
        "chat_completion",
        "gpt-4o-mini",
        "openai/gpt-4o-mini",
    )
    assert log.received_at == datetime(2024, 5, 1, 12, 0, 2, tzinfo=UTC)
    assert (log.cost, log.input_tokens, log.output_tokens, log.status, log.cache) == (0.000425, 10, 5, 200, "hit")
    assert json.loads(bytes(log.request))["messages"] == [{"role": "user", "content": "Hi"}]
    assert log.tags == {"job": 7, "user": "u1", "end_user": "e1", "team": "team", "key": "laptop", "prod": "true"}
    assert log.details["requester_ip_address"] == "10.0.0.1"
    assert "88dc" not in json.dumps(log.details)


def test_a_row_of_the_csv_is_read_from_its_texts(read: Reading) -> None:
    row = {name: value if isinstance(value, str) else json.dumps(value) for name, value in SPEND.items()}
    (log,) = read(reader, {**row, "startTime": "2024-05-01 12:00:00.000", "response": "{}"})
    assert (log.cost, log.tags["prod"], bytes(log.response)) == (0.000425, "true", b"")


def test_a_logging_payload_is_a_call(read: Reading) -> None:
    payload = {
        "id": "p1",
        "trace_id": "t1",
        "call_type": "completion",
        "response_cost": 0.5,
        "status": "failure",
        "startTime": 1714564800.25,
        "endTime": 1714564801.25,
        "completionStartTime": 1714564800.75,
        "stream": True,
        "model": "claude-3-5-sonnet",
        "messages": [{"role": "user", "content": "Hi"}],
        "model_parameters": {"temperature": 1},
        "response": None,
        "error_str": "Overloaded",
        "error_information": {"error_code": "529", "error_class": "InternalServerError"},
        "hidden_params": {"api_base": "https://api.anthropic.com"},
    }
    for item in (payload, {"standard_logging_object": payload}):
        (log,) = read(reader, item)
        assert (log.status, log.error, log.trace_id, log.cost, log.stream) == (529, "Overloaded", "t1", 0.5, True)
        assert log.first_byte_at == datetime(2024, 5, 1, 12, 0, 0, 750000, tzinfo=UTC)
        assert json.loads(bytes(log.request))["temperature"] == 1


def test_other_calls_keep_the_bodies_they_had(read: Reading) -> None:
    asked = {"model": "text-embedding-3-small", "input": "words"}
    row = {**SPEND, "call_type": "aembedding", "proxy_server_request": {"body": asked}, "response": {"object": "list"}}
    (log,) = read(reader, row)
    assert (log.kind, json.loads(bytes(log.request))) == ("embedding", asked)


def test_what_is_no_row_is_refused(refusals: Callable[..., list[tuple[int, str, str]]]) -> None:
    assert refusals(reader, {"id": "x"})[0][2] == "$"


def test_the_api_is_walked_by_page_or_read_whole() -> None:
    pager = reader.pager
    assert pager is not None
    walk = pager.walk(pager.first("http://proxy.example:4000", ""))
    first = next(walk)
    assert isinstance(first, Ask)
    assert first.url == "http://proxy.example:4000/spend/logs/v2"
    page = walk.send({"data": [SPEND], "page": 1, "total_pages": 2})
    assert isinstance(page, Page)
    assert page.next is not None
    assert page.next.params["page"] == "2"
    next(walk)
    assert walk.send({"data": [SPEND], "page": 2, "total_pages": 2}) == Page(
        [json.dumps(SPEND, separators=(",", ":")).encode()], None
    )
    whole = pager.walk(pager.first("http://proxy.example:4000/spend/logs", ""))
    next(whole)
    page = whole.send([SPEND])
    assert isinstance(page, Page)
    assert page.next is None
