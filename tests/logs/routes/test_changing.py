"""The routes that tag and delete: exactly the logs that were meant, and never all of them by an omission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from logwright.projects.audit import entries

if TYPE_CHECKING:
    from tests.logs.conftest import Room


def tagged(room: Room, log_id: str) -> dict[str, str]:
    tags: dict[str, str] = room.get(f"/logs/{log_id}")["tags"]
    return tags


def test_tags_are_set_and_removed_and_seen_at_once(room: Room) -> None:
    one = room.record(model="a", tags={"env": "dev", "keep": "x"})
    two = room.record(model="b", tags={"env": "dev"})
    reply = room.call(
        "POST", "/logs/tags", json={"q": "model:a", "tags": {"env": None, "n": 1, "f": 1.5, "b": True, "s": "t"}}
    )
    assert (reply.status_code, reply.json()) == (200, {"matched": 1})
    assert tagged(room, one.id) == {"keep": "x", "n": "1", "f": "1.5", "b": "true", "s": "t"}
    assert tagged(room, two.id) == {"env": "dev"}
    assert room.found("tag.b:true") == [one.id]
    assert room.found("tag.env:dev") == [two.id]


def test_logs_can_be_named_by_id_and_by_filter(room: Room) -> None:
    one, two, three = room.records(3)
    assert room.call("POST", "/logs/tags", json={"ids": [one.id, "gone"], "tags": {"a": "1"}}).json() == {"matched": 1}
    filters = [{"field": "metadata.a", "comparator": "!=", "value": "1"}]
    assert room.call("POST", "/logs/tags", json={"filters": filters, "tags": {"a": "2"}}).json() == {"matched": 2}
    assert [tagged(room, log.id) for log in (one, two, three)] == [{"a": "1"}, {"a": "2"}, {"a": "2"}]


def test_all_logs_are_meant_only_when_said(room: Room) -> None:
    room.records(2)
    assert room.call("POST", "/logs/tags", json={"q": "", "all": True, "tags": {"a": "1"}}).json() == {"matched": 2}
    assert room.call("POST", "/logs/tags", json={"all": True, "tags": {"a": "1"}}).json() == {"matched": 2}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"tags": {"a": "1"}}, "exactly one of q, filters and ids"),
        ({"q": "", "tags": {"a": "1"}}, "all=true"),
        ({"filters": [], "tags": {"a": "1"}}, "all=true"),
        ({"q": "x", "ids": ["a"], "tags": {"a": "1"}}, "exactly one"),
        ({"q": "modle:x", "tags": {"a": "1"}}, "did you mean model?"),
        ({"filters": [{"field": "modle", "equals": ""}], "tags": {"a": "1"}}, "'modle'"),
        ({"q": "x", "tags": {}}, "Input validation failed"),
        ({"q": "x", "tags": {"": "1"}}, "1 to 200 characters"),
        ({"q": "x", "tags": {"a": []}}, "Input validation failed"),
        ({"q": "x", "tags": {"a": "1"}, "qq": 1}, "Input validation failed"),
        ({"q": 5, "tags": {"a": "1"}}, "Input validation failed"),
    ],
)
def test_what_is_not_clear_changes_nothing(room: Room, body: dict[str, Any], words: str) -> None:
    record = room.record()
    reply = room.call("POST", "/logs/tags", json=body)
    assert reply.status_code == 400
    assert words in reply.json()["message"]
    assert tagged(room, record.id) == {}


def test_matches_are_deleted_for_good(room: Room) -> None:
    kept = room.record(model="a")
    room.records(2, model="b")
    assert room.call("DELETE", "/logs", params={"q": "model:b"}).json() == {"deleted": 2}
    assert room.found() == [kept.id]
    assert room.call("DELETE", "/logs", params={"id": kept.id}).json() == {"deleted": 1}
    assert room.found() == []


def test_a_deletion_is_in_the_audit_trail(room: Room) -> None:
    room.record(model="b")
    room.call("DELETE", "/logs", params={"q": "model:b"})
    last = list(entries(room.app.services.database, after=0, limit=10_000))[-1]
    assert (last.action, last.project_id, last.result) == ("logs.delete", room.project.id, "deleted 1")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "exactly one of q, filters and ids"),
        ({"q": ""}, "all=true"),
        ({"q": "  "}, "all=true"),
        ({"filters": "[]"}, "all=true"),
        ({"filters": '[{"field": "model", "comparator": "=", "value": ""}]'}, "all=true"),
        ({"q": "x", "id": "y"}, "exactly one"),
    ],
)
def test_nothing_is_deleted_by_an_omission(room: Room, params: dict[str, str], words: str) -> None:
    record = room.record()
    reply = room.call("DELETE", "/logs", params=params)
    assert reply.status_code == 400
    assert words in reply.json()["message"]
    assert room.found() == [record.id]


def test_all_of_a_project_and_nothing_of_another(room: Room) -> None:
    other = type(room)(app=room.app, project=room.app.project())
    room.records(2)
    theirs = other.record()
    assert room.call("DELETE", "/logs", params={"id": theirs.id}).json() == {"deleted": 0}
    assert room.call("DELETE", "/logs", params={"all": True}).json() == {"deleted": 2}
    assert other.found() == [theirs.id]


def test_a_reading_key_changes_nothing(room: Room) -> None:
    room.record()
    key = room.project.read_key
    assert room.call("DELETE", "/logs", params={"all": True}, key=key).status_code == 403
    assert room.call("POST", "/logs/tags", json={"all": True, "tags": {"a": "1"}}, key=key).status_code == 403
    assert room.app.call("DELETE", "/api/manage/logs", params={"all": True}).status_code == 401
