"""The route that proves that no record is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.logs.conftest import Room

    from logwright.testing.application import Application


def test_every_record_is_accounted_for(application: Application, room: Room) -> None:
    room.records(3)
    reply = application.call("GET", "/api/manage/audit", key=application.admin_key)
    assert reply.status_code == 200
    told = reply.json()
    assert told["complete"] is True
    assert told["gaps"] == []
    assert told["present"] == told["stored"] - told["deleted"] >= 3
    (producer,) = [each for each in told["producers"] if each["producer"] == "test"]
    assert producer["last_sequence"] - producer["first_sequence"] + 1 == (
        producer["stored"] + producer["duplicates"] + producer["unreadable"] + producer["waiting"]
    )


def test_only_the_admin_may_ask(application: Application) -> None:
    project = application.project()
    assert application.call("GET", "/api/manage/audit", key=project.key).status_code == 403
    assert application.call("GET", "/api/manage/audit").status_code == 401
