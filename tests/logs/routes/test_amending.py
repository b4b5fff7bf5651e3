"""The routes that amend a log: what is named is set, what is wrong is named, what was there is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.logs.conftest import Room


def test_a_correction_stands_beside_what_was_answered(room: Room) -> None:
    log = room.record(response=b'{"choices":[{"message":{"content":"Wrong."}}]}', response_form="json")
    better = {"choices": [{"message": {"content": "Right."}}]}
    reply = room.call("PATCH", f"/logs/{log.id}", json={"response": better, "tags": {"reviewed": True}})
    assert reply.status_code == 200
    assert reply.json()["response"] == better
    assert room.found("response:right tag.reviewed:true has:amended") == [log.id]
    assert room.found("response:wrong") == []
    (made,) = room.get(f"/logs/{log.id}/amendments")["data"]
    assert "Wrong." in made["before"]["response"]
    assert "Right." in made["after"]["response"]
    assert made["by"].startswith("key_")


def test_what_is_left_out_is_kept_and_null_clears(room: Room) -> None:
    log = room.record(details=b'{"a":1,"b":2}', told={"input_tokens": 3, "output_tokens": 4})
    reply = room.call("PATCH", f"/logs/{log.id}", json={"details": {"a": None}, "output_tokens": None}).json()
    assert (reply["details"], reply["input_tokens"], reply["output_tokens"]) == ({"b": 2}, 3, None)
    assert (reply["total_tokens"], reply["model"]) == (3, log.model)


def test_a_log_can_be_moved_to_the_time_of_its_call(room: Room) -> None:
    log = room.record()
    reply = room.call("PATCH", f"/logs/{log.id}", json={"requested_at": "2025-12-31T23:59:59+01:00"})
    assert reply.json()["requested_at"] == "2025-12-31T22:59:59Z"
    assert room.found("time:2025-12-31") == [log.id]
    assert room.get(f"/logs/{log.id}")["id"] == log.id


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"id": "log_2"}, "id"),
        ({"input_tokens": -1}, "input_tokens"),
        ({"cost": "much"}, "cost"),
        ({"model": None}, "model"),
        ({"requested_at": "2026-01-01"}, "requested_at"),
        ({"tags": {"a": [1]}}, "tags"),
    ],
)
def test_what_cannot_be_set_is_named(room: Room, body: dict[str, Any], named: str) -> None:
    log = room.record()
    reply = room.call("PATCH", f"/logs/{log.id}", json=body)
    assert reply.status_code == 400
    assert named in reply.text
    assert room.get(f"/logs/{log.id}/amendments") == {"data": []}


def test_foreign_and_unknown_logs_answer_alike(room: Room) -> None:
    log = room.record()
    other = room.app.project()
    for key, log_id in ((other.key, log.id), (room.project.key, "log_unknown")):
        assert room.call("PATCH", f"/logs/{log_id}", json={"model": "x"}, key=key).status_code == 404
        assert room.call("GET", f"/logs/{log_id}/amendments", key=key).status_code == 404
