"""`logwright keys` on a data folder, without a server."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from logwright import clock
from logwright.cli.main import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LOGWRIGHT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(tmp_path / "config" / "master.key"))
    runner = CliRunner()
    assert runner.invoke(main, ["projects", "create", "team"]).exit_code == 0
    return runner


def test_a_key_is_made_listed_and_revoked(run: CliRunner) -> None:
    made = run.invoke(main, ["keys", "create", "--project", "team", "--scope", "read", "--name", "ci", "--json"])
    assert made.exit_code == 0, made.output
    shown = json.loads(made.stdout)
    assert shown["key"].startswith("lwk_")

    revoked = run.invoke(main, ["keys", "revoke", shown["id"]])
    assert revoked.exit_code == 0, revoked.output

    listed = {each["id"]: each for each in json.loads(run.invoke(main, ["keys", "list", "--json"]).stdout)}
    assert listed[shown["id"]]["scope"] == "read"
    assert listed[shown["id"]]["name"] == "ci"
    assert listed[shown["id"]]["revoked_at"] is not None
    assert len(listed) == 2


def test_a_key_may_have_an_end(run: CliRunner) -> None:
    made = run.invoke(main, ["keys", "create", "--expires", "30d", "--json"])
    ends = datetime.fromisoformat(json.loads(made.stdout)["expires_at"])
    assert timedelta(days=29, hours=23) < ends - clock.now() <= timedelta(days=30)


@pytest.mark.parametrize("span", ["", "30", "0d", "-1d", "30y", "d"])
def test_a_span_that_is_none_is_refused_before_anything_is_made(run: CliRunner, span: str) -> None:
    refused = run.invoke(main, ["keys", "create", "--expires", span])
    assert refused.exit_code == 2
    assert len(json.loads(run.invoke(main, ["keys", "list", "--json"]).stdout)) == 1


def test_an_admin_key_is_made_and_listed_apart(run: CliRunner) -> None:
    run.invoke(main, ["projects", "create", "another"])
    made = run.invoke(main, ["keys", "create", "--admin", "--json"])
    assert json.loads(made.stdout)["key"].startswith("lwa_")
    listed = json.loads(run.invoke(main, ["keys", "list", "--admin", "--json"]).stdout)
    assert [each["scope"] for each in listed] == ["admin"]


def test_an_unknown_key_and_an_unknown_project_are_said_in_words(run: CliRunner) -> None:
    for arguments in (["keys", "revoke", "key_nowhere"], ["keys", "create", "--project", "nowhere"]):
        refused = run.invoke(main, arguments)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("logwright: There is no ")
