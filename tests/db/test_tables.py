"""Rows out and in again: only what is named, in order of the key, and nothing twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from logwright.db import Database, tables
from logwright.projects import store  # noqa: F401 - declares the tables


def test_rows_come_in_order_with_the_named_columns_alone(database: Database) -> None:
    with database.write() as connection:
        for name in ("b", "a"):
            assert tables.put(connection, "projects", {"id": f"prj_{name}", "name": name, "created_at": 5})
    with database.read() as connection:
        assert list(tables.rows(connection, "projects", ("id", "name"))) == [
            {"id": "prj_a", "name": "a"},
            {"id": "prj_b", "name": "b"},
        ]


@pytest.mark.parametrize("row", [{"id": "prj_1", "name": "other"}, {"id": "prj_2", "name": "one"}])
def test_a_row_whose_key_or_unique_value_is_there_is_left_alone(database: Database, row: dict[str, object]) -> None:
    with database.write() as connection:
        assert tables.put(connection, "projects", {"id": "prj_1", "name": "one", "created_at": 5})
        assert not tables.put(connection, "projects", {**row, "created_at": 6})
    with database.read() as connection:
        (kept,) = tables.rows(connection, "projects", ("id", "name", "created_at"))
    assert kept == {"id": "prj_1", "name": "one", "created_at": 5}


def test_a_row_that_refers_to_nothing_is_refused(database: Database) -> None:
    price = {"project_id": "prj_none", "model": "m", "input": 1.0, "output": 1.0, "updated_at": 5}
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        tables.put(connection, "prices", price)


def test_tables_come_after_those_that_they_refer_to() -> None:
    names = list(tables.names())
    assert names.index("projects") < names.index("api_keys")
    assert tables.columns("projects") == ["id", "name", "created_at"]
