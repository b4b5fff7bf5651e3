"""Logs of every door are read as Humanloop shows them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from logwright.faces.humanloop.view import View, shown_message, tags_of
from logwright.testing.factories import START, a_log


def view(**given: Any) -> View:
    details = given.pop("details", None)
    return View(a_log(requested_at=START, details="" if details is None else json.dumps(details), **given))


def test_what_nobody_told_is_read_off_the_log() -> None:
    seen = view(received_at=None, latency=1.5, tags={"a": "b"})

    assert seen.start_time == seen.created_at == START
    assert seen.end_time == START + timedelta(seconds=1.5)
    assert (seen.provider_latency, seen.metadata, seen.tagged("source")) == (1.5, {"a": "b"}, None)
    assert seen.finish_reason == "stop"


def test_what_a_caller_of_this_api_left_out_is_not_known() -> None:
    seen = view(details={"api": "humanloop"}, latency=None)

    assert (seen.start_time, seen.end_time, seen.provider_latency, seen.metadata) == (None, None, None, None)


def test_what_was_told_stands_above_the_bodies_and_what_was_cleared_is_gone() -> None:
    told = {"output": "x", "messages": [], "finish_reason": "length", "inputs": {"a": 1}, "tool_choice": "auto"}
    seen, gone = view(details=told), view(details={f"cleared.{name}": True for name in [*told, "output_message"]})

    assert {name: getattr(seen, name) for name in told} == told
    assert [getattr(gone, name) for name in told] == [None] * 5
    assert gone.output_message("prompt") is None


def test_tags_that_others_changed_are_the_metadata() -> None:
    metadata = {"same": 1, "changed": True, "gone": "x", "deep": {"a": 1}, "nothing": None}
    tags = {"same": "1", "changed": "no", "new": "y", "user": "bob"}
    seen = view(details={"metadata": metadata, "user": "ann"}, tags=tags)

    assert seen.metadata == {"same": 1, "changed": "no", "deep": {"a": 1}, "nothing": None, "new": "y"}
    assert seen.tagged("user") == "bob"


def test_a_name_in_the_metadata_is_not_the_fields() -> None:
    seen = view(details={"metadata": {"user": "one"}, "user": "two"}, tags={"user": "one"})

    assert (seen.metadata, seen.tagged("user")) == ({"user": "one"}, "two")
    assert tags_of({"metadata": {"user": "one", "n": 1.0, "": "x", "l": []}, "user": "two", "source": None}) == {
        "user": "one",
        "n": "1",
    }


def test_details_that_are_no_object_are_none() -> None:
    assert view(details=[1]).details == {}


def test_a_message_is_shown_without_nulls_but_its_content() -> None:
    assert shown_message({"role": "assistant", "content": None, "refusal": None}) == {
        "role": "assistant",
        "content": None,
    }
