"""CSV that a spreadsheet does not obey, Parquet that reads back, and rows that OpenAI's fine-tuning takes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from logwright.logs.export import Writer
from logwright.logs.export_rows import COLUMNS, Csv, OpenAiSft, Parquet
from logwright.logs.types import Log
from logwright.testing.factories import START, a_completion, a_log


def whole(writer: Writer, *batches: list[Log]) -> bytes:
    return b"".join([writer.head(), *(writer.body(writer.rows(batch)) for batch in batches), writer.tail()])


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_a_csv_reads_back() -> None:
    log = a_log(
        requested_at=START,
        model='comma, "quote" and\nbreak',
        tags={"env": "dev", "é": "x"},
        stream=True,
        cost=None,
        latency=1.25,
        request='{"a": "b,c"}',
    )
    (row,) = read(whole(Csv(), [log]))
    assert list(row) == list(COLUMNS)
    assert row["model"] == 'comma, "quote" and\nbreak'
    assert row["requested_at"] == "2026-01-01T12:00:00Z"
    assert json.loads(row["tags"]) == {"env": "dev", "é": "x"}
    assert (row["stream"], row["cost"], row["latency"], row["request"]) == ("true", "", "1.25", '{"a": "b,c"}')


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_is_given_no_formula(start: str) -> None:
    log = a_log(error_message=f"{start}HYPERLINK(1)", model=f"{start}1", response=f"{start}x")
    (row,) = read(whole(Csv(), [log]))
    assert row["error_message"] == f"'{start}HYPERLINK(1)"
    assert (row["model"], row["response"]) == (f"'{start}1", f"'{start}x")


def test_parquet_reads_back_with_its_types() -> None:
    logs = [
        a_log(requested_at=START, model="a", cost=None, tags={"n": str(number)}, total_tokens=None if number % 2 else 7)
        for number in range(25)
    ]
    table = pq.read_table(io.BytesIO(whole(Parquet(), logs[:10], logs[10:])))
    assert table.column_names == list(COLUMNS)
    assert table.num_rows == 25
    rows = table.to_pylist()
    assert rows[0]["requested_at"] == START
    assert (rows[0]["cost"], rows[0]["total_tokens"], rows[1]["total_tokens"]) == (None, 7, None)
    assert json.loads(rows[3]["tags"]) == {"n": "3"}
    assert rows[0]["request"] == logs[0].request
    assert rows[0]["stream"] is False


def test_parquet_is_written_in_groups_as_it_grows() -> None:
    writer = Parquet()
    assert writer.head() == b"PAR1"
    logs = [a_log(request=json.dumps("x" * 10_000))] * 500
    first = writer.body(writer.rows(logs))
    second = writer.body(writer.rows(logs))
    assert first == b""
    assert len(second) > 1000
    writer.tail()


def sft(**given: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in whole(OpenAiSft(), [a_log(**given)]).splitlines()]


def test_a_chat_becomes_a_row_with_its_answer_last() -> None:
    request: dict[str, Any] = {
        "model": "gpt-4o",
        "temperature": 0.5,
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tool_choice": "auto",
        "response_format": None,
    }
    (row,) = sft(request=request, response=a_completion("Hello!"))
    assert row == {
        "messages": [*request["messages"], {"role": "assistant", "content": "Hello!"}],
        "tools": request["tools"],
        "tool_choice": "auto",
    }


def test_tool_calls_are_an_answer() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    (row,) = sft(response=a_completion(choices=[{"index": 0, "message": message, "finish_reason": "tool_calls"}]))
    assert row["messages"][-1] == {"role": "assistant", "tool_calls": calls}


def test_a_call_in_anthropics_form_has_a_row_in_openais() -> None:
    (row,) = sft(
        kind="messages",
        request={
            "model": "claude",
            "max_tokens": 9,
            "system": "Be kind.",
            "messages": [{"role": "user", "content": "Hi"}],
        },
        response={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "Hello!"}],
        },
    )
    assert row["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
    ]


def test_a_chat_without_messages_begins_with_its_answer() -> None:
    (row,) = sft(request={"messages": []}, response=a_completion("Hello!"))
    assert row["messages"] == [{"role": "assistant", "content": "Hello!"}]


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "embedding"},
        {"kind": "messages", "request": "[1]", "response": '{"content": [1]}'},
        {"kind": "messages", "response": '{"type": "error", "error": {"message": "no"}}'},
        {"truncated": True},
        {"request": '"text"'},
        {"request": ""},
        {"request": '{"messages": "x"}'},
        {"request": '{"prompt": "x"}'},
        {"response": ""},
        {"response": '{"choices": []}'},
        {"response": '{"choices": [{"text": "x"}]}'},
        {"response": '{"choices": [{"message": {"role": "assistant", "content": null}}]}'},
        {"response": '{"error": {"message": "no"}}'},
    ],
)
def test_what_is_no_answered_chat_has_no_row(given: dict[str, Any]) -> None:
    assert sft(**given) == []
