"""The first step: the tables it makes, and the one row they need."""

from __future__ import annotations

import sqlalchemy as sa

from logwright.db import migrate
from logwright.db.database import engine_for


def test_the_first_step_makes_its_tables_and_the_count_of_changes(empty_address: str) -> None:
    engine = engine_for(empty_address)
    migrate.upgrade(engine, to=1)
    tables = {"api_keys", "audit", "changes", "migrations", "projects", "providers"}
    assert set(sa.inspect(engine).get_table_names()) == tables
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id, version FROM changes")).all() == [(1, 0)]
    engine.dispose()
