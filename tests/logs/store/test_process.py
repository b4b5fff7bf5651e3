"""The store's process: one for a data directory, killed and stopped at any time without losing or doubling a log."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from logwright.errors import Unavailable
from logwright.journal import JournalWriter
from logwright.logs.record import encode
from logwright.logs.store.client import SOCKET_NAME
from logwright.logs.store.process import command, ensure_store
from logwright.logs.types import LogQuery, Order
from logwright.testing.store import RunningStore, a_record


class Recording:
    """A thread that records logs one after another, as a gateway does, and keeps the ids of those acknowledged."""

    def __init__(self, data: Path, producer: str) -> None:
        self.acknowledged: list[str] = []
        self._data = data
        self._producer = producer
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._record()))

    def __enter__(self) -> Recording:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def _record(self) -> None:
        writer = JournalWriter(self._data / "journal", self._producer)
        while not self._stop.is_set():
            logs = [a_record(tags={"round": "?"}) for _ in range(20)]
            await asyncio.gather(*[writer.record(encode(log)) for log in logs])
            self.acknowledged += [log.id for log in logs]
            await asyncio.sleep(0.03)  # a steady flow that the store can follow on a busy machine
        writer.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_9_amid_the_intake_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    """Six kills at random instants, some during recovery, with changes of tags between them."""
    chance = random.Random(seed)  # noqa: S311  a delay before each kill
    data = tmp_path / "data"
    with RunningStore(data) as store:
        with Recording(data, "w0") as first, Recording(data, "w1") as second:
            for round_ in range(6):
                time.sleep(chance.choice([0.02, 0.9, 1.4]) * chance.random() + 0.01)
                if round_ % 2:
                    newest = store.ask(store.logs.search("project", LogQuery(), order=Order(), after=None, limit=1))
                    assert newest.items
                store.kill()
                store.start()
        acknowledged = first.acknowledged + second.acknowledged
        found = [log.id for log in store.listed("project", page=5000)]
        assert len(found) == len(set(found))
        assert set(found) == set(acknowledged)
        audit = store.ask(store.logs.audit())
        assert audit.complete, audit


def test_a_change_outlives_kill_9(tmp_path: Path) -> None:
    logs = [a_record() for _ in range(10)]
    with RunningStore(tmp_path / "data") as store:
        store.record(*logs)
        assert store.ask(store.logs.set_tags("project", LogQuery(), {"seen": "yes"})) == 10
        store.kill()
        store.start()
        assert all(log.tags == {"seen": "yes"} for log in store.listed("project"))
        store.ask(store.logs.delete("project", LogQuery()))
        store.record(a_record())
        store.kill()
        store.start()
        assert [dict(log.tags) for log in store.listed("project")] == [{}]
        audit = store.ask(store.logs.audit())
        assert (audit.complete, audit.stored, audit.deleted) == (True, 11, 10)


def test_sigterm_finishes_and_ends_with_success(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as store:
        store.record(*[a_record() for _ in range(50)])
        assert len(store.listed("project")) == 50
        assert store.stop() == 0
        assert not (store.data / "run" / SOCKET_NAME).exists()
        store.start()
        assert len(store.listed("project")) == 50


def test_only_one_process_serves_a_store(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as store:
        store.record(a_record())
        assert len(store.listed("project")) == 1
        second = subprocess.run(command(store.data), capture_output=True, text=True, timeout=20, check=False)
        assert second.returncode == 2
        assert "Another process already serves the log store" in second.stderr
        assert len(store.listed("project")) == 1


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed and cannot say good-bye; the store notices all the same."""
    data = tmp_path / "data"
    program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({[*command(data), '--with-parent']!r})\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        until = time.monotonic() + 20
        while not (data / "run" / SOCKET_NAME).exists() and time.monotonic() < until:
            time.sleep(0.02)
        parent.kill()
        while running(child) and time.monotonic() < until:
            time.sleep(0.02)
        assert not running(child)


def test_a_store_is_started_for_the_length_of_a_command(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def count() -> int:
        async with ensure_store(data) as logs:
            assert (data / "run" / SOCKET_NAME).exists()
            return (await logs.stats("project", LogQuery())).count

    with RunningStore(data) as store:
        store.stop()
        store.record(a_record(), a_record())
    assert asyncio.run(count()) == 2
    assert not (data / "run" / SOCKET_NAME).exists()


def test_a_running_store_is_used_and_left_running(tmp_path: Path) -> None:
    async def count(data: Path) -> int:
        async with ensure_store(data) as logs:
            return (await logs.stats("project", LogQuery())).count

    with RunningStore(tmp_path / "data") as store:
        store.record(a_record())
        assert len(store.listed("project")) == 1
        assert asyncio.run(count(store.data)) == 1
        assert len(store.listed("project")) == 1


def test_a_store_that_cannot_start_says_why(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "store").mkdir(parents=True)
    (data / "store" / "ledger.json").write_text("not a ledger")

    async def enter() -> None:
        async with ensure_store(data):
            pass

    with pytest.raises(Unavailable, match="did not start"):
        asyncio.run(enter())


def running(pid: int) -> bool:
    """Say whether a process runs; one that has ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
