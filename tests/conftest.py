"""What tests of several rooms stand on: a fake provider, a real server, databases of both kinds, keys."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from logwright.db import Database
from logwright.projects.manage import Managing
from logwright.projects.master import master_key
from logwright.projects.vault import Vault
from logwright.testing.application import Application
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.postgres import Postgres, programs, running
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

_databases: Final = itertools.count(1)


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    """Return a provider that answers as the test says, on a port of its own."""
    with FakeUpstream() as provider:
        yield provider


@pytest.fixture
def server(upstream: FakeUpstream, tmp_path: Path) -> Iterator[Server]:
    """Return a running server whose providers all lead to `upstream`."""
    with Server(upstream=upstream, folder=tmp_path / "server") as running_server:
        yield running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's programs are not installed; on Debian: apt install postgresql")
    with running(folder) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """Return the database that tests use one after another; a new one for each takes ten times as long."""
    return postgres.fresh_url()


@pytest.fixture(scope="session")
def migrated_url(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return another, whose schema is current and stays."""
    url = postgres.fresh_url()
    Database.open(url, run=tmp_path_factory.mktemp("run")).close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where an empty database is or may be made: once for SQLite, once for PostgreSQL."""
    if request.param == "sqlite":
        yield str(tmp_path / "data" / "logwright.db")
        return
    url: str = request.getfixturevalue("postgres_url")
    yield url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a database without any rows is or may be made, its schema current or yet to be made."""
    if request.param == "sqlite":
        yield str(tmp_path / "data" / "logwright.db")
        return
    url: str = request.getfixturevalue("migrated_url")
    yield url
    with psycopg.connect(url) as connection:
        connection.execute("SET lock_timeout = '10s'")
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = [name for (name,) in found if name not in {"migrations", "changes"}]
        connection.execute(f"TRUNCATE {', '.join(tables)}")
        connection.execute("UPDATE changes SET version = 0")


@pytest.fixture
def database(database_address: str, tmp_path: Path) -> Iterator[Database]:
    """Open an empty database of either kind."""
    opened = Database.open(database_address, run=tmp_path / "data" / "run")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """Return a ClickHouse server that stays up for all tests."""
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse")) as running_server:
        yield running_server


@pytest.fixture
def store_url(clickhouse: ClickHouseServer) -> str:
    """Return the address of a database of its own on that server, for logs."""
    return clickhouse.url(f"test_{next(_databases)}")


@pytest.fixture
def vault() -> Vault:
    return Vault([master_key(bytes(range(32)))])


@pytest.fixture
def managing(database: Database, vault: Vault) -> Managing:
    """Return what the verbs of the project room work with."""
    return Managing(database=database, vault=vault)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Run the web application over one data directory; a test makes a project of its own in it."""
    with Application(tmp_path_factory.mktemp("application") / "data", testing_routes=True) as running_application:
        yield running_application
