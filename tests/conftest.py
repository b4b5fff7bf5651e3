"""What tests of several rooms stand on: an open database of either kind, and keys to seal with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.db import Database
from logwright.projects.manage import Managing
from logwright.projects.master import master_key
from logwright.projects.vault import Vault
from logwright.testing.postgres import Postgres, programs, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's programs are not installed; on Debian: apt install postgresql")
    with running(folder) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where an empty database may be made: once for SQLite, once for PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "data" / "logwright.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh_url()


@pytest.fixture
def database(database_address: str, tmp_path: Path) -> Iterator[Database]:
    """Open an empty database of either kind."""
    opened = Database.open(database_address, run=tmp_path / "data" / "run")
    yield opened
    opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault([master_key(bytes(range(32)))])


@pytest.fixture
def managing(database: Database, vault: Vault) -> Managing:
    """Return what the verbs of the project room work with."""
    return Managing(database=database, vault=vault)
