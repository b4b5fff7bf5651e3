"""The routes that find logs: pages, one log, figures, values, fields, and the live tail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from logwright.logs.query.fields import FIELDS
from logwright.logs.routes.forms import FacetList, FieldList, HistogramOut, LogOut, LogPage, StatsOut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.logs.conftest import Room

    from logwright.testing.server import Server
    from logwright.testing.upstream import FakeUpstream


@pytest.mark.parametrize("sort", ["time", "latency", "tokens", "cost"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_hold_every_log_once(room: Room, sort: str, order: str) -> None:
    made = {room.record(received_at=None if number % 3 == 0 else 10**15).id for number in range(7)}
    found: list[str] = []
    params: dict[str, Any] = {"sort": sort, "order": order, "limit": 3}
    while True:
        page = room.get("/logs", **params)
        found += [log["id"] for log in page["data"]]
        if page["next"] is None:
            break
        params["after"] = page["next"]
    assert len(found) == 7
    assert set(found) == made


def test_a_page_is_newest_first_and_has_no_bodies(room: Room) -> None:
    first, second = room.records(2)
    page = room.get("/logs")
    assert [log["id"] for log in page["data"]] == [second.id, first.id]
    assert "request" not in page["data"][0]
    assert page["next"] is None


def test_what_was_recorded_is_found_by_the_next_request(room: Room) -> None:
    for _ in range(5):
        assert room.found(f"id:{room.record().id}")


def test_a_query_and_filters_hold_together(room: Room) -> None:
    room.record(model="a", tags={"env": "dev"})
    wanted = room.record(model="b", tags={"env": "dev"})
    room.record(model="b")
    filters = json.dumps([{"field": "metadata.env", "equals": "dev"}])
    assert room.found("model:b", filters=filters) == [wanted.id]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"q": "modle:x"}, "did you mean model?"),
        ({"filters": '[{"field": "modle", "equals": "x"}]'}, "filters[0].field 'modle' is unknown"),
        ({"filters": "{"}, "filters is no JSON"),
        ({"filters": "{}"}, "filters must be a JSON array"),
        ({"filters": "[1]"}, "filters[0] must be an object"),
        ({"limit": 0}, "Input validation failed"),
        ({"limit": 1001}, "Input validation failed"),
        ({"sort": "colour"}, "Input validation failed"),
        ({"after": "nonsense"}, "is not where a page"),
    ],
)
def test_what_is_wrong_is_400_and_said(room: Room, params: dict[str, Any], words: str) -> None:
    reply = room.call("GET", "/logs", params=params)
    assert reply.status_code == 400
    assert words in reply.json()["message"]


def test_one_log_has_its_bodies_as_json(room: Room) -> None:
    record = room.record(request={"model": "x", "n": 1}, response="no json", response_form="text")
    log = room.get(f"/logs/{record.id}")
    assert log["request"] == {"model": "x", "n": 1}
    assert log["response"] == "no json"
    bare = room.record(request="", response="", response_form="none")
    log = room.get(f"/logs/{bare.id}")
    assert (log["request"], log["response"]) == (None, None)


def test_foreign_and_unknown_logs_answer_alike(room: Room) -> None:
    other = type(room)(app=room.app, project=room.app.project())
    record = other.record()
    foreign, unknown = room.call("GET", f"/logs/{record.id}"), room.call("GET", "/logs/log_00000000000000000000000000")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert room.found() == []


def test_figures_are_those_of_the_matches(room: Room) -> None:
    room.records(3, model="a")
    room.record(model="b", status=500, error_kind="upstream_status")
    assert room.get("/logs/stats")["count"] == 4
    found = room.get("/logs/stats", q="model:b")
    assert (found["count"], found["succeeded"], found["failed"]) == (1, 0, 1)


def test_values_are_counted_most_frequent_first(room: Room) -> None:
    room.records(2, model="a", tags={"env": "dev"})
    room.record(model="b", tags={"env": "dev", "n": "1"})
    found = room.get("/logs/facets", field=["model", "tag.env", "tag", "statusCode"])["data"]
    assert [(facet["field"], [(value["value"], value["count"]) for value in facet["values"]]) for facet in found] == [
        ("model", [("a", 2), ("b", 1)]),
        ("tag.env", [("dev", 3)]),
        ("tag", [("env", 3), ("n", 1)]),
        ("status", [("200", 3)]),
    ]
    (cut,) = room.get("/logs/facets", field="model", limit=1)["data"]
    assert (len(cut["values"]), cut["truncated"]) == (1, True)


@pytest.mark.parametrize(("path", "param"), [("/logs/facets", "field"), ("/logs/histogram", "group")])
def test_what_has_no_values_to_count_is_refused(room: Room, path: str, param: str) -> None:
    reply = room.call("GET", path, params={param: "modell"})
    assert reply.status_code == 400
    assert "did you mean model?" in reply.json()["message"]
    assert room.call("GET", path, params={param: "request"}).status_code == 400


def test_the_fields_are_described(room: Room) -> None:
    found = {field["name"]: field for field in room.get("/logs/fields")["data"]}
    assert set(FIELDS) < set(found)
    assert found["since"]["kind"] == "shorthand"


def test_answers_are_what_the_document_says(room: Room) -> None:
    record = room.record(tags={"a": "b"})
    pairs: list[tuple[str, type[BaseModel]]] = [
        ("/logs", LogPage),
        (f"/logs/{record.id}", LogOut),
        ("/logs/stats", StatsOut),
        ("/logs/histogram", HistogramOut),
        ("/logs/histogram?group=tag.a", HistogramOut),
        ("/logs/facets?field=model", FacetList),
        ("/logs/fields", FieldList),
    ]
    for path, model in pairs:
        answer = room.get(path)
        shown = model.model_validate(answer).model_dump(mode="json")
        assert set(shown) == set(answer), path
        if isinstance(answer.get("data"), list) and answer["data"]:
            assert set(shown["data"][0]) == set(answer["data"][0]), path


def test_a_tail_sends_what_arrives_and_is_taken_up_again(server: Server, upstream: FakeUpstream) -> None:
    """Over a real socket, because a tail has no end; each event carries the id to take it up from."""
    upstream.answers(text="Hello")
    client = server.openai()

    def say(text: str) -> None:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])

    def events(after: str | None, then: str | None) -> Iterator[dict[str, Any]]:
        headers = {"last-event-id": after} if after else {}
        with server.http() as http, http.stream("GET", "/api/manage/logs/tail?q=-missed", headers=headers) as reply:
            assert reply.headers["content-type"].startswith("text/event-stream")
            for line in reply.iter_lines():
                if line == ": open" and then:
                    say(then)
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    say("before")
    live = next(events(None, "live"))
    assert live["request_preview"] == "live"
    say("between, missed")
    say("between")
    assert next(events(live["id"], None))["request_preview"] == "between"


@pytest.mark.parametrize(
    "path",
    ["/logs", "/logs/x", "/logs/stats", "/logs/histogram", "/logs/facets?field=model", "/logs/fields", "/logs/tail"],
)
def test_nobody_reads_without_a_key(room: Room, path: str) -> None:
    assert room.app.call("GET", f"/api/manage{path}").status_code == 401
