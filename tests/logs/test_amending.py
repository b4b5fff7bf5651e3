"""An amendment sets what it names and what follows from it, keeps the rest, and refuses what makes no sense."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.logs.amending import AMENDABLE, outcome
from logwright.logs.row import COLUMNS
from logwright.testing.factories import a_log


def test_only_what_differs_is_set_and_its_former_value_kept() -> None:
    log = a_log(output_tokens=8, error_message="")
    values, before = outcome(log, {"output_tokens": 8, "error_message": ""})
    assert (values, before) == ({}, {})
    values, before = outcome(log, {"output_tokens": 9})
    assert values == {"output_tokens": 9, "total_tokens": 21}
    assert before == {"output_tokens": 8, "total_tokens": 20}


@pytest.mark.parametrize(
    ("told", "follows"),
    [
        ({"input_tokens": 1, "output_tokens": None}, {"total_tokens": 1}),
        ({"input_tokens": None, "output_tokens": None}, {"total_tokens": None}),
        ({"input_cost": 0.1, "output_cost": 0.2}, {"cost": 0.3, "price_version": "caller"}),
        ({"cost": None}, {"price_version": ""}),
        ({"cost": 1, "price_version": "list 3"}, {"price_version": "list 3"}),
        ({"error_message": "it broke"}, {"error_kind": "reported"}),
        ({"response": '{"choices":[{"message":{"content":"Better."}}]}'}, {"response_preview": "Better."}),
        ({"request": '{"messages":[{"role":"user","content":"Hi"}]}'}, {"request_preview": "Hi"}),
        ({"request": None}, {"request_preview": ""}),
    ],
)
def test_what_follows_from_a_column_is_set_with_it(told: dict[str, Any], follows: dict[str, Any]) -> None:
    values, _ = outcome(a_log(), told)
    assert {name: values[name] for name in follows} == follows


def test_the_latency_follows_the_two_moments() -> None:
    log = a_log()
    start = to_micros(log.requested_at)
    values, _ = outcome(log, {"requested_at": start + 1, "received_at": start + 2_500_001})
    assert values["latency"] == 2.5
    assert outcome(log, {"received_at": None}).values["latency"] is None


def test_tags_are_changed_by_name_or_replaced_whole() -> None:
    log = a_log(tags={"a": "1", "b": "2"})
    values, before = outcome(log, {"tag_changes": {"a": None, "c": "3", "nothing": None}})

    assert (values, before) == ({"tags": {"b": "2", "c": "3"}}, {"tags": {"a": "1", "b": "2"}})
    assert outcome(log, {"tags": {"x": "y"}, "tag_changes": {"c": "3"}}).values["tags"] == {"x": "y", "c": "3"}
    assert outcome(log, {"tag_changes": {}}).values == {}
    for wrong in ([1], {"a": 1}):
        with pytest.raises(InvalidRequest, match="tag"):
            outcome(log, {"tag_changes": wrong})


def test_details_are_merged_key_by_key() -> None:
    log = a_log(details='{"stdout":"a","inputs":{"x":1}}')
    values, before = outcome(log, {"details": {"stdout": None, "user": "ada"}})
    assert json.loads(values["details"]) == {"inputs": {"x": 1}, "user": "ada"}
    assert json.loads(before["details"]) == {"stdout": "a", "inputs": {"x": 1}}
    assert outcome(log, {"details": {"stdout": None, "inputs": None}}).values["details"] == ""


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"id": "log_2"}, "id"),
        ({"project_id": "x"}, "project_id"),
        ({"requested_at": None}, "requested_at"),
        ({"input_tokens": -1}, "input_tokens"),
        ({"input_tokens": True}, "input_tokens"),
        ({"input_tokens": 1.5}, "input_tokens"),
        ({"output_tokens": 2**32}, "output_tokens"),
        ({"latency": float("nan")}, "latency"),
        ({"cost": "1"}, "cost"),
        ({"cost": -0.1}, "cost"),
        ({"response": "no json"}, "response"),
        ({"response": {"choices": []}}, "response"),
        ({"tags": {"a": 1}}, "tags"),
        ({"details": []}, "details"),
        ({"error_kind": "tired"}, "error_kind"),
        ({"status": 70_000}, "status"),
    ],
)
def test_what_cannot_be_set_is_named(told: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        outcome(a_log(), told)
    assert refused.value.param == named


def test_a_text_beyond_all_measure_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="at most"):
        outcome(a_log(), {"response": json.dumps("x" * (8 << 20))})


def test_every_amendable_column_is_one() -> None:
    assert set(AMENDABLE) <= set(COLUMNS)
