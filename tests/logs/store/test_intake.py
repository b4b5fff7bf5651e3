"""Whatever ends the process, and wherever: every record is in the store once."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from logwright.journal import JournalWriter
from logwright.logs.record import LogRecord, encode
from logwright.logs.row import LogRow
from logwright.logs.store import changes, ledger, rows
from logwright.logs.store.checkpoints import Checkpoints
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.intake import Intake
from logwright.logs.store.opening import open_engine
from logwright.logs.store.schema import LOGS
from logwright.models.prices import Pricer
from logwright.testing.store import a_record

MONTH: Final = 31 * 86_400_000_000
START: Final = 1_790_000_000_000_000
PRICER: Final = Pricer()


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


class MortalEngine:
    """An engine in a process that is killed before, amid or after its next insert."""

    def __init__(self, engine: EmbeddedEngine, moment: str) -> None:
        self._engine = engine
        self._moment = moment

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def insert(
        self, table: str, columns: tuple[str, ...], data: bytes, *, indexed: bool = True, token: str = ""
    ) -> None:
        if self._moment == "before":
            raise Killed
        self._engine.insert(table, columns, data, indexed=indexed)
        raise Killed


def record(folder: Path, *payloads: bytes, producer: str = "w0") -> None:
    async def write() -> None:
        writer = JournalWriter(folder / "journal", producer)
        await asyncio.gather(*[writer.record(payload) for payload in payloads])
        writer.close()

    asyncio.run(write())


def some_records(count: int, *, start: int = 0) -> list[LogRecord]:
    """Make logs that fall into three months."""
    return [
        a_record(id=f"log-{number}", requested_at=START + number * 1000 - number % 3 * MONTH)
        for number in range(start, start + count)
    ]


@contextmanager
def opened(folder: Path) -> Iterator[tuple[EmbeddedEngine, Checkpoints]]:
    checkpoints = Checkpoints(folder / "store", folder / "journal")
    (folder / "store").mkdir(exist_ok=True)
    (folder / "journal").mkdir(exist_ok=True)
    engine = open_engine(folder / "store", checkpoints, sessions=1)
    try:
        yield engine, checkpoints
    finally:
        engine.close()


def intake_of(engine: object, folder: Path, checkpoints: Checkpoints) -> Intake:
    return Intake(engine, folder / "journal", checkpoints.saved, pricing=PRICER)  # type: ignore[arg-type]  # or a mortal one


def stored(engine: EmbeddedEngine) -> list[str]:
    return [line.split("\t")[0] for line in state(engine)]


def state(engine: EmbeddedEngine) -> list[str]:
    return (
        engine.query("SELECT id, tags, producer, sequence FROM logwright.logs ORDER BY id", form="TSV")
        .decode()
        .splitlines()
    )


@pytest.mark.parametrize("moment", ["before", "after", "partly"])
def test_a_batch_cut_short_is_taken_in_once(tmp_path: Path, moment: str) -> None:
    """One insert makes a part for each month, so a kill can leave some months without the others."""
    logs = some_records(30)
    record(tmp_path, *[encode(log) for log in logs])
    with opened(tmp_path) as (engine, checkpoints):
        killed = intake_of(MortalEngine(engine, moment), tmp_path, checkpoints)
        with pytest.raises(Killed):
            killed.catch_up()
        if moment == "partly":
            engine.query(f"ALTER TABLE {LOGS} DROP PARTITION 202608")
            assert 0 < len(stored(engine)) < 30
        again = intake_of(engine, tmp_path, checkpoints)
        again.catch_up()
        assert stored(engine) == sorted(log.id for log in logs)
        assert again.ledger.of("w0").stored == 30


def test_a_start_without_a_checkpoint_repeats_nothing(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(20)])
    with opened(tmp_path) as (engine, checkpoints):
        for round_ in range(3):
            intake = intake_of(engine, tmp_path, checkpoints)
            intake.catch_up()
            record(tmp_path, *[encode(log) for log in some_records(5, start=20 + 5 * round_)])
            intake.catch_up()
            assert len(stored(engine)) == 25 + 5 * round_ == intake.ledger.stored


@pytest.mark.parametrize("step", ["sync", "save", "drop"])
def test_a_checkpoint_cut_short_loses_nothing(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise Killed

    record(tmp_path, *[encode(log) for log in some_records(20)])
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        with monkeypatch.context() as patched:
            if step == "sync":
                checkpoints = Checkpoints(tmp_path / "store", tmp_path / "journal", sync=die)
            elif step == "save":
                patched.setattr(ledger, "save", die)
            else:
                checkpoints.make(ledger.copy(intake.ledger))
                patched.setattr("logwright.logs.store.checkpoints.drop_before", die)
            with pytest.raises(Killed):
                checkpoints.make(ledger.copy(intake.ledger))
        record(tmp_path, *[encode(log) for log in some_records(5, start=20)])
        again = intake_of(engine, tmp_path, Checkpoints(tmp_path / "store", tmp_path / "journal"))
        again.catch_up()
        assert len(stored(engine)) == 25 == again.ledger.stored


def test_what_a_power_cut_took_comes_back_from_the_journals(tmp_path: Path) -> None:
    """Everything the engine wrote since the checkpoint is gone, with the changes; the journals have both."""
    logs = some_records(20)
    tagged = changes.Chosen("project", ["log-3", "log-12"], START - 3 * MONTH, START + 3 * MONTH)
    gone = changes.Chosen("project", ["log-4", "log-13"], START - 3 * MONTH, START + 3 * MONTH)
    record(tmp_path, *[encode(log) for log in logs[:10]])
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        checkpoints.make(ledger.copy(intake.ledger))
    shutil.copytree(tmp_path / "store" / "engine", tmp_path / "as-of-the-checkpoint", symlinks=True)
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        record(tmp_path, *[encode(log) for log in logs[10:]])
        intake.catch_up()
        record(
            tmp_path,
            changes.encode(changes.TagsSet(tagged, {"seen": "yes"}, [])),
            changes.encode(changes.LogsDeleted(gone)),
            producer=changes.PRODUCER,
        )
        intake.catch_up()
        before = state(engine)
        account = intake.ledger
    shutil.rmtree(tmp_path / "store" / "engine")
    (tmp_path / "as-of-the-checkpoint").rename(tmp_path / "store" / "engine")
    with opened(tmp_path) as (engine, checkpoints):
        again = intake_of(engine, tmp_path, checkpoints)
        again.catch_up()
        assert state(engine) == before
        assert len(before) == 18
        assert (again.ledger.stored, again.ledger.deleted) == (account.stored, account.deleted) == (20, 2)


def test_what_cannot_be_read_is_set_aside_and_counted(tmp_path: Path) -> None:
    good = some_records(2)
    record(tmp_path, encode(good[0]), b"\xc1 not a record", encode(good[1]))
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        assert stored(engine) == ["log-0", "log-1"]
        taken = intake.ledger.of("w0")
        assert (taken.stored, taken.unreadable, taken.last) == (2, 1, 3)
    kept = tmp_path / "journal" / "rejected" / f"w0-{2:020d}.record"
    assert kept.read_bytes() == b"\xc1 not a record"


def test_a_row_that_does_not_fit_its_columns_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing known leads here; should a row ever not fit, it must not stop the others."""
    encode_row = rows.encode

    def picky(row: LogRow) -> bytes:
        if row.id == "log-1":
            raise ValueError("a value does not fit its column")
        return encode_row(row)

    monkeypatch.setattr(rows, "encode", picky)
    record(tmp_path, *[encode(log) for log in some_records(3)])
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        assert stored(engine) == ["log-0", "log-2"]
        assert intake.ledger.of("w0").unreadable == 1


