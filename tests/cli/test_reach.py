"""`logwright doctor --providers` dials what is set, by the gateway's rules, and sends nothing."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from logwright.cli.main import main
from logwright.testing.upstream import FakeUpstream


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LOGWRIGHT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(tmp_path / "config" / "master.key"))
    runner = CliRunner()
    assert runner.invoke(main, ["projects", "create", "team"]).exit_code == 0
    return runner


def reached(run: CliRunner, *flags: str) -> list[Any]:
    done = run.invoke(main, ["doctor", "--port", "0", "--providers", "--json", *flags])
    return [each for each in json.loads(done.stdout)["findings"] if each["name"] == "providers"]


def a_provider(run: CliRunner, slug: str, port: int) -> None:
    url = f"http://127.0.0.1:{port}/v1"
    done = run.invoke(main, ["providers", "set", slug, "--kind", "openai-compatible", "--base-url", url, "--no-key"])
    assert done.exit_code == 0, done.output


def test_without_providers_there_is_nothing_to_dial(run: CliRunner) -> None:
    (finding,) = reached(run)
    assert (finding["state"], finding["message"]) == ("ok", "No provider is set yet")


def test_a_provider_that_listens_is_reached_and_gets_no_request(run: CliRunner, upstream: FakeUpstream) -> None:
    a_provider(run, "local", upstream.port)
    (finding,) = reached(run, "--allow-upstream", f"127.0.0.1:{upstream.port}")
    assert finding["state"] == "ok"
    assert "team/local" in finding["message"]
    assert not upstream.calls


def test_an_address_that_is_not_allowed_is_not_dialled(run: CliRunner, upstream: FakeUpstream) -> None:
    a_provider(run, "local", upstream.port)
    (finding,) = reached(run)
    assert finding["state"] == "warning"
    assert "--allow-upstream" in finding["message"]


def test_a_provider_that_does_not_listen_is_named(run: CliRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    a_provider(run, "gone", port)
    (finding,) = reached(run, "--allow-upstream", f"127.0.0.1:{port}")
    assert finding["state"] == "warning"
    assert "team/gone" in finding["message"]
