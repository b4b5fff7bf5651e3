"""A snapshot is a whole store: rows, tags set and logs deleted since the last merge, ledger and journals."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.logs.store.test_intake import intake_of, opened, record, some_records, state

from logwright.errors import NotFound
from logwright.logs.record import encode
from logwright.logs.store import snapshots
from logwright.logs.store.embedded import EmbeddedEngine


def test_a_snapshot_stays_as_it_was(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(12)])
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        engine.query("UPDATE logwright.logs SET tags = map('a', 'b') WHERE id = 'log-3'")
        engine.query("DELETE FROM logwright.logs WHERE id = 'log-4'")
        before = state(engine)
        name = snapshots.take(
            engine, tmp_path / "store" / "engine", tmp_path / "store", tmp_path / "journal", intake.ledger
        )
        engine.query("DELETE FROM logwright.logs WHERE id != 'log-1'")
        engine.query("OPTIMIZE TABLE logwright.logs FINAL")
    kept = tmp_path / "store" / "snapshots" / name
    assert (kept / "store" / "ledger.json").exists()
    assert list((kept / "journal" / "w0").glob("*.journal"))
    copy = EmbeddedEngine(kept / "store" / "engine", sessions=1)
    assert state(copy) == before
    assert len(before) == 11
    copy.close()
    snapshots.let_go(tmp_path / "store", name)
    assert not kept.exists()


def test_only_a_snapshots_name_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    for name in ("..", "../engine", "", "12"):
        with pytest.raises(NotFound):
            snapshots.let_go(tmp_path, name)
    assert (tmp_path / "snapshots").exists()


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "snapshots" / "1" / "store").mkdir(parents=True)
    snapshots.let_all_go(tmp_path)
    assert not (tmp_path / "snapshots").exists()
    snapshots.let_all_go(tmp_path)
