"""Counting values: all fields in one scan, tags of any name, and what was changed a moment ago."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.logs.store.test_rows import a_row

from logwright.errors import InvalidRequest
from logwright.logs.row import COLUMNS
from logwright.logs.store import facets, rows, schema
from logwright.logs.store.changes import Chosen, LogsDeleted, TagsSet, apply
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import Clause, LogQuery

EVERYTHING = LogQuery()
NAMES = ("", "env", "a=b", "a\0b", "b", "\x01b", "\x01", ",", '"', "naïve 漢字", "env ")
"""Names that look like one another in some encoding or other."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(tmp_path / "engine", sessions=1)
    yield opened
    opened.close()


def keep(engine: EmbeddedEngine, *tags: Mapping[str, str], **fields: object) -> None:
    made = [
        a_row(id=f"log-{number}", requested_at=number, tags=dict(each), **fields) for number, each in enumerate(tags)
    ]
    engine.insert(schema.LOGS, COLUMNS, b"".join(map(rows.encode, made)))


def counted(engine: EmbeddedEngine, *fields: str, limit: int = 100) -> dict[str, dict[str, int]]:
    return {facet.field: dict(facet.values) for facet in facets.facets(engine, "p", EVERYTHING, list(fields), limit)}


def test_tags_of_any_name_are_told_apart(engine: EmbeddedEngine) -> None:
    keep(engine, {}, *[{name: "x", "all": str(number % 2)} for number, name in enumerate(NAMES)])
    found = counted(engine, "tag", "tag.all", *[f"tag.{name}" for name in NAMES if name])
    assert found["tag"] == {**dict.fromkeys(NAMES, 1), "all": len(NAMES)}
    assert found["tag.all"] == {"0": 6, "1": 5}
    for name in filter(None, NAMES):
        assert found[f"tag.{name}"] == {"x": 1}, name


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_tag_of_any_name_is_found_by_its_presence(engine: EmbeddedEngine, name: str) -> None:
    keep(engine, {}, *[{each: "x"} for each in NAMES])
    where, values = condition("p", LogQuery(clauses=(Clause(field="tag", name=name, operator="exists"),)))
    found = engine.query(f"SELECT id FROM {schema.LOGS} WHERE {where}", literals(values), form="TSV")
    assert found == f"log-{NAMES.index(name) + 1}\n".encode()


def test_an_empty_value_counts_and_an_absent_tag_does_not(engine: EmbeddedEngine) -> None:
    keep(engine, {"note": ""}, {"note": "x"}, {})
    assert counted(engine, "tag.note") == {"tag.note": {"": 1, "x": 1}}


def test_a_change_is_counted_at_once(engine: EmbeddedEngine) -> None:
    keep(engine, {"env": "dev"}, {"env": "prod"}, {"env": "prod"})
    apply(engine, TagsSet(Chosen("p", ["log-1"], 0, 10), {"seen": "yes"}, ["env"]))
    apply(engine, LogsDeleted(Chosen("p", ["log-2"], 0, 10)))
    assert counted(engine, "tag", "tag.env", "tag.seen", "kind") == {
        "tag": {"env": 1, "seen": 1},
        "tag.env": {"dev": 1},
        "tag.seen": {"yes": 1},
        "kind": {"chat_completion": 2},
    }


def test_a_field_asked_for_twice_is_answered_twice(engine: EmbeddedEngine) -> None:
    keep(engine, {}, model="gpt-4o", status=200)
    found = facets.facets(engine, "p", EVERYTHING, ["model", "status", "model"], 5)
    assert [(facet.field, facet.values) for facet in found] == [
        ("model", [("gpt-4o", 1)]),
        ("status", [("200", 1)]),
        ("model", [("gpt-4o", 1)]),
    ]


def test_no_fields_have_no_values(engine: EmbeddedEngine) -> None:
    assert facets.facets(engine, "p", EVERYTHING, [], 5) == []


def test_each_field_has_its_own_most_frequent_values(engine: EmbeddedEngine) -> None:
    keep(engine, *[{"n": str(number), "few": "one"} for number in range(9)])
    many, few = facets.facets(engine, "p", EVERYTHING, ["tag.n", "tag.few"], 3)
    assert (many.values, many.truncated) == ([("0", 1), ("1", 1), ("2", 1)], True)
    assert (few.values, few.truncated) == ([("one", 9)], False)


def test_a_body_has_no_values_to_count(engine: EmbeddedEngine) -> None:
    with pytest.raises(InvalidRequest, match="no values to count"):
        facets.source("request")
