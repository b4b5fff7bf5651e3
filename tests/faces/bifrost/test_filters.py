"""What Bifrost's filters mean, case by case; `test_random_filters` in contracts holds them against an oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from logwright.clock import to_micros
from logwright.errors import InvalidRequest
from logwright.faces.bifrost.filters import FILTERS, items, moment, read_filters, status_of, truth, whole_number
from logwright.faces.bifrost.schemas import FILTERS as DOCUMENTED
from logwright.logs.matching import matches
from logwright.testing.factories import START, a_log

NOW = datetime(2026, 1, 1, 13, tzinfo=UTC)
LOG = a_log(
    id="log_1",
    requested_at=START,
    kind="responses",
    stream=True,
    model="gpt-4o",
    provider="openai",
    key_id="key_1",
    latency=1.234567,
    total_tokens=20,
    cost=0.5,
    tags={"env": "dev", "a-b.c_d": "50%"},
    parent_id="log_0",
    session_id="chat-1",
    cache="hit",
    error_message="",
    request='{"input":"100% of a_b, \\"quoted\\""}',
    response='{"finish_reason": "length"}',
)
BARE = a_log(latency=None, total_tokens=None, cost=None, cache="", error_kind="upstream_timeout", error_message="Late!")


def fits(log: Any, **given: Any) -> bool:
    return matches(log, read_filters(given, NOW))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"providers": ""},
        {"providers": " , ,"},
        {"providers": "x, openai "},
        {"models": "gpt-4o"},
        {"aliases": "gpt-4o,x"},
        {"status": "success"},
        {"status": "success,error"},
        {"status": "success,error,cancelled"},
        {"objects": "embedding,responses_stream"},
        {"selected_key_ids": "openai"},
        {"virtual_key_ids": "key_1,key_2"},
        {"parent_request_id": "log_0"},
        {"parent_request_id": "chat-1"},
        {"session_id": "chat-1"},
        {"request_id": "log_1"},
        {"request_id": "log_1", "start_time": "2027-01-01T00:00:00Z"},
        {"roots_only": "false"},
        {"start_time": "2026-01-01T12:00:00Z"},
        {"end_time": "2026-01-01T12:00:00Z"},
        {"start_time": "2026-01-01T14:00:00+02:00"},
        {"start_time": "2026-01-01T14:00:00 02:00"},
        {"end_time": "2026-01-01t12:00:00.000000999z"},
        {"period": "1h"},
        {"min_latency": "1234.567", "max_latency": "1234.567"},
        {"min_latency": 1234.567},
        {"min_tokens": "20", "max_tokens": "20"},
        {"min_cost": "0.5", "max_cost": ".5"},
        {"min_cost": "-1", "max_cost": "5e2"},
        {"content_search": "100% OF a_b"},
        {"content_search": '"QUOTED"'},
        {"missing_cost_only": "0"},
        {"metadata_env": "dev"},
        {"metadata_a-b.c_d": "50%"},
        {"metadata_filters": {"env": "dev"}},
        {"metadata_env": ""},
        {"cache_hit_types": "direct"},
        {"cache_hit_types": "direct,semantic"},
        {"stop_reasons": "stop,length"},
        {"team_ids": " "},
        {"providers": ["openai"], "missing_cost_only": False, "models": None},
    ],
    ids=str,
)
def test_it_fits(given: dict[str, Any]) -> None:
    assert fits(LOG, **given)


@pytest.mark.parametrize(
    "given",
    [
        {"providers": "OpenAI"},
        {"models": "gpt-4"},
        {"models": ["gpt-4o,x"]},
        {"status": "error"},
        {"status": "processing"},
        {"status": "cancelled,nonsense"},
        {"objects": "responses"},
        {"virtual_key_ids": "key"},
        {"parent_request_id": "log_1"},
        {"roots_only": "true"},
        {"request_id": "log_2"},
        {"start_time": "2026-01-01T12:00:00.0000001Z"},
        {"end_time": "2026-01-01T11:59:59.999999999Z"},
        {"start_time": "9999-12-31T23:59:59Z"},
        {"end_time": "0001-01-01T00:00:00Z"},
        {"period": "59m"},
        {"min_latency": "1234.568"},
        {"max_latency": "1234.566"},
        {"min_tokens": "21"},
        {"max_tokens": "19"},
        {"max_tokens": "-1"},
        {"max_cost": "0.4999"},
        {"content_search": "100_ of"},
        {"content_search": "1%"},
        {"missing_cost_only": "true"},
        {"metadata_env": "de"},
        {"metadata_none": "dev"},
        {"cache_hit_types": "semantic"},
        {"stop_reasons": "stop"},
        {"team_ids": "team"},
    ],
    ids=str,
)
def test_it_does_not_fit(given: dict[str, Any]) -> None:
    assert not fits(LOG, **given)


def test_what_a_log_lacks_is_in_no_range_but_tokens_count_as_none() -> None:
    for name in ("min_latency", "max_latency", "min_cost", "max_cost"):
        assert not fits(BARE, **{name: "0"})
    assert fits(BARE, min_tokens="0", max_tokens="0")
    assert not fits(BARE, min_tokens="1")
    assert fits(BARE, missing_cost_only="T", content_search="late!")


@pytest.mark.parametrize(
    ("kind", "status"), [("", "success"), ("client_disconnected", "cancelled"), ("refused", "error")]
)
def test_a_status_is_found_by_its_own_name_only(kind: str, status: str) -> None:
    log = a_log(error_kind=kind)
    assert status_of(kind) == status
    assert fits(log, status=status)
    others = {"success", "error", "cancelled"} - {status}
    assert not any(fits(log, status=other) for other in others)
    assert not fits(log, status=",".join(others))
    assert all(fits(log, status=f"{status},{other}") for other in others)


def test_a_hit_by_likeness_is_told_from_an_exact_one() -> None:
    told = a_log(cache="hit", details='{"cache":{"cache_hit":true,"hit_type":"semantic"}}')
    assert fits(told, cache_hit_types="semantic")
    assert not fits(told, cache_hit_types="direct")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"modles": "x"}, "modles"),
        ({"metadata_": "x"}, "metadata_"),
        ({"metadata_ü": "x"}, "metadata_ü"),
        ({"metadata_" + "k" * 257: "x"}, "metadata_" + "k" * 257),
        ({"metadata_env": 1}, "metadata_env"),
        ({"metadata_filters": {"a b": "c"}}, "metadata_filters.a b"),
        ({"metadata_filters": "env"}, None),
        ({"providers": 1}, "providers"),
        ({"providers": [1]}, "providers"),
        ({"content_search": ["x"]}, "content_search"),
        ({"parent_request_id": 1}, "parent_request_id"),
        ({"start_time": "2026-13-01T00:00:00Z"}, "start_time"),
        ({"start_time": "2026-01-01T00:00:00"}, "start_time"),
        ({"end_time": 5}, "end_time"),
        ({"period": "7"}, "period"),
        ({"min_latency": ""}, None),
        ({"min_latency": "∞"}, "min_latency"),
        ({"min_latency": True}, "min_latency"),
        ({"min_cost": "1e309"}, "min_cost"),
        ({"min_tokens": 1.5}, "min_tokens"),
        ({"min_tokens": 10**20}, "min_tokens"),
        ({"min_tokens": "٣"}, "min_tokens"),
        ({"roots_only": "yes"}, "roots_only"),
        ({"missing_cost_only": 1}, "missing_cost_only"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_by_its_name(given: dict[str, Any], named: str | None) -> None:
    if named is None and given != {"metadata_filters": "env"}:
        assert not read_filters(given, NOW).clauses
        return
    if named is None:  # as a parameter of the list, it asks for a tag that is called `filters`
        assert read_filters(given, NOW).clauses[0].name == "filters"
        return
    with pytest.raises(InvalidRequest) as refused:
        read_filters(given, NOW)
    assert refused.value.param == named
    assert named in refused.value.message


def test_a_parameter_that_others_put_there_is_passed_over_and_a_slip_is_not() -> None:
    given = {"_": "1763730000", "utm_source": "x", "limit": "5"}
    assert read_filters(given, NOW, lenient=True).clauses == ()
    for slip, meant in (("model", "models"), ("start-time", "start_time"), ("offest", "offset")):
        with pytest.raises(InvalidRequest, match=f"did you mean {meant}"):
            read_filters({slip: "x"}, NOW, lenient=True)


@pytest.mark.parametrize("text", ["-9.683625614818342e-253", "2.015155466492849e+171", "1" * 300, ".5", "5."])
def test_every_number_that_a_double_holds_is_taken(text: str) -> None:
    (clause,) = read_filters({"max_latency": text}, NOW).clauses
    assert clause.values[0] == pytest.approx(float(text) / 1000)


def test_values_are_read_as_they_are_written() -> None:
    assert items("x", " a ,, b") == ("a", "b")
    assert whole_number("x", "+7") == 7
    assert (truth("x", "TRUE"), truth("x", "f")) == (True, False)
    assert moment("x", "1970-01-01T00:00:00.1234567Z") == 123_456
    assert moment("x", "1970-01-01T00:00:00.1234567Z", up=True) == 123_457


def test_a_period_goes_back_from_now() -> None:
    since, until = read_filters({"period": "90m"}, NOW).clauses
    assert since.values == (to_micros(NOW - timedelta(minutes=90)),)
    assert until.values == (to_micros(NOW),)
    since, _ = read_filters({"period": "99999w"}, NOW).clauses
    assert since.values == (0,)


def test_every_filter_is_documented_but_those_that_find_nothing() -> None:
    documented = {parameter["name"] for parameter in DOCUMENTED} - {"metadata_filters"}
    for name in set(FILTERS) - documented:
        assert not fits(LOG, **{name: "anything"})
    assert documented <= set(FILTERS)
