"""Taking in: what is new is durable, what was there is said to be, and a trial takes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from logwright.errors import Unavailable
from logwright.logs.imports.base import Item
from logwright.logs.imports.openpipe import reader
from logwright.logs.imports.take import Result, prepare, take
from logwright.logs.recorder import Recorder
from logwright.testing.application import Application

if TYPE_CHECKING:
    from tests.logs.conftest import Room

AT = 1_714_564_800_000_000


def lines(*ids: str) -> list[Item]:
    rows = [{"input": {"model": "m", "messages": []}, "output": {"id": name, "created": 1714564800}} for name in ids]
    return [Item(number, json.dumps(row).encode()) for number, row in enumerate(rows, start=1)]


def taken(room: Room, items: list[Item], *, dry_run: bool = False) -> list[Result]:
    made = prepare(reader, items, form="openpipe", project_id=room.project.id, key_id="key", at=AT)
    services = room.app.services
    return room.app.run(take(room.store, services.recorder, room.project.id, made, dry_run=dry_run))


def test_a_line_is_taken_once(room: Room) -> None:
    first = taken(room, lines("a", "b", "a"))
    assert [result.status for result in first] == ["taken", "taken", "duplicate"]
    again = taken(room, [*lines("b", "c"), Item(3, b"{}")])
    assert [(result.line, result.status) for result in again] == [(1, "duplicate"), (2, "taken"), (3, "error")]
    assert again[0].id == first[1].id
    assert sorted(room.found()) == sorted({result.id for result in [*first, *again]} - {""})
    log = room.get(f"/logs/{first[0].id}")
    assert (log["source"], log["key_id"], log["details"]) == (
        "import",
        "key",
        {"origin": {"format": "openpipe", "id": "a"}},
    )


def test_a_trial_takes_nothing(room: Room) -> None:
    assert [result.status for result in taken(room, lines("a", "b"), dry_run=True)] == ["taken", "taken"]
    assert room.found() == []


def test_nothing_is_taken_while_nothing_can_be_recorded(room: Room) -> None:
    class Full:
        def append(self, payload: bytes, done: object) -> int:
            raise AssertionError(payload, done)

        async def record(self, payload: bytes) -> int:
            raise AssertionError(payload)

        def refusal(self) -> str | None:
            return "The disk is full."

    made = prepare(reader, lines("a"), form="openpipe", project_id=room.project.id, key_id="key", at=AT)
    with pytest.raises(Unavailable, match="disk is full"):
        room.app.run(take(room.store, Recorder(Full()), room.project.id, made))


def test_the_same_line_in_two_projects_is_two_logs(room: Room, application: Application) -> None:
    (one,) = taken(room, lines("a"))
    other = type(room)(app=application, project=application.project())
    (two,) = taken(other, lines("a"))
    assert (two.status, two.id != one.id) == ("taken", True)
