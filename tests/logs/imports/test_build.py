"""An imported log as a record: the same line, the same record; told figures kept; conversations cut in two."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from logwright.ids import id_millis
from logwright.logs.imports.base import ImportedLog, Refused
from logwright.logs.imports.build import idempotency_key, record
from logwright.logs.record import LogRecord

AT = 1_714_564_800_000_000


def made(**fields: Any) -> LogRecord:
    return record(ImportedLog(**fields), form="openpipe", project_id="p", key_id="k", at=AT)


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def test_the_same_line_is_the_same_record() -> None:
    fields: dict[str, Any] = {
        "id": "c1",
        "requested_at": datetime(2024, 5, 1, 13, tzinfo=UTC),
        "model": "m",
        "response": raw({"id": "x"}),
    }
    one = made(**fields)
    assert one == made(**fields)
    assert (one.idempotency_key, one.source, one.requested_at) == ("import:openpipe:c1", "import", AT + 3_600_000_000)
    assert id_millis(one.id) == one.requested_at // 1000
    assert json.loads(one.details) == {"origin": {"format": "openpipe", "id": "c1"}}
    other = record(ImportedLog(**fields), form="openpipe", project_id="q", key_id="k", at=AT)
    assert other.id != one.id


def test_a_log_without_an_id_is_known_by_its_content() -> None:
    keys = {
        idempotency_key(ImportedLog(**fields), "jsonl")
        for fields in (
            {"request": raw(1)},
            {"request": raw(2)},
            {"request": raw(1), "requested_at": 5.0},
            {"id": "x" * 500},
        )
    }
    assert len(keys) == 4
    assert all(key.startswith("import:jsonl:#") and len(key) < 100 for key in keys)
    assert idempotency_key(ImportedLog(request=raw(1), cost=1.0), "jsonl") in keys  # what is told later changes nothing


def test_what_is_told_stands_and_a_time_is_lent() -> None:
    one = made(input_tokens=3, cost=0.5, latency=1.5, ttft=None, tags={"a": 1, "b": None, "c": True}, prompt="support")
    assert one.told == {"input_tokens": 3.0, "cost": 0.5, "latency": 1.5}
    assert one.tags == {"a": "1", "c": "true", "prompt": "support"}
    assert (one.requested_at, one.details) == (AT, b"")


def test_an_error_is_a_failure() -> None:
    one = made(error="No.", status=429, response=raw(None))
    assert (one.error_kind, one.error_message, one.response_form, one.response) == ("reported", "No.", "none", b"")


def test_a_conversation_is_cut_before_its_answer() -> None:
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    one = made(messages=raw(said), tools=raw([{"type": "function"}]), model="m")
    assert json.loads(one.request) == {"model": "m", "messages": said[:1], "tools": [{"type": "function"}]}
    assert json.loads(one.response)["choices"][0]["message"] == said[1]
    assert one.kind == "chat_completion"
    asked = made(messages=raw(said[:1]), tools=raw([]))
    assert json.loads(asked.request) == {"messages": said[:1]}
    assert asked.response == b""


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"messages": raw([])}, "$.messages"),
        ({"messages": raw([5])}, "$.messages"),
        ({"cost": -1.0}, "$.cost"),
        ({"latency": float("inf")}, "$.latency"),
        ({"received_at": -1.0}, "$.received_at"),
        ({"tags": {"": "x"}}, "$.tags"),
    ],
)
def test_what_cannot_be_is_refused_with_its_path(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refusal:
        made(**fields)
    assert refusal.value.error.path == path


def test_the_kind_is_told_by_the_bodies_that_can_be_read() -> None:
    assert made(request=raw({"prompt": "x"})).kind == "text_completion"
    assert made(request=msgspec.Raw(b'{"messages":["\\ud800"]}')).kind in {"unknown", "chat_completion"}
    assert made(kind="rerank").kind == "rerank"
