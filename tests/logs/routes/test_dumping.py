"""The routes that give out everything and take it in again: for the operator alone, in slices, whole."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2
    from tests.logs.conftest import Room

FAR = 2**53


def ask(room: Room, path: str, **params: Any) -> httpx2.Response:
    return room.call("GET", f"/dump/{path}", key=room.app.admin_key, params={"project": room.project.id, **params})


def send(room: Room, path: str, content: bytes) -> httpx2.Response:
    headers = {"content-type": "application/x-ndjson"}
    return room.call("POST", f"/dump/{path}", key=room.app.admin_key, content=content, headers=headers)


def test_slices_hold_every_log_once_newest_first_even_of_one_moment(room: Room) -> None:
    records = [room.record(requested_at=1_714_564_800_000_000 + (n // 3)) for n in range(7)]
    found: list[str] = []
    until, before = FAR, None
    while True:
        reply = ask(room, "logs", until=until, before=before, limit=2)
        lines = [json.loads(line) for line in reply.text.splitlines()]
        if not lines:
            break
        assert len(lines) <= 2
        found += [line["id"] for line in lines]
        moment = lines[-1]["requested_at"]
        until = 1_714_564_800_000_000 + (
            0 if "." not in moment else int(moment.rstrip("Z").split(".")[1].ljust(6, "0"))
        )
        before = found[-1]
    by_time = sorted(records, key=lambda record: (record.requested_at, record.id), reverse=True)
    assert found == [record.id for record in by_time]
    assert ask(room, "logs/count", until=FAR).json() == {"logs": 7}
    assert ask(room, "logs/count", until=1_714_564_800_000_000).json() == {"logs": 3}


def test_a_slice_ends_with_the_log_that_reaches_its_size(room: Room) -> None:
    room.records(3)
    assert len(ask(room, "logs", until=FAR, limit_bytes=1).text.splitlines()) == 1


def test_logs_come_back_by_their_lines(room: Room) -> None:
    (record,) = room.records(1, tags={"env": "dev"})
    lines = ask(room, "logs", until=FAR).content
    room.call("DELETE", "/logs", params={"id": record.id})
    assert send(room, "logs", lines).json() == {"taken": 1, "there": 0}
    assert send(room, "logs", lines).json() == {"taken": 0, "there": 1}
    assert ask(room, "logs", until=FAR).content == lines


def test_logs_of_a_project_that_is_not_here_are_refused(room: Room) -> None:
    room.record()
    line = json.loads(ask(room, "logs", until=FAR).text) | {"project_id": "prj_none"}
    reply = send(room, "logs", json.dumps(line).encode())
    assert (reply.status_code, "read the dump's tables first" in reply.text) == (400, True)
    assert send(room, "logs", b"{}\n" * 1001).status_code == 413
    assert send(room, "logs", b"{}").status_code == 400


def test_tables_are_given_and_taken(room: Room) -> None:
    given = ask(room, "tables")
    rows = [json.loads(line) for line in given.text.splitlines()]
    assert {"id": room.project.id, "name": room.project.name}.items() <= next(
        row["row"].items() for row in rows if row["table"] == "projects" and row["row"]["id"] == room.project.id
    )
    assert room.project.key not in given.text
    put = send(room, "tables", given.content).json()
    assert (put["inserted"], put["there"] > 0, put["renamed"]) == (0, True, {})
    assert send(room, "tables", b"{").status_code == 400


def test_media_are_given_and_taken_by_their_sum(room: Room) -> None:
    data = b"\x89PNG and more"
    digest = hashlib.sha256(data).hexdigest()
    assert send(room, f"blobs/{digest}", data).json() == {"digest": digest, "bytes": len(data)}
    assert ask(room, f"blobs/{digest}").content == data
    assert send(room, f"blobs/{digest}", b"other").status_code == 400
    assert ask(room, f"blobs/{'0' * 64}").status_code == 404
    assert ask(room, "blobs/not-a-digest").status_code == 404


@pytest.mark.parametrize("path", ["tables", "logs?until=5", "logs/count?until=5", f"blobs/{'0' * 64}"])
def test_a_projects_key_gets_nothing(room: Room, path: str) -> None:
    assert room.call("GET", f"/dump/{path}").status_code == 403
    if path.startswith(("tables", "blobs")):
        assert room.call("POST", f"/dump/{path}", content=b"").status_code == 403
