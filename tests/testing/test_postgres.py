"""The PostgreSQL server that tests start: real, separate, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwright.db import Database
from logwright.testing.postgres import Postgres, programs, running


def test_each_database_is_empty_and_of_its_own(postgres: Postgres, tmp_path: Path) -> None:
    first, second = postgres.fresh_url(), postgres.fresh_url()
    assert first != second
    database = Database.open(first, run=tmp_path)
    assert database.dialect == "postgresql"
    assert database.version() == 0
    database.close()


def test_a_stopped_server_leaves_nothing_behind() -> None:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's programs are not installed; on Debian: apt install postgresql")
    with running(folder) as server:
        assert server.sockets.is_dir()
    assert not server.sockets.exists()
