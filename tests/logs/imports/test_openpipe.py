"""OpenPipe's rows, as its documentation of the export and of the report endpoint shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logwright.logs.imports.openpipe import reader

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading

ASKED = {"model": "openpipe:count", "messages": [{"role": "user", "content": "count to 3"}], "stream": True}
ANSWER = {"id": "c1", "object": "chat.completion", "created": 1702666036923, "model": "openpipe:count", "choices": []}


def test_a_row_of_the_export_is_a_call(read: Reading) -> None:
    raw = b'{"input": {"model":"openpipe:count","messages":[],"top_p":1.0},"output":{"id":"c1",'
    raw += b'"object":"chat.completion","created":1702666036923,"choices":[]},'
    raw += b'"tags":{"prompt_id":"count","$sdk":"python","n":1}}'
    (log,) = read(reader, raw)
    assert (log.id, log.model, log.kind) == ("c1", "openpipe:count", "chat_completion")
    assert log.requested_at == datetime(
        2023, 12, 15, 18, 47, 16, 923000, tzinfo=UTC
    )  # milliseconds, as the page has it
    assert bytes(log.request) == b'{"model":"openpipe:count","messages":[],"top_p":1.0}'
    assert log.tags == {"prompt_id": "count", "$sdk": "python", "n": 1}


def test_a_failed_row_says_why(read: Reading) -> None:
    row = {"input": ASKED, "output": {"error": {"message": "No such model"}}, "statusCode": 404, "durationMs": 12}
    (log,) = read(reader, row)
    assert (log.status, log.error, log.latency, log.stream) == (404, "No such model", 0.012, True)
    (older,) = read(reader, {"input": ASKED, "output": "upstream is away", "statusCode": 500, "cacheHit": True})
    assert (older.error, older.cache) == ("upstream is away", "hit")


def test_a_report_is_a_call(read: Reading) -> None:
    row = {
        "requestedAt": 1714564800000,
        "receivedAt": 1714564801000,
        "reqPayload": {**ASKED, "metadata": {"user": "u1"}},
        "respPayload": ANSWER,
        "statusCode": 200,
        "tags": {"env": "prod"},
    }
    (log,) = read(reader, row)
    assert log.requested_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert log.received_at == datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC)
    assert log.tags == {"user": "u1", "env": "prod"}


def test_a_row_for_fine_tuning_is_a_conversation(read: Reading) -> None:
    row = {"messages": ASKED["messages"], "tools": [], "split": "TRAIN", "rejected_message": {"content": "no"}}
    (log,) = read(reader, row)
    assert bytes(log.messages).startswith(b"[")
    assert log.tags == {"split": "TRAIN"}
    assert log.details == {"rejected_message": {"content": "no"}}


def test_what_is_no_row_is_refused(refusals: Callable[..., list[tuple[int, str, str]]]) -> None:
    found = refusals(reader, {"a": 1}, [], {"input": {}, "output": {}, "createdAt": "soon"})
    assert [path for _, _, path in found] == ["$", "$", "$.createdAt"]
