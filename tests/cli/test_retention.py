"""`logwright retention`, against a running server."""

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
    with Server(folder=tmp_path_factory.mktemp("retention")) as running:
        yield running


@pytest.fixture
def run(server: Server) -> Any:
    def command(*arguments: str, status: int = 0) -> Any:
        done = CliRunner().invoke(main, [*arguments, "--url", server.url, "--key", server.key, "--json"])
        assert done.exit_code == status, done.output
        return json.loads(done.stdout) if done.stdout else None

    return command


def rules(answer: Any) -> list[tuple[str, int | None]]:
    return [(rule["query"], rule["days"]) for rule in answer["rules"]]


def test_rules_are_set_one_by_one_and_the_one_for_all_stays_last(run: Any) -> None:
    assert rules(run("retention", "show")) == []
    run("retention", "set", "30d")
    run("retention", "set", "2w", "--query", "tag.env:dev")
    run("retention", "set", "--forever", "--query", "tag.audit:yes")
    kept = run("retention", "set", "7", "--query", "tag.env:dev")
    assert rules(kept) == [("tag.env:dev", 7), ("tag.audit:yes", None), ("", 30)]
    assert rules(run("retention", "clear", "--query", "tag.audit:yes")) == [
        ("tag.env:dev", 7),
        ("", 30),
    ]
    assert rules(run("retention", "clear")) == []


@pytest.mark.parametrize("arguments", [[], ["30d", "--forever"], ["soon"], ["0d"]])
def test_a_span_or_forever(run: Any, arguments: list[str]) -> None:
    run("retention", "set", *arguments, status=2)
    assert rules(run("retention", "show")) == []
