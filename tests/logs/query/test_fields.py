"""The fields are those of the types, look at columns that exist, and are documented by examples that work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from logwright.logs.query.fields import FIELDS, FieldInfo
from logwright.logs.query.parse import PRESENCES, SHORTHANDS, parse
from logwright.logs.record import ErrorKind, Kind, Source
from logwright.logs.row import LogRow
from logwright.logs.types import Field

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_every_field_of_the_vocabulary_is_described() -> None:
    assert set(FIELDS) == set(get_args(Field))


@pytest.mark.parametrize("info", FIELDS.values(), ids=lambda info: info.name)
def test_a_field_looks_at_what_a_row_has(info: FieldInfo) -> None:
    assert all(hasattr(LogRow, column) for column in info.columns)


@pytest.mark.parametrize("info", FIELDS.values(), ids=lambda info: info.name)
def test_the_example_of_a_field_is_about_the_field(info: FieldInfo) -> None:
    (clause,) = parse(info.example, NOW).clauses
    assert clause.field == info.name


def test_the_fixed_values_are_those_of_the_record() -> None:
    assert set(FIELDS["kind"].choices) == set(get_args(Kind))
    assert set(FIELDS["source"].choices) == set(get_args(Source))
    assert {*FIELDS["error"].choices, ""} == set(get_args(ErrorKind))


@pytest.mark.parametrize("name", SHORTHANDS)
def test_the_choices_of_a_shorthand_work(name: str) -> None:
    assert parse(SHORTHANDS[name].example, NOW).clauses
    for choice in SHORTHANDS[name].choices:
        assert parse(f"{name}:{choice}", NOW).clauses


def test_what_has_asks_of_bodies_is_the_text_of_json() -> None:
    for clause in PRESENCES.values():
        assert clause.exact_case
        assert all(str(value).startswith('"') for value in clause.values)
