"""The routes that say how long logs are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.logs.conftest import Room


def test_nothing_is_set_at_first_and_sizes_are_shown(room: Room) -> None:
    room.records(3)
    found = room.get("/retention")
    assert found["rules"] == []
    assert found["logs"] == 3
    assert found["store_bytes"] > 0


def test_rules_are_set_whole(room: Room) -> None:
    rules = [{"query": "tag.env:dev", "days": 7}, {"query": "", "days": None}]
    reply = room.call("PUT", "/retention", json={"rules": rules})
    assert reply.status_code == 200
    assert reply.json()["rules"] == rules
    assert room.get("/retention")["rules"] == rules
    room.call("PUT", "/retention", json={"rules": []})
    assert room.get("/retention")["rules"] == []


@pytest.mark.parametrize(
    "rules",
    [
        [{"query": "modle:x", "days": 7}],
        [{"query": "a b", "days": 7}],
        [{"query": "", "days": 0}],
        [{"query": "", "days": 1.5}],
        [{"query": ""}],
        [{"query": "", "days": 7, "hours": 1}],
        [{"query": "", "days": 7}] * 51,
    ],
)
def test_what_is_wrong_changes_nothing(room: Room, rules: list[dict[str, Any]]) -> None:
    assert room.call("PUT", "/retention", json={"rules": rules}).status_code == 400
    assert room.get("/retention")["rules"] == []


def test_a_reading_key_sees_them_and_sets_none(room: Room) -> None:
    assert room.call("GET", "/retention", key=room.project.read_key).status_code == 200
    assert room.call("PUT", "/retention", json={"rules": []}, key=room.project.read_key).status_code == 403
