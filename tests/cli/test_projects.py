"""`logwright projects` on a data folder, without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from logwright.cli.main import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LOGWRIGHT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(tmp_path / "config" / "master.key"))
    return CliRunner()


def test_a_project_is_made_and_listed_on_a_folder_that_was_not_there(run: CliRunner, tmp_path: Path) -> None:
    made = run.invoke(main, ["projects", "create", "team", "--data", str(tmp_path / "data"), "--json"])
    assert made.exit_code == 0, made.output
    shown = json.loads(made.stdout)
    assert shown["name"] == "team"
    assert shown["id"].startswith("prj_")
    assert shown["key"].startswith("lwk_")

    listed = run.invoke(main, ["projects", "list", "--json"])
    assert [each["id"] for each in json.loads(listed.stdout)] == [shown["id"]]


def test_people_see_the_key_once_and_are_told_to_keep_it(run: CliRunner) -> None:
    made = run.invoke(main, ["projects", "create", "team"])
    assert "lwk_" in made.stdout
    assert "not shown again" in made.stderr
    assert "lwk_" not in run.invoke(main, ["projects", "list"]).output


def test_a_name_twice_ends_in_one_line_and_a_status(run: CliRunner) -> None:
    run.invoke(main, ["projects", "create", "team"])
    again = run.invoke(main, ["projects", "create", "team"])
    assert again.exit_code == 1
    assert again.stderr.startswith("logwright: There is a project named 'team' already")
    assert again.stderr.count("\n") == 1
