"""Logs of a dump become the same logs again, once, with the history of their amendments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from logwright.errors import Unavailable
from logwright.logs.dump import rows
from logwright.logs.dump.restoring import restore
from logwright.logs.recorder import Recorder
from logwright.testing.application import Application

if TYPE_CHECKING:
    from tests.logs.conftest import Room


def dumped(room: Room, log_id: str) -> bytes:
    async def work() -> bytes:
        log = await room.store.get(room.project.id, log_id)
        assert log is not None
        return rows.line(log, await room.store.amendments(room.project.id, log_id))

    return room.app.run(work())


def restored(room: Room, *lines: bytes) -> int:
    async def work() -> int:
        return await restore(room.store, room.app.services.recorder, [rows.read(line) for line in lines])

    return room.app.run(work())


def test_a_deleted_log_comes_back_as_it_was_with_its_history(room: Room) -> None:
    record = room.record(tags={"env": "dev"}, idempotency_key="once")
    changes: dict[str, Any] = {"status": 503, "tags": {"env": "prod", "a": "b"}, "cost": 0.25}
    room.app.run(room.store.amend(room.project.id, record.id, changes, by="somebody"))
    line = dumped(room, record.id)
    assert room.call("DELETE", "/logs", params={"id": record.id}).json() == {"deleted": 1}
    assert restored(room, line) == 1
    assert dumped(room, record.id) == line
    assert b'"by":"somebody"' in line
    assert restored(room, line) == 0
    assert dumped(room, record.id) == line
    assert room.found() == [record.id]


def test_a_history_that_is_missing_is_put_in_place_though_the_log_is_there(room: Room) -> None:
    record = room.record()
    room.app.run(room.store.amend(room.project.id, record.id, {"status": 503}, by="somebody"))
    line = dumped(room, record.id)
    room.call("DELETE", "/logs", params={"id": record.id})
    without = rows.line(room.app.run(_log(room, line)))
    assert restored(room, without) == 1
    assert b"somebody" not in dumped(room, record.id)
    assert restored(room, line) == 0
    assert dumped(room, record.id) == line


async def _log(room: Room, line: bytes) -> Any:
    await restore(room.store, room.app.services.recorder, [rows.read(line)._replace(amendments=())])
    log = await room.store.get(room.project.id, rows.read(line).record.id)
    await room.store.delete(room.project.id, _by_id(log.id if log else ""))
    return log


def _by_id(log_id: str) -> Any:
    from logwright.logs.types import Clause, LogQuery

    return LogQuery(clauses=(Clause(field="id", operator="=", values=(log_id,)),))


def test_logs_of_several_projects_go_where_they_belong(room: Room, application: Application) -> None:
    other = type(room)(app=application, project=application.project())
    mine, theirs = room.record(), other.record()
    lines = dumped(room, mine.id), dumped(other, theirs.id)
    room.call("DELETE", "/logs", params={"id": mine.id})
    other.call("DELETE", "/logs", params={"id": theirs.id})
    assert restored(room, *lines) == 2
    assert (room.found(), other.found()) == ([mine.id], [theirs.id])


def test_nothing_is_restored_while_nothing_can_be_recorded(room: Room) -> None:
    class Full:
        def append(self, payload: bytes, done: object) -> int:
            raise AssertionError(payload, done)

        async def record(self, payload: bytes) -> int:
            raise AssertionError(payload)

        def refusal(self) -> str | None:
            return "The disk is full."

    with pytest.raises(Unavailable, match="disk is full"):
        room.app.run(restore(room.store, Recorder(Full()), []))
