"""What the routes do beside the log store leaves its trace."""

from __future__ import annotations

from tests.faces.bifrost.conftest import Room

from logwright.projects.audit import entries


def test_a_deletion_is_in_the_audit_trail(room: Room) -> None:
    log_id = room.record()
    room.call("DELETE", key=room.project.key, json={"ids": [log_id, "log_none"]})

    lines = entries(room.app.services.database, after=0, limit=10_000)
    (line,) = (line for line in lines if (line.project_id, line.action) == (room.project.id, "logs.delete"))
    assert line.result == "deleted 1"
