"""`logwright people` on a data folder: how the first people get in, and how they get in again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from logwright.cli.main import main


class Runner:
    """Runs commands and reads what they show as JSON."""

    def __init__(self) -> None:
        self.runner = CliRunner()

    def __call__(self, *arguments: str) -> Any:
        done = self.runner.invoke(main, ["people", *arguments, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("LOGWRIGHT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(tmp_path / "config" / "master.key"))
    runner = Runner()
    assert runner.runner.invoke(main, ["projects", "create", "team"]).exit_code == 0
    return runner


def test_somebody_is_added_and_listed(run: Runner) -> None:
    added = run("add", "ada@example.com", "--name", "Ada", "--admin")
    assert len(added["password"]) > 20
    (listed,) = run("list")
    assert (listed["email"], listed["is_admin"], listed["must_change_password"]) == ("ada@example.com", True, True)
    assert "password" not in listed


def test_a_lost_password_is_replaced(run: Runner) -> None:
    first = run("add", "ada@example.com")["password"]
    assert run("reset", "ada@example.com")["password"] != first
    refused = run.runner.invoke(main, ["people", "reset", "nobody@example.com"])
    assert refused.exit_code != 0
    assert "nobody@example.com" in refused.output


def test_somebody_is_shut_out_and_let_in(run: Runner) -> None:
    run("add", "ada@example.com")
    assert run("disable", "ada@example.com")["disabled_at"] is not None
    assert run("enable", "ADA@example.com")["disabled_at"] is None
    refused = run.runner.invoke(main, ["people", "disable", "nobody@example.com"])
    assert refused.exit_code == 1


def test_a_link_brings_somebody_into_the_project(run: Runner) -> None:
    made = run("invite", "--project", "team", "--role", "viewer")
    assert made["role"] == "viewer"
    shown = run.runner.invoke(main, ["people", "invite", "--project", "team"])
    assert "/invite#" in shown.output
    assert run("members", "--project", "team") == []


def test_what_people_read_names_the_password_once(run: Runner) -> None:
    shown = run.runner.invoke(main, ["people", "add", "ada@example.com"])
    assert "one-time password" in shown.output
    assert "ada@example.com" in run.runner.invoke(main, ["people", "list"]).output
