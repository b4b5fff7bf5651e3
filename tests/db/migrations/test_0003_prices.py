"""The third step: a project's own prices."""

from __future__ import annotations

import sqlalchemy as sa

from logwright.db import migrate
from logwright.db.database import engine_for, metadata
from logwright.models import store


def test_the_third_step_makes_the_table_that_the_room_declares(empty_address: str) -> None:
    engine = engine_for(empty_address)
    migrate.upgrade(engine, to=3)
    made = {column["name"] for column in sa.inspect(engine).get_columns("prices")}
    assert made == {column.name for column in store.prices.columns}
    assert store.prices.metadata is metadata
    engine.dispose()
