"""The fifth step: prompts, their neighbours, versions and deployments."""

from __future__ import annotations

import sqlalchemy as sa

from logwright.db import migrate
from logwright.db.database import engine_for, metadata
from logwright.prompts import store


def test_the_fifth_step_makes_the_tables_that_the_room_declares(empty_address: str) -> None:
    engine = engine_for(empty_address)
    migrate.upgrade(engine, to=5)
    inspector = sa.inspect(engine)
    for table in (store.files, store.versions, store.environments, store.deployments):
        made = {column["name"] for column in inspector.get_columns(table.name)}
        assert made == {column.name for column in table.columns}
        assert table.metadata is metadata
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes
    engine.dispose()
