"""`logwright providers` on a data folder, without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from logwright.cli.main import main

KEY = "sk-canary-0123456789-wxyz"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LOGWRIGHT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(tmp_path / "config" / "master.key"))
    monkeypatch.setenv("UPSTREAM_KEY", KEY)
    monkeypatch.delenv("LOGWRIGHT_ALLOW_UPSTREAM", raising=False)
    runner = CliRunner()
    assert runner.invoke(main, ["projects", "create", "team"]).exit_code == 0
    return runner


def listed(run: CliRunner) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run.invoke(main, ["providers", "list", "--json"]).stdout)
    return found


SET = ["providers", "set", "openai", "--project", "team", "--kind", "openai"]


def test_a_provider_is_set_listed_and_removed(run: CliRunner) -> None:
    done = run.invoke(main, [*SET, "--key-env", "UPSTREAM_KEY", "--model", "gpt-4o", "--model", "o3", "--json"])
    assert done.exit_code == 0, done.output
    (provider,) = listed(run)
    assert (provider["slug"], provider["kind"], provider["models"]) == ("openai", "openai", ["gpt-4o", "o3"])
    assert (provider["base_url"], provider["key_hint"]) == ("https://api.openai.com/v1", "…wxyz")
    assert run.invoke(main, ["providers", "remove", "openai"]).exit_code == 0
    assert listed(run) == []


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["--key-env", "UPSTREAM_KEY"], None),
        (["--key-stdin"], KEY + "\n"),
        (["--key", KEY], None),
        (["--provider-key", KEY], None),
    ],
)
def test_the_key_comes_from_a_variable_standard_input_or_an_option_and_is_never_printed(
    run: CliRunner, arguments: list[str], given: str | None
) -> None:
    done = run.invoke(main, [*SET, *arguments], input=given)
    assert done.exit_code == 0, done.output
    assert KEY not in done.output
    assert listed(run)[0]["key_hint"] == "…wxyz"


def test_a_key_for_a_server_in_the_environment_is_no_providers_key(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGWRIGHT_KEY", "lwk_the_servers")
    assert run.invoke(main, SET).exit_code == 0
    assert listed(run)[0]["key_hint"] == ""


@pytest.mark.parametrize(
    "arguments",
    [["--key-env", "NOT_SET_ANYWHERE"], ["--key-stdin"], ["--key", "a", "--no-key"], ["--key-stdin", "--no-key"]],
)
def test_a_key_that_is_missing_or_given_twice_is_refused_before_anything_is_saved(
    run: CliRunner, arguments: list[str]
) -> None:
    assert run.invoke(main, [*SET, *arguments]).exit_code == 2
    assert listed(run) == []


def test_a_model_server_on_this_machine_is_saved_and_the_flag_that_it_needs_is_named(run: CliRunner) -> None:
    local = ["providers", "set", "local", "--kind", "openai-compatible", "--base-url", "http://127.0.0.1:9000/v1"]
    done = run.invoke(main, local)
    assert done.exit_code == 0, done.output
    assert "--allow-upstream 127.0.0.1:9000" in done.stderr
    assert listed(run)[0]["base_url"] == "http://127.0.0.1:9000/v1"


def test_it_is_saved_in_silence_where_the_settings_allow_it(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGWRIGHT_ALLOW_UPSTREAM", "127.0.0.1:9000")
    local = ["providers", "set", "local", "--kind", "openai-compatible", "--base-url", "http://127.0.0.1:9000/v1"]
    done = run.invoke(main, local)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""


def test_what_is_no_base_url_is_refused_here_too(run: CliRunner) -> None:
    refused = run.invoke(main, [*SET, "--base-url", "https://user:password@host/"])
    assert refused.exit_code == 1
    assert "base URL" in refused.stderr
    assert "password" not in refused.stderr


def test_a_new_master_key_takes_over_by_a_line_in_its_file_and_a_rotation(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(main, [*SET, "--key", KEY])
    file = tmp_path / "config" / "master.key"
    file.write_text(file.read_text() + "ab" * 32 + "\n")
    done = json.loads(run.invoke(main, ["providers", "rotate", "--json"]).stdout)
    assert done["resealed"] == 1
    assert done["master_key"] not in done["api_keys_by_master_key"]
    assert list(done["api_keys_by_master_key"].values()) == [1]
