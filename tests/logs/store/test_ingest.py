"""The writing thread lets requests go on when what came before them is in the store, and says so when it cannot."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from tests.logs.store.test_intake import intake_of, opened, record, some_records, stored

from logwright.errors import Unavailable
from logwright.logs.record import encode
from logwright.logs.store.ingest import Ingest
from logwright.logs.store.ledger import Ledger


class BrokenEngine:
    """An engine on a disk that is full."""

    def __init__(self, engine: object) -> None:
        self._engine = engine
        self.broken = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def insert(self, *arguments: object, indexed: bool = True, token: str = "") -> None:
        if self.broken:
            raise RuntimeError("No space left on device\nand more")
        self._engine.insert(*arguments, indexed=indexed, token=token)  # type: ignore[attr-defined]  # it is an engine's


class HangingEngine(BrokenEngine):
    """An engine that does not come back from an insert until it is let."""

    def __init__(self, engine: object) -> None:
        super().__init__(engine)
        self.broken = False
        self.let = threading.Event()

    def insert(self, *arguments: object, indexed: bool = True, token: str = "") -> None:
        self.let.wait(30)
        super().insert(*arguments, indexed=indexed, token=token)


def test_whoever_waits_sees_what_was_recorded_before(tmp_path: Path) -> None:
    with opened(tmp_path) as (engine, checkpoints):
        ingest = Ingest(intake_of(engine, tmp_path, checkpoints), checkpoints)
        ingest.start()
        for round_ in range(3):
            record(tmp_path, *[encode(log) for log in some_records(5, start=5 * round_)])
            asyncio.run(ingest.caught_up())
            assert len(stored(engine)) == 5 * round_ + 5
        assert ingest.behind_seconds == 0
        ingest.stop()
        assert checkpoints.saved.levels["w0"] == 15


def test_a_job_sees_the_ledger_at_rest_and_its_failure_is_its_askers(tmp_path: Path) -> None:
    def fail(_: Ledger) -> None:
        raise ValueError("the job's own fault")

    record(tmp_path, *[encode(log) for log in some_records(4)])
    with opened(tmp_path) as (engine, checkpoints):
        ingest = Ingest(intake_of(engine, tmp_path, checkpoints), checkpoints)
        ingest.start()
        assert asyncio.run(ingest.at_rest(lambda account: account.stored)) == 4
        with pytest.raises(ValueError, match="own fault"):
            asyncio.run(ingest.at_rest(fail))
        assert asyncio.run(ingest.at_rest(lambda account: account.stored)) == 4
        ingest.stop()


def test_a_disk_that_is_full_is_told_and_got_over(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(4)])
    with opened(tmp_path) as (engine, checkpoints):
        broken = BrokenEngine(engine)
        ingest = Ingest(intake_of(broken, tmp_path, checkpoints), checkpoints)
        ingest.start()
        with pytest.raises(Unavailable, match=r"No space left on device$"):
            asyncio.run(ingest.caught_up())
        assert ingest.behind_seconds > 0
        broken.broken = False
        asyncio.run(ingest.caught_up())
        assert len(stored(engine)) == 4
        ingest.stop()


def test_a_request_loses_patience_and_its_job_is_not_done_behind_its_back(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(4)])
    done: list[Ledger] = []
    with opened(tmp_path) as (engine, checkpoints):
        hanging = HangingEngine(engine)
        ingest = Ingest(intake_of(hanging, tmp_path, checkpoints), checkpoints, patience=0.2)
        ingest.start()
        with pytest.raises(Unavailable, match="not yet taken in") as told:
            asyncio.run(ingest.at_rest(done.append))
        assert told.value.retry_after
        hanging.let.set()
        ingest.stop()
        assert done == []


def test_a_store_that_has_stopped_takes_no_more_waiters(tmp_path: Path) -> None:
    with opened(tmp_path) as (engine, checkpoints):
        ingest = Ingest(intake_of(engine, tmp_path, checkpoints), checkpoints)
        ingest.start()
        ingest.stop()
        with pytest.raises(Unavailable, match="stopping"):
            asyncio.run(ingest.caught_up())
