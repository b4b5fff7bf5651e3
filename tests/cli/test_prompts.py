"""`logwright prompts`, against a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from logwright.cli.main import main
from logwright.testing.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(folder=tmp_path_factory.mktemp("prompts")) as running:
        with running.http() as web:
            for temperature in (0, 1):
                kernel = {"model": "gpt-4o", "temperature": temperature}
                body = {"path": "team/triage", "prompt": kernel, "output": "a"}
                assert web.post("/v5/prompts/log", json=body).status_code == 200
        yield running


def run(server: Server, *arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(main, ["prompts", *arguments, "--url", server.url, "--key", server.key])
    assert done.exit_code == status, done.output
    return done.stdout


def as_json(server: Server, *arguments: str) -> Any:
    return json.loads(run(server, *arguments, "--json"))


def test_prompts_are_listed_and_shown_with_their_versions(server: Server) -> None:
    (listed,) = as_json(server, "list")["data"]
    versions = as_json(server, "versions", listed["id"])

    assert (listed["path"], listed["logs"]) == ("team/triage", 2)
    assert [each["kernel"]["temperature"] for each in versions] == [1, 0]
    assert as_json(server, "show", listed["id"], "--version", versions[1]["version_id"])["kernel"]["temperature"] == 0
    assert "team/triage" in run(server, "list", "--name", "triage")
    assert "kernel.temperature\t1" in run(server, "show", listed["id"])
    assert versions[1]["version_id"] in run(server, "versions", listed["id"])
    assert as_json(server, "list", "--type", "tool")["data"] == []


def test_an_unknown_prompt_is_said_to_be_unknown(server: Server) -> None:
    run(server, "show", "pr_nothing", status=1)
