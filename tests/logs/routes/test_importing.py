"""The route that takes other products' logs: per line what became of it, and nothing twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2
    from tests.logs.conftest import Room

ROW = {"input": {"model": "m", "messages": []}, "output": {"id": "a", "created": 1714564800}, "tags": {"env": "dev"}}


def send(room: Room, *lines: Any, key: str | None = None, **params: Any) -> httpx2.Response:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    headers = {"content-type": "application/x-ndjson"}
    given = {} if key is None else {"key": key}
    return room.call("POST", "/logs/import", content=body, headers=headers, params=params, **given)


def test_lines_are_taken_refused_and_known_again(room: Room) -> None:
    reply = send(room, ROW, b"", b"{", {"id": 5, "input": {}, "output": {}, "createdAt": "x"}, format="openpipe")
    assert reply.status_code == 200, reply.text
    told = reply.json()
    assert (told["taken"], told["duplicates"], told["errors"]) == (1, 0, 2)
    assert [(line["line"], line["status"], line["path"]) for line in told["lines"]] == [
        (1, "taken", ""),
        (3, "error", ""),
        (4, "error", "$.createdAt"),
    ]
    assert send(room, ROW, format="openpipe").json()["lines"][0]["status"] == "duplicate"
    log = room.get(f"/logs/{told['lines'][0]['id']}")
    assert (log["source"], log["requested_at"], log["tags"]) == ("import", "2024-05-01T12:00:00Z", {"env": "dev"})


def test_lines_can_come_as_json_with_their_format(room: Room) -> None:
    body = {"format": "openpipe", "lines": [ROW, {"input": 1.50, "output": None}]}
    reply = room.call("POST", "/logs/import", json=body)
    assert reply.json()["taken"] == 2
    assert send(room, ROW, format="openpipe").json()["duplicates"] == 1


def test_plain_lines_may_belong_to_another_format(room: Room) -> None:
    assert send(room, ROW, format="openpipe").json()["taken"] == 1
    plain = {"id": "a", "requested_at": "2024-05-01T12:00:00Z"}
    assert send(room, plain, origin="openpipe").json()["duplicates"] == 1
    assert send(room, plain).json()["taken"] == 1


def test_a_time_is_lent_to_lines_without_one(room: Room) -> None:
    told = send(room, {"messages": [{"role": "user", "content": "Hi"}]}, at="2023-01-02T03:04:05Z").json()
    assert room.get(f"/logs/{told['lines'][0]['id']}")["requested_at"] == "2023-01-02T03:04:05Z"


def test_told_figures_stand(room: Room) -> None:
    line = {
        "id": "x",
        "model": "gpt-4o",
        "input_tokens": 5,
        "cost": 0.25,
        "input_cost": 0.2,
        "latency": 1.5,
        "ttft": 0.5,
    }
    line |= {"request": {"messages": []}, "response": {"usage": {"prompt_tokens": 9, "completion_tokens": 1}}}
    told = send(room, line).json()
    log = room.get(f"/logs/{told['lines'][0]['id']}")
    assert (log["input_tokens"], log["cost"], log["input_cost"], log["latency"], log["ttft"]) == (
        5,
        0.25,
        0.2,
        1.5,
        0.5,
    )
    assert log["price_version"] == "caller"


def test_a_trial_takes_nothing(room: Room) -> None:
    assert send(room, ROW, format="openpipe", dry_run=True).json()["taken"] == 1
    assert room.found() == []


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        ({"params": {"format": "excel"}, "content": b"{}"}, 400, "There is no format 'excel'"),
        ({"params": {"origin": "excel"}, "content": b"{}"}, 400, "There is no format 'excel'"),
        ({"json": {"rows": []}}, 400, "{format, lines}"),
        ({"json": {"lines": 5}}, 400, "{format, lines}"),
        ({"content": b"{}\n" * 1001}, 413, "send fewer"),
        ({"params": {"at": "soon"}, "content": b"{}"}, 400, "at"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(room: Room, request_: dict[str, Any], status: int, words: str) -> None:
    reply = room.call("POST", "/logs/import", **request_)
    assert reply.status_code == status
    assert words in reply.text


def test_a_key_that_reads_cannot_import(room: Room) -> None:
    assert send(room, ROW, key=room.project.read_key).status_code == 403


def test_the_formats_are_listed(room: Room) -> None:
    data = room.get("/logs/import/formats")["data"]
    assert [each["name"] for each in data if each["has_api"]] == [
        "humanloop",
        "langfuse",
        "litellm",
        "openai",
        "phoenix",
        "tensorzero",
    ]
