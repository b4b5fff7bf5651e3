"""A backup taken while serving holds what was acknowledged before; a restore gives it back or says what is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.db import Database
from logwright.errors import Conflict, InvalidRequest
from logwright.logs.backup import back_up, restore
from logwright.logs.types import Clause, LogQuery
from logwright.testing.clickhouse import ClickHouseServer
from logwright.testing.media_answers import a_sound
from logwright.testing.store import RunningStore, a_record


def test_a_backup_taken_under_load_holds_all_that_came_before(tmp_path: Path) -> None:
    """Tags and deletions included, though the engine keeps those beside the rows they belong to."""
    logs = [a_record(tags={"n": str(number)}) for number in range(60)]
    file = tmp_path / "backup.tar"
    with RunningStore(tmp_path / "data") as store:
        database = Database.open(tmp_path / "data" / "logwright.db")
        store.record(*logs[:40])
        store.ask(store.logs.set_tags("project", tagged("3"), {"seen": "yes"}))
        store.record(*logs[40:])
        assert store.ask(store.logs.delete("project", tagged("5"))) == 1
        acknowledged = {log.id: dict(log.tags) for log in store.listed("project")}
        assert len(acknowledged) == 59

        async def back_up_under_load() -> int:
            taking = asyncio.create_task(back_up(store.data, store.logs, database, file))
            while not taking.done():
                await store.logs.stats("project", LogQuery())
            return await taking

        size = store.ask(back_up_under_load())
        assert size == file.stat().st_size
        assert file.stat().st_mode & 0o777 == 0o600
        assert not list((store.data / "store" / "snapshots").iterdir())
        store.record(a_record(id="later"))
        assert len(store.listed("project")) == 60
        database.close()

    manifest = restore(file, tmp_path / "restored")
    assert manifest.logs == 59
    with RunningStore(tmp_path / "restored") as again:
        assert {log.id: dict(log.tags) for log in again.listed("project")} == acknowledged
        assert again.ask(again.logs.audit()).complete
        again.record(a_record(id="after"))
        assert len(again.listed("project")) == 60
        assert again.ask(again.logs.audit()).complete


def test_the_media_of_the_logs_are_in_the_backup(tmp_path: Path) -> None:
    sound = a_sound()
    with RunningStore(tmp_path / "data") as store:
        store.record(a_record(kind="speech", response=sound, response_form="binary"))
        store.ask(back_up(store.data, store.logs, None, tmp_path / "backup.tar"))
    restore(tmp_path / "backup.tar", tmp_path / "restored")

    with RunningStore(tmp_path / "restored") as again:
        audit = again.ask(again.logs.audit())
        assert (audit.complete, audit.blobs, audit.blobs_missing) == (True, 1, 0)
    kept = FolderBlobs(tmp_path / "restored" / "blobs")
    assert [kept.get(info.digest) for info in kept.iterate()] == [sound]


def test_the_restored_store_counts_on_where_the_copy_ended(tmp_path: Path) -> None:
    """A producer's sequences must not begin anew, or its new logs would be taken for ones that are there already."""
    with RunningStore(tmp_path / "data") as store:
        store.record(*[a_record() for _ in range(5)])
        store.ask(back_up(store.data, store.logs, None, tmp_path / "backup.tar"))
    restore(tmp_path / "backup.tar", tmp_path / "restored")
    with RunningStore(tmp_path / "restored") as again:
        again.record(*[a_record() for _ in range(3)])
        assert len(again.listed("project")) == 8
        assert again.ask(again.logs.audit()).producers[0].last_sequence == 8


def test_a_restore_goes_into_an_empty_place_only(tmp_path: Path) -> None:
    file = a_backup(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    with pytest.raises(Conflict, match="not empty"):
        restore(file, tmp_path / "full")
    (tmp_path / "empty").mkdir()
    restore(file, tmp_path / "empty")
    assert (tmp_path / "empty" / "store" / "ledger.json").exists()


def test_a_backup_does_not_replace_a_file(tmp_path: Path) -> None:
    file = a_backup(tmp_path)
    with RunningStore(tmp_path / "data") as store, pytest.raises(Conflict, match="exists already"):
        store.ask(back_up(store.data, store.logs, None, file))


@pytest.mark.parametrize("damage", ["cut", "altered", "other"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(tmp_path: Path, damage: str) -> None:
    file = a_backup(tmp_path)
    whole = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "altered":
        place = whole.index(b"chatcmpl") if b"chatcmpl" in whole else len(whole) // 2
        whole[place] ^= 1
        file.write_bytes(whole)
    else:
        file.write_bytes(b"something else altogether" * 100)
    with pytest.raises(InvalidRequest):
        restore(file, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    assert not [path for path in tmp_path.iterdir() if "restoring" in path.name]


def a_backup(folder: Path) -> Path:
    with RunningStore(folder / "data") as store:
        store.record(*[a_record() for _ in range(20)])
        store.ask(back_up(store.data, store.logs, None, folder / "backup.tar"))
    return folder / "backup.tar"


def tagged(value: str) -> LogQuery:
    return LogQuery(clauses=(Clause(field="tag", name="n", operator="=", values=(value,)),))


def test_where_a_server_has_the_logs_the_backup_leads_back_to_them(
    clickhouse: ClickHouseServer, store_url: str, tmp_path: Path
) -> None:
    """It holds the journals and how far they are in the store; restored beside the first, it repeats nothing."""
    file = tmp_path / "backup.tar"
    with RunningStore(tmp_path / "data", url=store_url) as store:
        store.record(*[a_record(id=f"log-{number}") for number in range(20)])
        store.ask(back_up(store.data, store.logs, None, file))
        store.record(a_record(id="later"))
        assert len(store.listed("project")) == 21
        restore(file, tmp_path / "restored")
        with RunningStore(tmp_path / "restored", url=store_url) as again:
            assert len(again.listed("project")) == 21
            again.record(a_record(id="after"))
            assert len(again.listed("project")) == 22
            assert again.ask(again.logs.audit()).complete
        assert store.ask(store.logs.audit()).complete
