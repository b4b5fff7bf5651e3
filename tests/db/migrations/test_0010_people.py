"""The tenth step: people, their roles, their sessions, invitations, and failed tries."""

from __future__ import annotations

import sqlalchemy as sa

from logwright.db import migrate
from logwright.db.database import engine_for, metadata
from logwright.people import store


def test_the_tenth_step_makes_the_tables_that_the_room_declares(empty_address: str) -> None:
    engine = engine_for(empty_address)
    migrate.upgrade(engine, to=10)
    inspector = sa.inspect(engine)
    for table in (store.people, store.members, store.sessions, store.invitations, store.tries):
        made = {column["name"] for column in inspector.get_columns(table.name)}
        assert made == {column.name for column in table.columns}
        assert table.metadata is metadata
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes
    engine.dispose()
