"""An export holds what was asked for, byte for byte, newest first."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from logwright.logs.export import KINDS, Choice, Format, JsonLines, export, spliced, writer_for
from logwright.logs.types import LogQuery
from logwright.testing.factories import a_log

if TYPE_CHECKING:
    from tests.logs.conftest import Room


def exported(room: Room, form: Format = "jsonl", query: LogQuery | None = None, **choice: Any) -> list[bytes]:
    async def gather() -> bytes:
        parts = export(room.store, room.project.id, query or LogQuery(), form, Choice(**choice))
        return b"".join([part async for part in parts])

    return room.app.run(gather()).splitlines()


def test_a_line_is_openpipes_row_with_the_bodies_as_they_were(room: Room) -> None:
    request = b'{"model":"openpipe:x",  "messages":[{"role":"user","content":"caf\\u00e9"}], "seed": 1.0}'
    response = b'{"id":"1","model":"openpipe:x","created":1702666185703}'
    room.record(request=request, response=response, tags={"promptId": "t", "$sdk": "python"})
    (line,) = exported(room)
    assert line == b'{"input":%b,"output":%b,"tags":{"promptId":"t","$sdk":"python"}}' % (request, response)


def test_the_newest_comes_first(room: Room) -> None:
    for number in range(3):
        room.record(request={"n": number})
    assert [json.loads(line)["input"]["n"] for line in exported(room)] == [2, 1, 0]


def test_errors_are_in_it_unless_excluded(room: Room) -> None:
    room.record(request={"n": 1})
    room.record(request={"n": 2}, status=500, error_kind="upstream_status", response={"error": {"message": "no"}})
    room.record(request={"n": 3}, status=None, error_kind="upstream_timeout", response="", response_form="none")
    room.record(request={"n": 4}, status=None, source="report")
    assert [json.loads(line)["input"]["n"] for line in exported(room)] == [4, 3, 2, 1]
    assert json.loads(exported(room)[1])["output"] is None
    assert [json.loads(line)["input"]["n"] for line in exported(room, exclude_errors=True)] == [4, 1]


def test_duplicates_go_and_the_newest_of_each_stays(room: Room) -> None:
    for number in (1, 2, 1, 1, 3):
        room.record(request={"n": number}, response={"a": 1})
    room.record(request={"n": 3}, response={"a": 1}, tags={"other": "tag"})
    assert [json.loads(line)["input"]["n"] for line in exported(room, remove_duplicates=True)] == [3, 3, 1, 2]


def test_a_sample_has_its_size_and_its_seed(room: Room) -> None:
    for number in range(40):
        room.record(request={"n": number})
    drawn = exported(room, sample=10, seed=7)
    assert len(drawn) == len(set(drawn)) == 10
    assert exported(room, sample=10, seed=7) == drawn
    assert exported(room, sample=10, seed=8) != drawn
    assert len(exported(room, sample=100)) == 40


def test_a_sample_prefers_nobody(room: Room) -> None:
    """Of 10 logs, 300 samples of 3 take each about 90 times; five standard deviations (40) are never seen."""
    for number in range(10):
        room.record(request={"n": number})
    taken = Counter(
        json.loads(line)["input"]["n"] for seed in range(300) for line in exported(room, sample=3, seed=seed)
    )
    assert len(taken) == 10
    assert all(50 < count < 130 for count in taken.values())


def test_line_breaks_between_tokens_do_not_break_the_line() -> None:
    log = a_log(request='{\n "a":\r\n 1}', response='"x\\ny"')
    (row,) = JsonLines().rows([log])
    assert row.count(b"\n") == 1
    assert json.loads(row)["input"] == {"a": 1}
    assert json.loads(row)["output"] == "x\ny"


def test_what_is_absent_is_null() -> None:
    assert spliced("") == b"null"


@pytest.mark.parametrize("form", KINDS)
def test_nothing_at_all_is_a_file_too(room: Room, form: Format) -> None:
    async def gather() -> bytes:
        return b"".join([part async for part in export(room.store, room.project.id, LogQuery(), form, Choice())])

    whole = room.app.run(gather())
    assert whole.startswith({"csv": b"id,requested_at", "parquet": b"PAR1"}.get(form, b""))
    assert type(writer_for(form)).__name__ in {"JsonLines", "Csv", "Parquet", "OpenAiSft"}
