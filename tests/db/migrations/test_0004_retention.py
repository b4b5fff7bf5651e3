"""The fourth step: how long a project keeps its logs."""

from __future__ import annotations

import sqlalchemy as sa

from logwright.db import migrate
from logwright.db.database import engine_for, metadata
from logwright.logs.store import rules


def test_the_fourth_step_makes_the_table_that_the_room_declares(empty_address: str) -> None:
    engine = engine_for(empty_address)
    migrate.upgrade(engine, to=4)
    made = {column["name"] for column in sa.inspect(engine).get_columns("retention")}
    assert made == {column.name for column in rules.retention.columns}
    assert rules.retention.metadata is metadata
    engine.dispose()
