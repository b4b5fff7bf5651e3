"""A log as a line of a dump and back: every column as it was, bodies byte for byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.dump.rows import DUMPED, OWN, line, read
from logwright.logs.normalise import normalise
from logwright.logs.row import COLUMNS, LogRow
from logwright.logs.types import Amendment, Log
from logwright.models.prices import Pricer

NOON = datetime(2024, 5, 1, 12, 0, 0, 123457, tzinfo=UTC)


def a_log(**given: Any) -> Log:
    """Make a log of which every column holds something of its own."""
    filled: dict[str, Any] = {
        "id": "log_x",
        "project_id": "prj_x",
        "requested_at": NOON,
        "received_at": None,
        "source": "gateway",
        "kind": "chat_completion",
        "provider": "p",
        "provider_kind": "openai",
        "model": "m",
        "upstream_model": "um",
        "completion_id": "c",
        "status": 200,
        "error_kind": "",
        "error_message": "é\n",
        "stream": True,
        "latency": 0.1 + 0.2,
        "ttft": None,
        "input_tokens": 1,
        "output_tokens": None,
        "cached_tokens": 0,
        "reasoning_tokens": 3,
        "total_tokens": 4,
        "cost": 1e-9,
        "price_version": "v",
        "cache": "hit",
        "key_id": "key_x",
        "parent_id": "log_p",
        "fallback_index": 2,
        "tags": {"b": "1", "a": ""},
        "request_preview": "not what the body would give",
        "response_preview": "",
        "truncated": True,
        "request": '{"a": 1.0, "b":[ ]}',
        "response": '"text"',
        "details": "",
        "blobs": ["ab" * 32],
        "prompt_id": "pr_x",
        "version_id": "prv_x",
        "trace_id": "t",
        "span_id": "s",
        "session_id": "se",
        "input_cost": 0.5,
        "output_cost": None,
        "retries": 1,
        "amended_at": NOON,
        "idempotency_key": "once",
    }
    return Log(**{**filled, **given})


def again(log: Log) -> LogRow:
    return normalise(read(line(log)).record, Pricer({}), producer="w9", sequence=7)  # type: ignore[arg-type]  # unused


def test_every_column_but_its_origin_is_in_a_line() -> None:
    assert {*DUMPED, *OWN} == {*COLUMNS}
    told = json.loads(line(a_log()))
    assert set(told) - {"amendments"} <= set(DUMPED)
    assert (told["requested_at"], told["request"]) == ("2024-05-01T12:00:00.123457Z", {"a": 1.0, "b": []})


def test_a_log_comes_back_column_for_column() -> None:
    log = a_log()
    row = again(log)
    for name in DUMPED:
        value = getattr(log, name)
        assert getattr(row, name) == (to_micros(value) if isinstance(value, datetime) else value), name
    assert (row.producer, row.sequence) == ("w9", 7)


@pytest.mark.parametrize(
    "body",
    ['{"a":\n1}', '{"a":"\\ud800"}', "[" * 3000 + "]" * 3000, ' {"a":1}', '{"a":1,"a":2}', '"\\u0000"', "1e400", ""],
)
def test_bodies_come_back_byte_for_byte(body: str) -> None:
    written = line(a_log(request=body, response=body, details=body))
    assert written.count(b"\n") == 1
    row = again(a_log(request=body, response=body, details=body))
    assert (row.request, row.response, row.details) == (body, body, body)


def test_amendments_travel_with_their_log() -> None:
    made = [Amendment(at=NOON, by="key_x", before={"status": None}, after={"status": 200})]
    assert read(line(a_log(), made)).amendments == made


@pytest.mark.parametrize("text", [b"{", b"{}", b'{"id":5}', b"[]"])
def test_what_is_no_line_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidRequest, match="no line of a dump"):
        read(text)


def test_a_column_that_is_not_known_is_refused() -> None:
    told = {**json.loads(line(a_log())), "invented": 1}
    with pytest.raises(InvalidRequest, match="invented"):
        read(msgspec.json.encode(told))
