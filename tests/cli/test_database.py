"""`logwright database migrate` copies a database and says what it copied."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from logwright.cli.main import main
from logwright.db import Database


def test_a_database_is_copied_by_its_path(tmp_path: Path) -> None:
    source, target = tmp_path / "a" / "logwright.db", tmp_path / "b" / "logwright.db"
    Database.open(source).close()
    done = CliRunner().invoke(main, ["database", "migrate", str(source), str(target), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["tables"]["projects"] == 0
    assert target.exists()


def test_a_database_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["database", "migrate", str(tmp_path / "none.db"), str(tmp_path / "b.db")])
    assert done.exit_code == 2
    assert "There is no database" in done.stderr
