"""What a query is shown as reads back as the same query."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.logs.query.parse import parse
from logwright.logs.query.show import show
from logwright.logs.types import Clause, LogQuery

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@given(data=st.data())
def test_a_query_shown_and_parsed_again_is_the_same(queries: st.SearchStrategy[LogQuery], data: st.DataObject) -> None:
    query = data.draw(queries)
    assert parse(show(query), NOW) == query, show(query)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("model=gpt-4o", "model:gpt-4o"),
        ("statusCode:>=400", "status:>=400"),
        ("metadata.env=dev", "tag.env:dev"),
        ("latency:>500ms", "latency:>0.5s"),
        ("tokens:>10k", "tokens:>10000"),
        ("-is:error", "-has:error"),
        ('"two words"', '"two words"'),
        ("-status:200", "-status:200"),
        ("cost:0.01..", "cost:>=0.01"),
        ("model:*", "has:model"),
        ("last:24h", "time:>=2026-11-20T12:00:00.000000Z"),
        ("", ""),
    ],
)
def test_each_spelling_has_one_canonical_form(text: str, shown: str) -> None:
    assert show(parse(text, NOW)) == shown


def test_years_of_few_digits_keep_their_place() -> None:
    query = LogQuery(clauses=(Clause(field="time", operator=">", values=(-60_000_000_000_000_000,)),))
    assert show(query).startswith("time:>0068-")
    assert parse(show(query), NOW) == query
