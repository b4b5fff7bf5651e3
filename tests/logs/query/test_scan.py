"""A query is cut where a person would cut it."""

from __future__ import annotations

import pytest

from logwright.errors import InvalidRequest
from logwright.logs.query.scan import scan


def test_conditions_know_their_places() -> None:
    found = [
        (condition.field, condition.at, condition.values[0].at) for condition in scan('a -model:"x y"  status:>=4')
    ]
    assert found == [("", 1, 1), ("model", 3, 10), ("status", 17, 26)]


def test_a_star_is_wild_only_where_it_is_bare() -> None:
    (condition,) = scan(r'model:(a*,"a*",a\*)')
    assert [(value.text, value.pattern, value.wild) for value in condition.values] == [
        ("a*", "a*", True),
        ("a*", r"a\*", False),
        ("a*", r"a\*", False),
    ]


def test_a_minus_before_a_space_is_a_word() -> None:
    first, second = scan("- a")
    assert (first.negated, first.values[0].text, second.values[0].text) == (False, "-", "a")


@pytest.mark.parametrize("text", ["model:(a", "model:(", "model:(,a)", '"x', "tag.:1", "status:"])
def test_what_does_not_end_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        list(scan(text))
