"""The route that writes a file: its name, its kind, its rows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from logwright.projects.audit import entries

if TYPE_CHECKING:
    from tests.logs.conftest import Room


@pytest.mark.parametrize(
    ("form", "kind", "suffix"),
    [
        ("jsonl", "application/jsonl", "jsonl"),
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("parquet", "application/vnd.apache.parquet", "parquet"),
        ("openai-sft", "application/jsonl", "jsonl"),
    ],
)
def test_a_file_has_a_name_and_a_kind(room: Room, form: str, kind: str, suffix: str) -> None:
    room.record()
    reply = room.call("GET", "/logs/export", params={"format": form})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == kind
    assert re.fullmatch(
        rf'attachment; filename="logs-project-\d+-\d{{4}}-\d\d-\d\d\.{suffix}"', reply.headers["content-disposition"]
    )
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.content


def test_the_query_and_the_choices_count(room: Room) -> None:
    room.records(2, model="a", request={"n": 1}, response={"a": 1})
    room.record(model="a", request={"n": 2}, status=500, response={"a": 1})
    room.record(model="b", request={"n": 3}, response={"a": 1})
    reply = room.call("GET", "/logs/export", params={"q": "model:a", "remove_duplicates": True, "exclude_errors": True})
    assert [json.loads(line)["input"] for line in reply.text.splitlines()] == [{"n": 1}]


def test_a_reading_key_may_export_and_a_foreign_one_gets_nothing(room: Room) -> None:
    room.record()
    assert room.call("GET", "/logs/export", key=room.project.read_key).text.count("\n") == 1
    other = room.app.project()
    assert room.call("GET", "/logs/export", key=other.key).text == ""
    assert room.app.call("GET", "/api/manage/logs/export").status_code == 401


def test_an_export_is_in_the_audit_trail(room: Room) -> None:
    room.call("GET", "/logs/export", params={"q": "model:x"}, key=room.project.read_key)
    last = list(entries(room.app.services.database, after=0, limit=10_000))[-1]
    assert (last.action, last.project_id, last.result) == ("logs.export", room.project.id, "jsonl")


@pytest.mark.parametrize("params", [{"format": "xml"}, {"sample": 0}, {"q": "modle:x"}])
def test_what_is_wrong_is_refused_before_the_file_begins(room: Room, params: dict[str, str]) -> None:
    reply = room.call("GET", "/logs/export", params=params)
    assert reply.status_code == 400
    assert "content-disposition" not in reply.headers
