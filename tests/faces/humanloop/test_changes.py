"""What an update changes of a log."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from logwright.clock import to_micros
from logwright.faces.humanloop.changes import changes_of, follow, tag_changes
from logwright.logs.types import Log
from logwright.testing.factories import START, a_completion, a_log


def a_told(**details: Any) -> Log:
    log = a_log(requested_at=START, response=a_completion("before"), tags={})
    return dataclasses.replace(log, details=json.dumps(details) if details else "")


def amended(log: Log, changes: dict[str, Any]) -> Log:
    """Do to a log what an amendment does, as far as these tests look."""
    merged = {**json.loads(log.details or "{}"), **changes.get("details", {})}
    kept = {name: value for name, value in merged.items() if value is not None}
    request, response = (changes.get(name, getattr(log, name)) or "" for name in ("request", "response"))
    return dataclasses.replace(log, details=json.dumps(kept), request=request, response=response)


def test_only_what_is_given_is_changed() -> None:
    assert changes_of(a_told(), "prompt", {"stdout": "x", "prompt_tokens": 3, "error": None}) == {
        "input_tokens": 3,
        "error_message": None,
        "details": {"stdout": "x", "figures_told": True},
        "response": changes_of(a_told(), "prompt", {"prompt_tokens": 3})["response"],
    }
    assert changes_of(a_told(), "prompt", {"prompt_cost": 1.0}) == {"input_cost": 1.0}


def test_clearing_is_noted_where_a_body_would_give_the_field_again() -> None:
    changes = changes_of(a_told(), "prompt", {"finish_reason": None, "stdout": None})

    assert changes["details"] == {"finish_reason": None, "cleared.finish_reason": True, "stdout": None}
    assert json.loads(changes["response"])["choices"][0]["finish_reason"] is None


def test_bodies_follow_what_was_told_by_whoever_wrote_last() -> None:
    """Two updates read the same log; the one that writes last has not seen what the other told."""
    log = a_told()
    first, second = (changes_of(log, "prompt", given) for given in ({"output": "after"}, {"finish_reason": "length"}))
    both = amended(amended(log, first), second)
    assert json.loads(both.response)["choices"][0]["message"]["content"] == "before"

    settled = amended(both, follow(both, "prompt"))
    choice = json.loads(settled.response)["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("after", "length")
    assert follow(settled, "prompt") == {}


def test_text_and_message_tell_the_same_when_one_is_given() -> None:
    message = {"role": "assistant", "content": "old", "name": "bot"}
    told = a_told(output_message=message, output="old")

    by_text = changes_of(told, "prompt", {"output": "new"})["details"]
    assert by_text["output_message"] == {**message, "content": "new"}
    by_message = changes_of(told, "prompt", {"output_message": {"role": "assistant", "content": "new"}})["details"]
    assert by_message["output"] == "new"


def test_moments_and_latency_are_one_span() -> None:
    later = START.replace(minute=30)

    changes = changes_of(a_told(), "prompt", {"start_time": START, "end_time": later, "provider_latency": 1.0})
    assert (changes["requested_at"], changes["received_at"]) == (to_micros(START), to_micros(later))
    assert changes["latency"] == 1800.0
    told = changes_of(a_told(api="humanloop"), "prompt", {"provider_latency": 2.0})
    assert (told["latency"], told["received_at"]) == (2.0, to_micros(START) + 2_000_000)
    assert changes_of(a_told(), "prompt", {"provider_latency": None})["latency"] is None
    moved = changes_of(a_told(api="humanloop"), "prompt", {"created_at": later})
    assert moved["requested_at"] == to_micros(later)
    assert changes_of(a_told(), "prompt", {"created_at": later})["requested_at"] == to_micros(START)


def test_tags_are_set_and_removed_by_name() -> None:
    log = dataclasses.replace(a_told(metadata={"a": "1", "b": 2}, source="x"), tags={"a": "1", "b": "2", "source": "x"})

    assert tag_changes(log, {"metadata": {"b": 3, "c": [1]}}) == {"b": "3", "a": None}
    assert tag_changes(log, {"metadata": None}) == {"a": None, "b": None}
    assert tag_changes(log, {"source": "y"}) == {"source": "y"}
    assert tag_changes(log, {"source": None}) == {"source": None}
    assert tag_changes(log, {"output": "z"}) == {}
