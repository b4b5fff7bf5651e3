"""One log in Bifrost's form: units, names, tokens, errors, the cache."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.faces.bifrost.filters import read_filters
from logwright.faces.bifrost.log import instant, milliseconds, shown
from logwright.logs.matching import matches
from logwright.logs.types import LogSummary
from logwright.testing.factories import START, a_completion, a_log


def test_every_log_has_what_clients_count_on() -> None:
    log = a_log(id="log_1", parent_id="log_0", session_id="chat", kind="embedding", fallback_index=2, retries=1)

    head = {name: shown(log, {"key_test": "Team A"})[name] for name in ("id", "parent_request_id", "object", "status")}

    assert head == {"id": "log_1", "parent_request_id": "log_0", "object": "embedding", "status": "success"}
    found = shown(log, {"key_test": "Team A"})
    assert (found["number_of_retries"], found["fallback_index"]) == (1, 2)
    assert (found["selected_key_id"], found["selected_key_name"]) == ("openai", "openai")
    assert (found["virtual_key_id"], found["virtual_key_name"]) == ("key_test", "Team A")
    assert found["raw_response"] is None


def test_a_log_without_a_parent_belongs_to_its_session() -> None:
    assert shown(a_log(session_id="chat"), {})["parent_request_id"] == "chat"
    assert shown(a_log(), {})["parent_request_id"] is None


def test_a_moment_has_the_form_of_rfc_3339() -> None:
    assert instant(START) == "2026-01-01T12:00:00Z"


@given(st.one_of(st.integers(0, 10**10).map(lambda micros: micros / 1_000_000), st.floats(1e-6, 1e5)))
def test_the_latency_that_is_shown_finds_its_log(seconds: float) -> None:
    log = a_log(latency=seconds)
    exact = repr(milliseconds(seconds))
    near = read_filters({"min_latency": exact, "max_latency": exact}, START)
    if len(repr(seconds).replace(".", "").strip("0")) <= 15:
        assert matches(log, near)


def test_what_is_not_known_is_left_out() -> None:
    found = shown(a_log(latency=None, cost=None, total_tokens=None, tags={}), {})

    assert not {"latency", "cost", "token_usage", "metadata", "error_details", "cache_debug"} & set(found)


def test_tokens_are_those_of_the_columns_with_details_of_the_answer() -> None:
    usage = {
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "cost": 0.125,
        "prompt_tokens_details": {"cached_tokens": 1, "audio_tokens": 3, "cache_write_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 1, "audio_tokens": 5},
    }
    log = a_log(
        input_tokens=12,
        output_tokens=8,
        total_tokens=20,
        cached_tokens=6,
        reasoning_tokens=2,
        response=a_completion(usage=usage),
    )

    assert shown(log, {})["token_usage"] == {
        "prompt_tokens": 12,
        "completion_tokens": 8,
        "total_tokens": 20,
        "prompt_tokens_details": {"cached_read_tokens": 6, "cached_write_tokens": 4, "audio_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": 5},
        "cost": {"total_cost": 0.125},
    }


def test_an_answer_without_tokens_has_no_completion_tokens() -> None:
    log = a_log(input_tokens=5, output_tokens=0, total_tokens=5, response={"data": []})

    assert shown(log, {})["token_usage"] == {"prompt_tokens": 5, "total_tokens": 5}


@pytest.mark.parametrize(
    ("kind", "status", "ours"),
    [
        ("upstream_status", 429, False),
        ("reported", 400, False),
        ("refused", 403, True),
        ("upstream_timeout", None, True),
    ],
)
def test_an_error_says_whose_it_is(kind: Any, status: int | None, ours: bool) -> None:
    said = {"error": {"message": "in the body", "type": "rate_limit", "code": "slow_down", "param": "model", "x": 1}}
    log = a_log(error_kind=kind, status=status, error_message="Too many", response=said)

    found = shown(log, {})

    assert found["status"] == "error"
    assert found["error_details"] == {
        "is_bifrost_error": ours,
        "type": kind,
        "error": {"type": "rate_limit", "code": "slow_down", "param": "model", "message": "Too many"},
        **({} if status is None else {"status_code": status}),
    }


def test_an_error_without_words_is_called_by_its_kind() -> None:
    log = a_log(error_kind="client_disconnected", error_message="", response="")

    assert shown(log, {})["status"] == "cancelled"
    assert shown(log, {})["error_details"]["error"] == {"message": "client disconnected"}


@pytest.mark.parametrize(
    ("cache", "details", "debug"),
    [
        ("hit", "", {"cache_hit": True, "hit_type": "direct"}),
        ("miss", "", {"cache_hit": False}),
        ("", "", None),
        (
            "hit",
            '{"cache":{"hit_type":"semantic","similarity":0.9}}',
            {"cache_hit": True, "hit_type": "semantic", "similarity": 0.9},
        ),
        ("", '{"cache":{"cache_id":"c"}}', {"cache_id": "c", "cache_hit": False}),
    ],
)
def test_the_cache_says_what_it_did(cache: str, details: str, debug: Any) -> None:
    assert shown(a_log(cache=cache, details=details), {}).get("cache_debug") == debug


def test_what_the_provider_was_sent_is_shown_where_it_was_told() -> None:
    log = a_log(details='{"provider_request":{"a":"ü"},"provider_response":"raw"}')

    assert (shown(log, {})["raw_request"], shown(log, {})["raw_response"]) == ('{"a": "ü"}', "raw")


def test_bodies_are_shown_as_recorded_when_asked_for() -> None:
    log = a_log(request='{"a": 1}', response="")

    found = shown(log, {}, raw=log)

    assert (found["raw_request"], found["raw_response"]) == ('{"a": 1}', None)


def test_a_log_without_its_bodies_says_so() -> None:
    log = a_log()
    summary = LogSummary(**{name: getattr(log, name) for name in LogSummary.__dataclass_fields__})

    found = shown(summary, {})

    assert (found["is_large_payload_request"], found["is_large_payload_response"]) == (True, True)
    assert "input_history" not in found


@pytest.mark.parametrize("body", ['"text"', "[1]", "{broken", '{"a":"\\ud800"}', '{"n":1e999}', "[" * 2000])
def test_a_body_of_any_sort_is_no_obstacle(body: str) -> None:
    assert shown(a_log(request=body, response=body), {})["object"] == "chat_completion"
