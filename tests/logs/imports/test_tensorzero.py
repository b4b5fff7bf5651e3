"""TensorZero's rows, after the data model of its gateway."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logwright.logs.imports.pages import Ask, Page
from logwright.logs.imports.tensorzero import reader

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

# The first 48 bits are milliseconds: 0x018f341e9c00 is 2024-05-01T12:26:12.352Z.
INFERENCE_ID = "018f341e-9c00-7000-8000-000000000001"
INFERENCE: dict[str, Any] = {
    "id": INFERENCE_ID,
    "function_name": "draft_reply",
    "variant_name": "gpt",
    "episode_id": "018f341e-9c00-7000-8000-0000000000ee",
    "input": json.dumps(
        {
            "system": "Be brief.",
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Find it"}]},
                {
                    "role": "assistant",
                    "content": [{"type": "tool_call", "id": "c1", "name": "find", "arguments": '{"a":1}'}],
                },
                {"role": "user", "content": [{"type": "tool_result", "id": "c1", "name": "find", "result": "42"}]},
            ],
        }
    ),
    "output": '[{"type":"thought","text":"hm"},{"type":"text","text":"It is 42."}]',
    "tool_params": '{"tools_available":[{"name":"find","parameters":{},"strict":false}],"tool_choice":"auto"}',
    "inference_params": '{"chat_completion":{"temperature":0.5,"seed":null}}',
    "processing_time_ms": 750,
    "timestamp": "2024-05-01 12:26:12",
    "tags": {"user_id": "123"},
    "extra_body": "[]",
}
MODEL_INFERENCE: dict[str, Any] = {
    "id": "018f341e-9c00-7000-8000-000000000002",
    "inference_id": INFERENCE_ID,
    "raw_request": '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Find it"}]}',
    "raw_response": '{"id":"chatcmpl-1","object":"chat.completion","choices":[]}',
    "model_name": "gpt-4o-mini",
    "model_provider_name": "openai",
    "input_tokens": 30,
    "output_tokens": 8,
    "response_time_ms": 700,
    "ttft_ms": None,
    "cached": False,
    "timestamp": "2024-05-01 12:26:12",
}


def test_an_inference_alone_is_a_chat_in_openais_form(read: Reading) -> None:
    (log,) = read(reader, INFERENCE)
    assert (log.id, log.prompt, log.latency) == (INFERENCE_ID, "draft_reply", 0.75)
    assert log.requested_at == datetime(2024, 5, 1, 12, 26, 12, 352000, tzinfo=UTC)
    assert log.tags == {"user_id": "123", "variant": "gpt"}
    assert log.session_id == INFERENCE["episode_id"]
    asked = json.loads(bytes(log.request))
    assert [message["role"] for message in asked["messages"]] == ["system", "user", "assistant", "tool"]
    assert asked["messages"][2]["tool_calls"][0]["function"] == {"name": "find", "arguments": '{"a":1}'}
    assert asked["messages"][3] == {"role": "tool", "tool_call_id": "c1", "content": "42"}
    assert (asked["temperature"], asked["tools"][0]["function"]["name"], asked["tool_choice"]) == (0.5, "find", "auto")
    message = json.loads(bytes(log.response))["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("It is 42.", "hm")


def test_a_model_inference_lends_its_inference_the_exact_bodies(read: Reading) -> None:
    (log,) = read(reader, MODEL_INFERENCE, INFERENCE)
    assert json.loads(bytes(log.request))["model"] == "gpt-4o-mini"
    assert json.loads(bytes(log.response))["id"] == "chatcmpl-1"
    assert (log.upstream_model, log.provider, log.input_tokens, log.output_tokens) == ("gpt-4o-mini", "openai", 30, 8)
    assert log.details["model_inference_id"] == MODEL_INFERENCE["id"]
    assert log.details["input"]["system"] == "Be brief."


def test_several_model_inferences_are_calls_below_their_inference(read: Reading) -> None:
    second = {**MODEL_INFERENCE, "id": "018f341e-9c00-7000-8000-000000000003", "ttft_ms": 100}
    logs = read(reader, MODEL_INFERENCE, second, INFERENCE)
    assert [log.parent_span_id for log in logs] == ["", INFERENCE_ID, INFERENCE_ID]
    assert (logs[2].ttft, logs[2].stream, logs[2].session_id) == (0.1, True, INFERENCE["episode_id"])


def test_a_json_inference_and_one_from_the_api(read: Reading) -> None:
    row = {**INFERENCE, "output": '{"raw":"{\\"a\\":1}","parsed":{"a":1}}'}
    (log,) = read(reader, row)
    assert json.loads(bytes(log.response))["choices"][0]["message"]["content"] == '{"a":1}'
    assert log.details["output"] == {"raw": '{"a":1}', "parsed": {"a": 1}}
    given = {**INFERENCE, "input": json.loads(INFERENCE["input"]), "output": json.loads(INFERENCE["output"])}
    given["inference_id"] = given.pop("id")
    (listed,) = read(reader, {"type": "chat", **given})
    assert bytes(listed.request) == bytes(read(reader, INFERENCE)[0].request)


def test_a_call_without_its_inference_is_kept(read: Reading) -> None:
    (log,) = read(reader, MODEL_INFERENCE)
    assert (log.id, log.parent_span_id) == (MODEL_INFERENCE["id"], INFERENCE_ID)


def test_what_is_no_row_is_refused(refusals: Callable[..., list[tuple[int, str, str]]]) -> None:
    assert refusals(reader, {"id": "x"})[0][2] == "$"


def test_the_api_is_walked_by_offset() -> None:
    pager = reader.pager
    assert pager is not None
    walk = pager.walk(pager.first("http://localhost:3000", "2024-01-01T00:00:00Z"))
    first = next(walk)
    assert isinstance(first, Ask)
    assert (first.method, first.url) == ("POST", "http://localhost:3000/v1/inferences/list_inferences")
    page = walk.send({"inferences": [{"inference_id": "x"}] * 100})
    assert isinstance(page, Page)
    assert page.next is not None
    assert page.next.body is not None
    assert page.next.body["offset"] == 100
    next(walk)
    last = walk.send({"inferences": []})
    assert last == Page([], None)
