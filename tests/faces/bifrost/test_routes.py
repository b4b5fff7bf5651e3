"""Bifrost's log API over the application and a real store, as a client sees it."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from tests.faces.bifrost.conftest import Room

from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.types import Scope
from logwright.testing.factories import START, a_completion

FIVE = {"total_requests": 0, "success_rate": 0, "average_latency": 0, "total_tokens": 0, "total_cost": 0}


def test_a_list_has_logs_paging_and_all_five_figures(room: Room) -> None:
    first = room.record(told={"latency": 0.5, "cost": 0.25})
    second = room.record(told={"latency": 1.5, "cost": 0.5}, error_kind="upstream_timeout", error_message="late")

    found = room.ask(limit=1)

    assert [log["id"] for log in found["logs"]] == [second]
    assert found["pagination"] == {"limit": 1, "offset": 0, "sort_by": "timestamp", "order": "desc", "total_count": 2}
    assert found["stats"] == {
        "total_requests": 2,
        "success_rate": 50,
        "average_latency": 1000,
        "total_tokens": 40,
        "total_cost": 0.75,
    }
    assert room.ask("/stats") == found["stats"]
    assert room.ids(limit=1, offset=1) == [first]
    assert room.ids(offset=2) == []


def test_without_any_log_the_figures_are_zeros(room: Room) -> None:
    empty = room.ask()
    assert (empty["logs"], empty["has_logs"], empty["stats"]) == ([], False, FIVE)

    room.record()
    nothing = room.ask(models="no-such-model")
    assert (nothing["logs"], nothing["has_logs"], nothing["stats"]) == ([], True, FIVE)


def test_what_was_recorded_is_listed_whole(room: Room) -> None:
    log = room.only(tags={"env": "dev"}, response=a_completion("Ticket 7 goes to billing."))

    assert log["input_history"][0]["role"] == "user"
    assert log["output_message"] == {"role": "assistant", "content": "Ticket 7 goes to billing."}
    assert (log["latency"], log["object"], log["metadata"]) == (1200, "chat_completion", {"env": "dev"})
    assert log["raw_response"] is None


def test_one_log_comes_with_its_bodies_as_they_were_recorded(room: Room) -> None:
    log_id = room.record(request='{"model": "gpt-4o-mini",  "messages": []}')

    log = room.ask(f"/{log_id}")

    assert log["raw_request"] == '{"model": "gpt-4o-mini",  "messages": []}'
    assert log["raw_response"].startswith('{"id":"chatcmpl-')


def test_a_log_that_is_not_there_or_not_ours_is_not_found(room: Room, application: Any) -> None:
    theirs = Room(application).record()

    for log_id in ("log_none", theirs):
        answer = room.call(path=f"/{log_id}")
        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == f"There is no log '{log_id}'"


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"offset": "x"}, "offset"),
        ({"sort_by": "model"}, "sort_by"),
        ({"order": "down"}, "order"),
        ({"start_time": "yesterday"}, "start_time"),
        ({"end_time": "2026-01-01"}, "end_time"),
        ({"min_latency": "1s"}, "min_latency"),
        ({"max_latency": "nan"}, "max_latency"),
        ({"min_tokens": "1.5"}, "min_tokens"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"min_cost": "$1"}, "min_cost"),
        ({"max_cost": "1e999"}, "max_cost"),
        ({"missing_cost_only": "maybe"}, "missing_cost_only"),
        ({"metadata_a b": "c"}, "metadata_a b"),
        ({"cache_hit_types": "fuzzy"}, "cache_hit_types"),
        ({"period": "soon"}, "period"),
        ({"model": "gpt-4o"}, "model"),
        ([("min_cost", "1"), ("min_cost", "2")], "min_cost"),
        ([("metadata_env", "1"), ("metadata_env", "2")], "metadata_env"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(room: Room, params: Any, named: str) -> None:
    answer = room.call(params=params)

    assert answer.status_code == 400
    told = answer.json()
    assert (told["is_bifrost_error"], told["status_code"], told["error"]["param"]) == (False, 400, named)
    assert named in told["error"]["message"]


@pytest.mark.parametrize("path", ["", "/stats", "/histogram", "/filterdata", "/log_x"])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer lwk_wrong"}])
def test_without_a_key_nothing_is_told_but_that(room: Room, path: str, headers: dict[str, str]) -> None:
    answer = room.app.call("GET", f"/api/logs{path}?limit=wrong", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("The API key is missing or not valid")
    assert answer.json()["is_bifrost_error"] is False


def test_a_key_may_be_the_password_of_basic(room: Room) -> None:
    credentials = base64.b64encode(f"admin:{room.project.read_key}".encode()).decode()

    assert room.app.call("GET", "/api/logs", headers={"authorization": f"Basic {credentials}"}).status_code == 200


def test_the_admin_names_the_project(room: Room) -> None:
    log_id = room.record()

    found = room.app.call("GET", f"/api/logs?project={room.project.id}", key=room.app.admin_key).json()

    assert [log["id"] for log in found["logs"]] == [log_id]


def test_deleting_takes_the_named_logs_and_is_no_error_for_others(room: Room) -> None:
    kept, gone = room.record(), room.record()

    answer = room.call("DELETE", key=room.project.key, json={"ids": [gone, "log_none"]})

    assert (answer.status_code, answer.json()) == (200, {"message": "1 of 2 logs deleted"})
    assert room.ids() == [kept]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"ids":[]}', b'{"ids":"x"}', b'{"ids":[1]}', b'{"id":["x"]}']
)
def test_deleting_nothing_in_particular_is_refused(room: Room, body: bytes) -> None:
    room.record()

    answer = room.call("DELETE", key=room.project.key, content=body)

    assert answer.status_code == 400
    assert len(room.ids()) == 1


def test_a_key_that_may_read_changes_nothing(room: Room) -> None:
    for method, path, body in (("DELETE", "", {"ids": ["x"]}), ("POST", "/recalculate-cost", {})):
        answer = room.call(method, path, json=body)
        assert answer.status_code == 403
        assert "scope" in answer.json()["error"]["message"]


def test_nothing_is_dropped_while_the_disk_is_good(room: Room) -> None:
    assert room.ask("/dropped") == {"dropped_requests": 0}


def test_menus_offer_what_occurs_and_say_which_keys_are_gone(room: Room) -> None:
    to = Managing(database=room.app.services.database, vault=room.app.services.vault)
    live = manage.create_key(to, SYSTEM, room.project.id, Scope.WRITE, name="live")
    gone = manage.create_key(to, SYSTEM, room.project.id, Scope.WRITE, name="gone")
    manage.revoke_key(to, SYSTEM, gone.key.id)
    room.record(key_id=live.key.id, tags={"env": "dev", "a=b": "c"})
    room.record(key_id=gone.key.id, tags={"env": "prod"})
    room.record(key_id="key_of_nobody")

    menus = room.ask("/filterdata")

    assert menus["models"] == ["gpt-4o-mini"]
    assert {key["name"] for key in menus["virtual_keys"]} == {"live", "gone (deleted)", "key_of_nobody (deleted)"}
    assert menus["selected_keys"] == [{"id": "openai", "name": "openai (deleted)"}]
    assert {name: sorted(values) for name, values in menus["metadata_keys"].items()} == {
        "env": ["dev", "prod"],
        "a=b": ["c"],
    }
    assert {log["virtual_key_name"] for log in room.ask()["logs"]} == {"live", "gone (deleted)", None}


def test_costs_that_are_missing_are_filled_in_when_a_price_is_known(room: Room) -> None:
    unknown = room.record(model="our-own", upstream_model="our-own", response=a_completion(model="our-own"))
    priced = room.record(told={"cost": 3.0})
    failed = room.record(error_kind="upstream_timeout", response=b"", response_form="none")
    assert len(room.ids()) == 3  # so all are taken in before there is a price
    price = {"model": "our-own", "input": 1000.0, "output": 2000.0}
    assert room.app.call("PUT", "/api/manage/prices", key=room.project.key, json=price).status_code == 200

    done = room.call("POST", "/recalculate-cost", key=room.project.key, json={"filters": {"missing_cost_only": True}})

    assert done.json() == {"total_matched": 2, "updated": 1, "skipped": 1, "remaining": 1}
    costs = {log["id"]: log.get("cost") for log in room.ask()["logs"]}
    assert costs == {unknown: 12 * 0.001 + 8 * 0.002, priced: 3.0, failed: None}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"filters": []}, "filters"),
        ({"filters": {"modles": ["x"]}}, "modles"),
        ({"filters": {"models": [1]}}, "models"),
        ({"filter": {}}, "filter"),
    ],
)
def test_a_wrong_wish_to_recalculate_is_refused_by_its_name(room: Room, body: Any, named: str) -> None:
    answer = room.call("POST", "/recalculate-cost", key=room.project.key, json=body)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, named)


def test_histograms_have_a_bucket_for_every_interval(room: Room) -> None:
    room.record(requested_at=START, told={"latency": 0.5, "cost": 0.25})
    room.record(requested_at=START + timedelta(seconds=150), model="other", error_kind="refused", told={"cost": 0.5})
    asked = {"start_time": "2026-01-01T11:59:30Z", "end_time": "2026-01-01T12:03:00Z"}

    counts = room.ask("/histogram", **asked)
    tokens = room.ask("/histogram/tokens", **asked)
    costs = room.ask("/histogram/cost", **asked)
    models = room.ask("/histogram/models", **asked)
    latencies = room.ask("/histogram/latency", **asked)

    assert counts["bucket_size_seconds"] == 60
    assert [bucket["timestamp"][11:] for bucket in counts["buckets"]] == [
        "11:59:00Z",
        "12:00:00Z",
        "12:01:00Z",
        "12:02:00Z",
        "12:03:00Z",
    ]
    assert [(bucket["success"], bucket["error"]) for bucket in counts["buckets"]] == [
        (0, 0),
        (1, 0),
        (0, 0),
        (0, 1),
        (0, 0),
    ]
    assert [bucket["total_tokens"] for bucket in tokens["buckets"]] == [0, 20, 0, 20, 0]
    assert [bucket["by_model"] for bucket in costs["buckets"]] == [{}, {"gpt-4o-mini": 0.25}, {}, {"other": 0.5}, {}]
    assert [bucket["total_cost"] for bucket in costs["buckets"]] == [0, 0.25, 0, 0.5, 0]
    assert (costs["models"], models["models"]) == (["gpt-4o-mini", "other"],) * 2
    assert models["buckets"][3]["by_model"] == {"other": {"total": 1, "success": 0, "error": 1}}
    assert [bucket["p99_latency"] for bucket in latencies["buckets"]] == [0, 500, 0, 1200, 0]
    assert [bucket["total_requests"] for bucket in latencies["buckets"]] == [0, 1, 0, 1, 0]


def test_models_rank_by_use_with_their_change(room: Room) -> None:
    room.record(requested_at=START, model="old", told={"cost": 1.0})
    for minute in (61, 62):
        room.record(requested_at=START + timedelta(minutes=minute), model="old", told={"cost": 1.0})
    room.record(requested_at=START + timedelta(minutes=63), model="new", provider="")

    found = room.ask("/rankings", start_time="2026-01-01T13:00:00Z", end_time="2026-01-01T13:59:59.999999Z")["rankings"]

    assert [(each["model"], each["provider"], each["total_requests"]) for each in found] == [
        ("old", "openai", 2),
        ("new", "", 1),
    ]
    assert found[0]["trend"]["requests_trend"] == found[0]["trend"]["cost_trend"] == 100
    assert (found[0]["trend"]["has_previous_period"], found[1]["trend"]["has_previous_period"]) == (True, False)
