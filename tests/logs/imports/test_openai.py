"""OpenAI's objects, after its API reference: stored completions, the files of a batch, fine-tuning rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logwright.logs.imports.openai import reader
from logwright.logs.imports.pages import Ask, Page

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

STORED = {
    "object": "chat.completion",
    "id": "chatcmpl-1",
    "model": "gpt-4o",
    "created": 1714564800,
    "request_id": "req_1",
    "tool_choice": None,
    "temperature": 0.5,
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "metadata": {"env": "prod"},
}
MESSAGE = {"id": "chatcmpl-1-0", "role": "user", "content": "Hi", "name": None}


def test_a_stored_completion_with_its_messages_is_a_call(read: Reading) -> None:
    (log,) = read(reader, {**STORED, "messages": [MESSAGE]})
    assert (log.id, log.kind, log.model, log.status) == ("chatcmpl-1", "chat_completion", "gpt-4o", 200)
    assert log.requested_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert json.loads(bytes(log.request)) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.5,
    }
    answer = json.loads(bytes(log.response))
    assert answer["usage"]["total_tokens"] == 5
    assert "temperature" not in answer
    assert (log.tags, log.details) == ({"env": "prod"}, {"request_id": "req_1"})


def test_the_two_files_of_a_batch_are_put_together_in_any_order(read: Reading) -> None:
    asked = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": []}}
    reply = {
        "id": "b1",
        "custom_id": "a",
        "response": {"status_code": 200, "request_id": "r", "body": STORED},
        "error": None,
    }
    for rows in ([asked, reply], [reply, asked]):
        (log,) = read(reader, *rows)
        assert (log.id, log.status, log.kind) == ("b1", 200, "chat_completion")
        assert json.loads(bytes(log.request)) == {"model": "m", "messages": []}
        assert json.loads(bytes(log.response))["id"] == "chatcmpl-1"
        assert log.tags == {"custom_id": "a"}


def test_an_answer_without_its_question_is_a_call_and_a_question_without_its_answer_is_none(
    read: Reading, refusals: Callable[..., list[tuple[int, str, str]]]
) -> None:
    failed = {"id": "b2", "custom_id": "z", "response": None, "error": {"code": "batch_expired", "message": "Too late"}}
    (log,) = read(reader, failed)
    assert (log.error, bytes(log.request)) == ("Too late", b"")
    ((number, words, path),) = refusals(reader, {"custom_id": "q", "body": {}})
    assert (number, path) == (1, "$.custom_id")
    assert "output file" in words


def test_a_row_for_fine_tuning_is_a_conversation(read: Reading) -> None:
    (log,) = read(reader, {"messages": [MESSAGE], "parallel_tool_calls": False})
    assert json.loads(bytes(log.messages)) == [MESSAGE]
    assert log.details == {"parallel_tool_calls": False}


def test_the_api_is_walked_oldest_first_with_the_messages_of_each() -> None:
    pager = reader.pager
    assert pager is not None
    walk = pager.walk(pager.first("https://api.openai.com", ""))
    ask = next(walk)
    assert isinstance(ask, Ask)
    assert (ask.url, ask.params) == ("https://api.openai.com/v1/chat/completions", {"order": "asc", "limit": "100"})
    inner = walk.send({"data": [STORED], "has_more": True})
    assert isinstance(inner, Ask)
    assert inner.url == "https://api.openai.com/v1/chat/completions/chatcmpl-1/messages"
    page = walk.send({"data": [MESSAGE]})
    assert isinstance(page, Page)
    assert json.loads(page.items[0])["messages"] == [MESSAGE]
    assert page.next is not None
    assert page.next.params["after"] == "chatcmpl-1"
    assert next(walk) == page.next
    last = walk.send({"data": [], "has_more": False})
    assert last == Page([], None)