def test_a_repeated_idempotency_key_is_stored_once(tmp_path: Path) -> None:
    """In one batch, in a later one, after a restart; the same key in another project is another key."""

    def keyed(number: int, key: str, project: str = "project") -> bytes:
        return encode(a_record(id=f"log-{number}", requested_at=START, idempotency_key=key, project_id=project))

    record(tmp_path, keyed(0, "a"), keyed(1, "a"), keyed(2, ""), keyed(3, ""), keyed(4, "a", "other"))
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        record(tmp_path, keyed(5, "a"), keyed(6, "b"), keyed(7, "it's"))
        intake.catch_up()
        record(tmp_path, keyed(8, "b"), keyed(9, "it's"), producer="w1")
        again = intake_of(engine, tmp_path, checkpoints)
        again.catch_up()
        assert stored(engine) == ["log-0", "log-2", "log-3", "log-4", "log-6", "log-7"]
        assert again.ledger.of("w0").duplicates == 2
        assert again.ledger.of("w1").duplicates == 2


def test_journals_are_let_go_one_checkpoint_late(tmp_path: Path) -> None:
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        counts = []
        for round_ in range(3):
            record(tmp_path, *[encode(log) for log in some_records(5, start=5 * round_)])
            intake.catch_up()
            checkpoints.make(ledger.copy(intake.ledger))
            counts.append(len(list((tmp_path / "journal" / "w0").glob("*.journal"))))
        assert counts[0] < counts[1] + 1
        assert counts[2] <= counts[1]
        assert len(stored(engine)) == 15


