"""`logwright store migrate` moves the logs of a folder, with a server over it or without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from logwright.cli.main import main
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.store import RunningStore, a_record


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with ten logs."""
    folder = tmp_path / "data"
    monkeypatch.setenv("LOGWRIGHT_DATA", str(folder))
    with RunningStore(folder) as store:
        store.record(*[a_record(id=f"log-{number}") for number in range(10)])
        assert len(store.listed("project")) == 10
    return folder


def run(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(main, ["store", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_the_logs_of_a_folder_without_a_server_move(clickhouse: ClickHouseServer, store_url: str, data: Path) -> None:
    told = run("migrate", "embedded", store_url)
    assert (told["logs"], told["copied"], told["differing"]) == (10, 10, 0)
    with RunningStore(data, url=store_url) as store:
        assert len(store.listed("project")) == 10


def test_the_logs_of_a_server_move_while_it_serves(clickhouse: ClickHouseServer, store_url: str, data: Path) -> None:
    with RunningStore(data) as store:
        assert run("migrate", "embedded", store_url, "--prepare") == {"prepared": True}
        store.record(a_record(id="log-later"))
        assert len(store.listed("project")) == 11
        assert run("migrate", "embedded", store_url)["differing"] == 0
        assert len(store.listed("project")) == 11
    with RunningStore(data, url=store_url) as store:
        assert len(store.listed("project")) == 11


def test_a_migration_is_given_up(store_url: str, data: Path) -> None:
    run("migrate", "embedded", store_url, "--prepare")
    assert run("release") == {"released": True}
    assert run("release") == {"released": False}


def test_a_place_that_is_none_is_refused(data: Path) -> None:
    done = CliRunner().invoke(main, ["store", "migrate", "embedded", "clickhouse://me:hush@host/x?clutser=y"])
    assert done.exit_code == 2
    assert "clutser" in done.stderr
    assert "hush" not in done.output
