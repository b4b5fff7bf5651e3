"""A request's query and filters become one query."""

from __future__ import annotations

import pytest

from logwright.errors import InvalidRequest
from logwright.logs.query.show import show
from logwright.logs.routes.selecting import decoded_filters, query_of


def test_both_hold() -> None:
    filters = decoded_filters('[{"field": "metadata.n", "equals": 1}]')
    assert show(query_of("model:a", filters)) == "model:a tag.n:1"


@pytest.mark.parametrize("filters", [None, ""])
def test_filters_need_not_be_given(filters: str | None) -> None:
    assert decoded_filters(filters) is None


@pytest.mark.parametrize("filters", ["{", "{}", "1", '"x"', "[" * 5000])
def test_filters_are_a_json_array(filters: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        decoded_filters(filters)
    assert refused.value.param == "filters"
