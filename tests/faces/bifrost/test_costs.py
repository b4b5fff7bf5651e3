"""Costs that are filled in later: from which tokens, how many at a time, and what stays."""

from __future__ import annotations

from typing import Any

from tests.faces.bifrost.conftest import Room

from logwright.faces.bifrost.costs import recalculate as recalculate_within
from logwright.logs.types import Log, LogQuery
from logwright.models.prices import Price
from logwright.testing.factories import a_completion


def unpriced(room: Room, **given: Any) -> str:
    return room.record(model="own", upstream_model="own", **{"response": a_completion(model="own"), **given})


def set_price(room: Room) -> None:
    assert room.ids(limit=1)  # what was recorded is taken in, without a price
    price = {"model": "own", "input": 1_000_000.0, "output": 1_000_000.0}
    assert room.app.call("PUT", "/api/manage/prices", key=room.project.key, json=price).status_code == 200


def recalculate(room: Room, **body: Any) -> Any:
    return room.call("POST", "/recalculate-cost", key=room.project.key, json=body).json()


def test_figures_that_were_told_since_are_priced_and_not_those_of_the_answer(room: Room) -> None:
    told = unpriced(room, told={"input_tokens": 100, "output_tokens": 1})
    set_price(room)

    assert recalculate(room)["updated"] == 1
    assert room.ask(f"/{told}")["cost"] == 101


def test_one_call_looks_at_so_many_logs_and_says_how_many_remain(room: Room) -> None:
    logs = [unpriced(room) for _ in range(3)]
    set_price(room)

    assert recalculate(room, limit=2) == {"total_matched": 3, "updated": 2, "skipped": 0, "remaining": 1}
    assert [log.get("cost") for log in room.ask()["logs"]] == [20, 20, None]
    assert recalculate(room) == {"total_matched": 1, "updated": 1, "skipped": 0, "remaining": 0}
    assert room.ids(min_cost=20) == logs[::-1]


def test_only_what_the_filters_describe_is_priced(room: Room) -> None:
    unpriced(room, tags={"env": "dev"})
    wanted = unpriced(room, tags={"env": "prod"})
    set_price(room)

    recalculate(room, filters={"metadata_filters": {"env": "prod"}, "models": ["own"]})

    assert room.ids(min_cost=0) == [wanted]


def test_a_log_without_tokens_or_whose_answer_is_no_json_is_skipped(room: Room) -> None:
    unpriced(room, response=b"<html>", response_form="text", told={"latency": 1.0})
    unpriced(room, response=b"", response_form="none")
    set_price(room)

    assert recalculate(room) == {"total_matched": 2, "updated": 0, "skipped": 2, "remaining": 2}


def test_a_call_ends_when_its_time_is_up_and_says_what_remains(room: Room) -> None:
    unpriced(room)
    store = room.app.services.store

    def free(log: Log, usage: object, named: str) -> Price:
        raise AssertionError("there was no time for this")

    work = recalculate_within(store, room.project.id, LogQuery(), free, limit=10, by="key_1", seconds=0)
    assert room.app.run(work) == {"total_matched": 1, "updated": 0, "skipped": 0, "remaining": 1}
