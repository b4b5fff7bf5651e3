"""`logwright prices`, against a running server."""

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
    with Server(folder=tmp_path_factory.mktemp("prices")) as running:
        yield running


@pytest.fixture
def run(server: Server) -> Any:
    def command(*arguments: str, status: int = 0) -> Any:
        done = CliRunner().invoke(main, [*arguments, "--url", server.url, "--key", server.key, "--json"])
        assert done.exit_code == status, done.output
        return json.loads(done.stdout) if done.stdout else None

    return command


def test_a_price_is_set_listed_and_removed(run: Any) -> None:
    kept = run("prices", "set", "llama-*", "--input", "0.1", "--output", "0.4", "--cached-input", "0.05")
    assert (kept["model"], kept["input"], kept["cached_input"], kept["output_audio"]) == ("llama-*", 0.1, 0.05, None)
    assert [price["model"] for price in run("prices", "list")] == ["llama-*"]
    assert run("prices", "remove", "llama-*") == {"model": "llama-*", "deleted": True}
    assert run("prices", "list") == []
    run("prices", "remove", "llama-*", status=1)


def test_a_price_needs_both_sides(run: Any) -> None:
    run("prices", "set", "m", "--input", "1", status=2)
