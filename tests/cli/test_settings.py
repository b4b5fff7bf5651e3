"""`logwright settings` tells what is in force and where it came from."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from logwright.cli.main import main
from logwright.settings import MASKED, declarations


def test_every_setting_is_shown_with_its_origin(tmp_path: Path) -> None:
    config = tmp_path / "logwright.toml"
    config.write_text('workers = 3\ndatabase = "postgresql://me:hunter2@db/x"\n')
    done = CliRunner().invoke(
        main,
        [
            "settings",
            "--config",
            str(config),
            "--port",
            "9000",
            "--allow-upstream",
            "a:1",
            "--allow-upstream",
            "b:2",
            "--json",
        ],
        env={"LOGWRIGHT_HOST": "::1"},
    )
    assert done.exit_code == 0, done.output
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert list(found) == [declared.name for declared in declarations()]
    assert (found["port"]["value"], found["port"]["from"]) == ("9000", "--port")
    assert (found["host"]["value"], found["host"]["from"]) == ("::1", "LOGWRIGHT_HOST")
    assert (found["workers"]["value"], found["workers"]["from"]) == ("3", str(config))
    assert found["allow_upstream"]["value"] == "a:1,b:2"
    assert found["database"]["value"] == MASKED
    assert found["max_headers"]["from"] == "default"
    assert "hunter2" not in done.output


def test_a_switch_can_be_turned_on_and_off() -> None:
    runner = CliRunner()
    for flag, value in (("--testing-routes", "true"), ("--no-testing-routes", "false")):
        done = runner.invoke(main, ["settings", "--json", flag], env={"LOGWRIGHT_TESTING_ROUTES": "true"})
        found = {each["name"]: each["value"] for each in json.loads(done.stdout)}
        assert found["testing_routes"] == value


def test_a_wrong_value_is_refused_in_a_line_with_status_2() -> None:
    done = CliRunner().invoke(main, ["settings", "--port", "eighty"])
    assert done.exit_code == 2
    assert done.stderr == "logwright: --port: port is 'eighty'; it takes a whole number\n"
