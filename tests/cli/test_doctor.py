"""`logwright doctor` lists what it found and ends with status 1 when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from logwright.cli.main import main


def doctor(tmp_path: Path, *arguments: str) -> Result:
    where = ["--data", str(tmp_path / "data"), "--port", "0", "--master-key-file", str(tmp_path / "master.key")]
    return CliRunner().invoke(main, ["doctor", *where, *arguments])


def test_a_well_installation_ends_with_status_0(tmp_path: Path) -> None:
    done = doctor(tmp_path)
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("Nothing is wrong.\n")


def test_something_wrong_ends_with_status_1_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    done = doctor(tmp_path)
    assert done.exit_code == 1
    assert "chmod 700" in done.stdout
    assert done.stdout.endswith("1 wrong\n")


def test_a_program_reads_the_findings(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    done = doctor(tmp_path, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["well"] is False
    assert [each["name"] for each in told["findings"] if each["state"] == "wrong"] == ["data folder"]
