"""A database moves whole into an empty one of the other kind, or nothing of it does."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from logwright.db import Database
from logwright.db.moving import move
from logwright.errors import Conflict, Misconfigured
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.vault import Vault


def filled(where: str | Path, run: Path, vault: Vault) -> dict[str, list[tuple[object, ...]]]:
    """Make two projects with keys and a provider's secret; return every row."""
    database = Database.open(where, run=run)
    try:
        managing = Managing(database=database, vault=vault)
        for name in ("one", "two"):
            manage.create_project(managing, SYSTEM, name)
        return everything(database)
    finally:
        database.close()


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    tables = sa.MetaData()
    with database.read() as connection:
        tables.reflect(connection)
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in tables.sorted_tables
            if table.name not in {"migrations", "changes"}
        }


def test_everything_moves_to_another_kind_of_database(postgres_url: str, tmp_path: Path, vault: Vault) -> None:
    import psycopg

    source = tmp_path / "logwright.db"
    before = filled(source, tmp_path / "run", vault)
    try:
        counts = move(source, postgres_url)
        assert counts["projects"] == 2
        assert sum(counts.values()) == sum(map(len, before.values()))
        moved = Database.open(postgres_url, run=tmp_path / "run")
        assert everything(moved) == before
        moved.close()
        with pytest.raises(Conflict, match="holds rows already"):
            move(source, postgres_url)
        assert move(postgres_url, tmp_path / "back.db") == counts
        back = Database.open(tmp_path / "back.db", run=tmp_path / "run")
        assert everything(back) == before
        back.close()
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


def test_wrong_ends_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="same database"):
        move(tmp_path / "a.db", tmp_path / "a.db")
    with pytest.raises(Misconfigured, match="no database at"):
        move(tmp_path / "a.db", tmp_path / "b.db")
