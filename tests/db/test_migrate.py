"""Migrations: from every earlier state to the present one, once, whoever begins."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import logwright
from logwright.db import Database, metadata, migrate
from logwright.db.database import engine_for
from logwright.errors import Misconfigured

NUMBERS = [step.number for step in migrate.known()]


@pytest.fixture
def engine(empty_address: str) -> Iterator[sa.Engine]:
    """Return an engine on an empty database of either kind."""
    made = engine_for(empty_address)
    yield made
    made.dispose()


def declare_all_tables() -> None:
    """Import every file in which a room declares tables."""
    root = Path(logwright.__path__[0])
    for path in root.rglob("*.py"):
        if "import metadata" in path.read_text() and path.parent.name not in {"migrations", "db"}:
            importlib.import_module(".".join(["logwright", *path.relative_to(root).with_suffix("").parts]))


def shape(engine: sa.Engine) -> dict[str, object]:
    """Return the tables with their columns, keys and rules, as the database itself describes them."""
    inspector = sa.inspect(engine)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)),
            sorted(inspector.get_pk_constraint(table)["constrained_columns"]),
            sorted(sorted(u["column_names"]) for u in inspector.get_unique_constraints(table)),
            sorted((f["constrained_columns"], f["referred_table"]) for f in inspector.get_foreign_keys(table)),
        )
        for table in inspector.get_table_names()
        if table != "migrations"
    }


def test_no_two_steps_have_the_same_number() -> None:
    assert sorted(set(NUMBERS)) == NUMBERS


def test_the_migrated_schema_is_the_one_that_the_rooms_declare(
    engine: sa.Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    declare_all_tables()
    migrate.upgrade(engine)
    if engine.dialect.name == "sqlite":
        address = str(tmp_path / "declared.db")
    else:
        address = request.getfixturevalue("postgres").fresh_url()
    declared = engine_for(address)
    metadata.create_all(declared)
    described = shape(declared)
    declared.dispose()
    assert shape(engine) == described


@pytest.mark.parametrize("state", [0, *NUMBERS])
def test_a_database_of_every_earlier_state_opens_with_its_data(
    engine: sa.Engine, empty_address: str, state: int, tmp_path: Path
) -> None:
    migrate.upgrade(engine, to=state)
    if state >= 1:
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'one', 1)"))

    database = Database.open(empty_address, run=tmp_path / "run")

    with database.read() as connection:
        kept = connection.execute(sa.text("SELECT name FROM projects")).scalars().all()
        numbers = connection.execute(sa.text("SELECT number FROM migrations ORDER BY number")).scalars().all()
    assert kept == (["one"] if state >= 1 else [])
    assert numbers == NUMBERS
    database.close()


def test_upgrading_again_does_nothing(engine: sa.Engine) -> None:
    assert [step.number for step in migrate.upgrade(engine)] == NUMBERS
    assert migrate.upgrade(engine) == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    engine: sa.Engine, empty_address: str, tmp_path: Path
) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO migrations VALUES (9999, '9999_future', 1)"))
    with pytest.raises(Misconfigured, match=r"schema 9999 .* newer"):
        Database.open(empty_address, run=tmp_path / "run")


def test_a_step_that_fails_leaves_nothing_behind(engine: sa.Engine) -> None:
    """Here step 1 fails at its second table, because something of that name is there already."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE providers (mine INTEGER)"))
    with pytest.raises(sa.exc.DBAPIError):
        migrate.upgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) == {"providers"}