def test_a_flood_leaves_the_indexes_for_later_and_later_comes(tmp_path: Path) -> None:
    def indexed_bytes(engine: EmbeddedEngine) -> int:
        return int(
            engine.query(
                "SELECT sum(secondary_indices_compressed_bytes) FROM system.parts WHERE active AND table = 'logs'",
                form="TSV",
            )
        )

    flood = [encode(log) for log in some_records(40)]
    record(tmp_path, *flood)
    with opened(tmp_path) as (engine, checkpoints):
        intake = Intake(engine, tmp_path / "journal", checkpoints.saved, pricing=PRICER, batch_bytes=1000)
        intake.catch_up()
        assert intake.leaves_unindexed
        before = indexed_bytes(engine)
        intake.tidy()
        engine.query(f"ALTER TABLE {LOGS} MATERIALIZE INDEX tag_text SETTINGS mutations_sync = 2")
        assert indexed_bytes(engine) > before
        assert len(stored(engine)) == 40


def test_changes_written_into_their_parts_leave_the_same_state(tmp_path: Path) -> None:
    record(tmp_path, *[encode(log) for log in some_records(10)])
    chosen = changes.Chosen("project", ["log-1", "log-2"], START - 3 * MONTH, START + 3 * MONTH)
    with opened(tmp_path) as (engine, checkpoints):
        intake = intake_of(engine, tmp_path, checkpoints)
        intake.catch_up()
        change = changes.encode(changes.TagsSet(chosen, {"a": "b"}, []))
        record(tmp_path, change, producer=changes.PRODUCER)
        intake.catch_up()
        before = state(engine)
        assert intake.leaves_patches
        intake.tidy()
        engine.query(f"ALTER TABLE {LOGS} APPLY PATCHES SETTINGS mutations_sync = 2")
        assert state(engine) == before
        found = engine.query("SELECT id FROM logwright.logs WHERE has(tag_pairs, 'a=b') ORDER BY id", form="TSV")
        assert found == b"log-1\nlog-2\n"


def test_a_record_whose_media_are_not_kept_is_not_taken_in_until_they_are(tmp_path: Path) -> None:
    """A full disk: the row may not be there before its media, and the record is not to blame."""

    class Keeper:
        full = True

        def put(self, data: bytes) -> str:
            if self.full:
                raise OSError(28, "No space left on device")
            return hashlib.sha256(data).hexdigest()

    keeper = Keeper()
    log = a_record(kind="speech", response=b"ID3", response_form="binary")
    record(tmp_path, encode(log))
    with opened(tmp_path) as (engine, checkpoints):
        intake = Intake(engine, tmp_path / "journal", checkpoints.saved, pricing=PRICER, keeper=keeper)
        with pytest.raises(OSError, match="No space"):
            intake.catch_up()
        assert stored(engine) == []
        keeper.full = False
        intake.distrust()
        intake.catch_up()
        assert stored(engine) == [log.id]
        assert not (tmp_path / "journal" / "rejected").exists()
