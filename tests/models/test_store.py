"""A project's prices in either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from logwright.db import Database
from logwright.models.store import all_prices, prices_of, put_price, remove_price
from logwright.models.types import OwnPrice
from logwright.projects.store import add_project
from logwright.projects.types import Project

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_prices_are_set_replaced_and_removed(database: Database) -> None:
    one = OwnPrice(project_id="one", model="b", input=1.0, output=2.0, cached_input=0.5, updated_at=NOW)
    two = replace(one, project_id="two", model="a*", cached_input=None, output_audio=9.5)
    with database.write() as connection:
        for name in ("one", "two"):
            add_project(connection, Project(id=name, name=name, created_at=NOW))
        put_price(connection, replace(one, input=7.0))
        put_price(connection, one)
        put_price(connection, replace(one, model="a"))
        put_price(connection, two)
    with database.read() as connection:
        assert prices_of(connection, "one") == [replace(one, model="a"), one]
        assert prices_of(connection, "none") == []
        assert len(all_prices(connection)) == 3
    with database.write() as connection:
        assert not remove_price(connection, "one", "a*")
        assert remove_price(connection, "two", "a*")
    with database.read() as connection:
        assert prices_of(connection, "two") == []
