"""`logwright restore` asks for what it needs; `test_backup.py` shows the way there and back."""

from __future__ import annotations

from click.testing import CliRunner

from logwright.cli.main import main


def test_the_new_folder_must_be_named() -> None:
    done = CliRunner().invoke(main, ["restore", "a.backup"])
    assert done.exit_code == 2
    assert "--data" in done.stderr
