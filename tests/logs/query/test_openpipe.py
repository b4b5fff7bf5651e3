"""OpenPipe's filters mean what they mean there, and a field that does not exist never means everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.logs.matching import matches
from logwright.logs.query.openpipe import as_text, from_filters
from logwright.logs.types import Clause, LogQuery
from logwright.testing.factories import START, a_log

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOG = a_log(
    requested_at=START,
    model="openpipe:triage",
    completion_id="chatcmpl-7",
    status=200,
    tags={"prompt_id": "triage", "n": "10", "flag": "true", "$sdk.version": "5.0.0"},
    request={"model": "openpipe:triage", "messages": [{"role": "user", "content": "Where is my Refund?"}]},
)


def fits(*filters: dict[str, Any]) -> bool:
    return matches(LOG, from_filters(filters, NOW))


@pytest.mark.parametrize(
    ("field", "comparator", "value", "expected"),
    [
        ("model", "=", "openpipe:triage", True),
        ("model", "=", "openpipe", False),
        ("model", "!=", "gpt-4o", True),
        ("model", "CONTAINS", "triage", True),
        ("model", "NOT_CONTAINS", "triage", False),
        ("request", "CONTAINS", "my Refund", True),
        ("request", "CONTAINS", "my refund", False),
        ("request", "CONTAINS", "50%", False),
        ("request", "NOT_CONTAINS", "refund", True),
        ("response", "CONTAINS", '"chat.completion"', True),
        ("completionId", "=", "chatcmpl-7", True),
        ("statusCode", "=", "200", True),
        ("statusCode", "=", "20", False),
        ("statusCode", "CONTAINS", "20", True),
        ("statusCode", "!=", "500", True),
        ("statusCode", "NOT_CONTAINS", "0", False),
        ("statusCode", "=", "ok", False),
        ("statusCode", "!=", "ok", True),
        ("metadata.prompt_id", "=", "triage", True),
        ("tags.prompt_id", "CONTAINS", "tri", True),
        ("metadata.absent", "=", "x", False),
        ("metadata.absent", "!=", "x", True),
        ("metadata.absent", "NOT_CONTAINS", "x", True),
        ("metadata.$sdk.version", "=", "5.0.0", True),
        ("metadata.n", "=", 10, True),
        ("model", "=", "", True),
        ("metadata.absent", "=", "", True),
    ],
)
def test_a_comparator(field: str, comparator: str, value: object, expected: bool) -> None:
    assert fits({"field": field, "comparator": comparator, "value": value}) is expected


@pytest.mark.parametrize(
    ("field", "equals", "expected"),
    [
        ("model", "openpipe:triage", True),
        ("completionId", "chatcmpl-7", True),
        ("metadata.n", 10, True),
        ("metadata.n", 10.0, True),
        ("metadata.flag", True, True),
        ("metadata.flag", "true", True),
        ("tags.prompt_id", "other", False),
        ("metadata.prompt_id", "", False),
    ],
)
def test_equals_compares_as_text(field: str, equals: object, expected: bool) -> None:
    assert fits({"field": field, "equals": equals}) is expected


def test_filters_are_cumulative_and_none_means_all() -> None:
    good = {"field": "model", "equals": "openpipe:triage"}
    assert fits(good, {"field": "metadata.n", "equals": 10})
    assert not fits(good, {"field": "metadata.n", "equals": 11})
    assert from_filters([], NOW) == LogQuery()


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        ("BEFORE", "2026-01-02", True),
        ("AFTER", "2026-01-02", False),
        ("AFTER", [1_767_268_799_000], True),
        ("RANGE", [1_767_268_799_000, 1_767_268_801_000], True),
        ("RANGE", ["2025-01-01", "2025-02-01"], False),
        ("LAST 24H", None, False),
        ("BEFORE", "", True),
    ],
)
def test_a_date_comparator(comparator: str, value: object, expected: bool) -> None:
    assert fits({"field": "requestedAt", "comparator": comparator, "value": value}) is expected


def test_last_week_counts_from_now() -> None:
    query = from_filters([{"field": "sentAt", "comparator": "LAST 7D"}], datetime(2026, 1, 8, tzinfo=UTC))
    assert matches(LOG, query)


@pytest.mark.parametrize(
    ("filter_", "param", "word"),
    [
        ({"field": "modle", "equals": "x"}, "filters[0].field", "did you mean model?"),
        ({"field": "metadata.", "equals": "x"}, "filters[0].field", "unknown"),
        ({"field": "", "equals": "x"}, "filters[0].field", "unknown"),
        ({"equals": "x"}, "filters[0].field", "must be a text"),
        ({"field": 5, "equals": "x"}, "filters[0].field", "must be a text"),
        ({"field": "model", "comparator": "LIKE", "value": "x"}, "filters[0].comparator", "'LIKE'"),
        ({"field": "model", "comparator": [], "value": "x"}, "filters[0].comparator", "unknown"),
        ({"field": "unknown", "comparator": "=", "value": ""}, "filters[0].field", "'unknown'"),
        ({"field": "requestedAt", "comparator": "=", "value": "2026"}, "filters[0].comparator", "does not fit a time"),
        ({"field": "requestedAt", "comparator": "RANGE", "value": ["2026"]}, "filters[0].value", "two moments"),
        ({"field": "requestedAt", "comparator": "AFTER", "value": "soon"}, "filters[0].value", "'soon'"),
        ({"field": "requestedAt", "comparator": "AFTER", "value": 1e300}, "filters[0].value", "milliseconds"),
        ({"field": "requestedAt", "comparator": [1], "value": 1}, "filters[0].comparator", "does not fit"),
    ],
)
def test_what_is_unknown_is_refused_by_name(filter_: dict[str, Any], param: str, word: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        from_filters([filter_], NOW)
    assert refused.value.param == param
    assert word in refused.value.message


def test_values_become_the_text_that_tags_hold() -> None:
    assert [as_text(value) for value in (True, False, 1, 1.0, 1.5, "x")] == ["true", "false", "1", "1", "1.5", "x"]


def test_contains_respects_case() -> None:
    (clause,) = from_filters([{"field": "model", "comparator": "CONTAINS", "value": "x"}], NOW).clauses
    assert clause == Clause(field="model", operator="~", values=("x",), exact_case=True)
