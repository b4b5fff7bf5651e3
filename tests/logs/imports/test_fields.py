"""Reading a stranger's object: what is there in any of its spellings, and the path of what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from logwright.clock import to_micros
from logwright.logs.imports.base import Refused
from logwright.logs.imports.fields import Fields, kind_of_json, micros_of, opened, texts_of

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-05-01T12:00:00Z",
        "2024-05-01T12:00:00.000Z",
        "2024-05-01 12:00:00",
        "2024-05-01 12:00:00.000000 UTC",
        "2024-05-01T14:00:00+02:00",
        1714564800,
        1714564800.0,
        1714564800000,
        1714564800000000,
        "1714564800",
    ],
)
def test_a_moment_is_read_in_every_spelling(written: Any) -> None:
    assert Fields({"at": written}).moment("missing", "at") == NOON


@pytest.mark.parametrize("written", ["yesterday", [], True, -5, "9999-01-01", 1e30])
def test_what_is_no_moment_is_refused_with_its_path(written: Any) -> None:
    with pytest.raises(Refused) as refusal:
        Fields({"at": written}, "$.row").moment("at")
    assert refusal.value.error.path == "$.row.at"


def test_micros_of_a_moment_are_exact() -> None:
    assert micros_of(datetime(2024, 5, 1, 12, 0, 0, 123457, tzinfo=UTC)) % 1_000_000 == 123457
    assert micros_of(datetime(2024, 5, 1, 12)) == to_micros(NOON)  # noqa: DTZ001 - a time without a zone is what is tried


def test_numbers_and_counts_may_be_texts() -> None:
    row = Fields({"a": "1.5", "b": "7", "c": 7.0, "d": "", "e": None})
    assert (row.number("a"), row.count("b"), row.count("c"), row.count("d"), row.number("e")) == (1.5, 7, 7, None, None)
    wrong: list[Any] = ["x", True, [], float("nan")]
    for value in wrong:
        with pytest.raises(Refused):
            Fields({"a": value}).number("a")
    for count in (-1, 1.5, 2**32):
        with pytest.raises(Refused):
            Fields({"a": count}).count("a")


def test_texts_objects_and_arrays() -> None:
    row = Fields({"n": 5, "t": True, "o": '{"a": 1}', "l": "[1]", "s": "plain", "none": None})
    assert (row.text("n"), row.text("t"), row.text("none", "s")) == ("5", "true", "plain")
    assert dict(row.object("o").values) == {"a": 1}
    assert row.object("none").values == {}
    assert (row.list("l"), row.list("none")) == ([1], [])
    assert (row.json("o"), row.json("s"), row.any("none")) == ({"a": 1}, "plain", None)
    assert "none" not in row
    assert row.rest("n", "t") == {"o": '{"a": 1}', "l": "[1]", "s": "plain"}
    for wrong in (lambda: row.object("s"), lambda: row.list("o"), lambda: Fields({"a": []}).text("a")):
        with pytest.raises(Refused):
            wrong()
    with pytest.raises(Refused, match="expected an object, got an array"):
        Fields.of(b"[]")


def test_small_ones() -> None:
    assert opened("{no json") == "{no json"
    assert texts_of({"a": 1, "b": [], "": "x", "c": None}) == {"a": 1}
    assert texts_of("x") == {}
    values: list[Any] = [None, True, "", 1, [], {}]
    kinds = [kind_of_json(value) for value in values]
    assert kinds == ["null", "true or false", "a text", "a number", "an array", "an object"]
