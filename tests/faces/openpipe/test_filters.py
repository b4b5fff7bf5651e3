"""OpenPipe's filters as our query."""

from __future__ import annotations

import pytest

from logwright.errors import InvalidRequest
from logwright.faces.openpipe.filters import query_of
from logwright.logs.types import Clause, LogQuery


@pytest.mark.parametrize(
    ("field", "equals", "clause"),
    [
        ("model", "gpt-4o", Clause(field="model", operator="=", values=("gpt-4o",))),
        ("completionId", "chatcmpl-1", Clause(field="completion_id", operator="=", values=("chatcmpl-1",))),
        ("metadata.prompt_id", 7, Clause(field="tag", name="prompt_id", operator="=", values=("7",))),
        ("tags.ok", True, Clause(field="tag", name="ok", operator="=", values=("true",))),
        ("metadata.$sdk.version", "5", Clause(field="tag", name="$sdk.version", operator="=", values=("5",))),
        ("metadata.model*", "a*b", Clause(field="tag", name="model*", operator="=", values=("a*b",))),
    ],
)
def test_a_filter_becomes_a_clause(field: str, equals: object, clause: Clause) -> None:
    assert query_of([{"field": field, "equals": equals}]) == LogQuery(clauses=(clause,))


def test_no_filters_mean_every_log() -> None:
    assert query_of([]) == LogQuery()


@pytest.mark.parametrize("field", ["modle", "metadata.", "metadata", "tags", "", "statusCode"])
def test_an_unknown_field_is_named_and_never_matches_everything(field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        query_of([{"field": "model", "equals": "a"}, {"field": field, "equals": "a"}])

    assert caught.value.param == "filters[1].field"
    assert repr(field) in caught.value.issues[0]
