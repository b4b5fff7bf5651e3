"""The PostgreSQL server that tests start: real, separate, and gone afterwards."""

from __future__ import annotations

import subprocess
import sys
import time
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


def test_a_test_run_that_is_killed_leaves_no_server_behind() -> None:
    if programs() is None:
        pytest.skip("PostgreSQL's programs are not installed; on Debian: apt install postgresql")
    code = (
        "import time; from logwright.testing.postgres import programs, running\n"
        "with running(programs()) as server: print(server.sockets, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        home = Path(run.stdout.readline().strip())
        pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
        run.kill()
    until = time.monotonic() + 30
    while (home.exists() or Path(f"/proc/{pid}").exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not home.exists()
    assert not Path(f"/proc/{pid}").exists()
