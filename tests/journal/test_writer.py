"""The writing side: acknowledgement, group commit, rotation, failure and mending, on real files."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from logwright.errors import Misconfigured, Unavailable
from logwright.journal import JournalWriter, ends, read
from logwright.journal.segments import segments
from logwright.testing.disk import FaultyDisk


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that another thread brings about."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is awaited is on the disk or on another thread
            await asyncio.sleep(0.005)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 60))


def payloads(root: Path) -> list[bytes]:
    """Read a whole journal; it must be without a loss."""
    found: list[bytes] = []
    position = None
    while True:
        batch = read(root, "w0", position)
        assert not batch.missing
        if not batch.entries:
            return found
        found += [entry.payload for entry in batch.entries]
        position = batch.next


async def record_all(writer: JournalWriter, records: Sequence[bytes]) -> list[bytes]:
    """Record all at once and return those that were acknowledged."""
    ended = await asyncio.gather(*(writer.record(each) for each in records), return_exceptions=True)
    return [each for each, result in zip(records, ended, strict=True) if isinstance(result, int)]


def test_what_was_recorded_is_read_back_in_order(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        assert await asyncio.gather(*(writer.record(b"%d" % number) for number in range(50))) == list(range(1, 51))
        writer.close()

    run(scenario)

    batch = read(tmp_path, "w0", None)
    assert [entry.payload for entry in batch.entries] == [b"%d" % number for number in range(50)]
    assert [entry.sequence for entry in batch.entries] == list(range(1, 51))
    assert batch.missing == []
    assert ends(tmp_path) == {"w0": 50}


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_sequences_go_on_after_a_restart(tmp_path: Path, durability: str) -> None:
    async def scenario() -> None:
        sequences = []
        for _ in range(3):
            writer = JournalWriter(tmp_path, "w0", durability="os" if durability == "os" else "fsync")
            sequences += [await writer.record(b"a"), await writer.record(b"b")]
            writer.close()
        assert sequences == [1, 2, 3, 4, 5, 6]

    run(scenario)
    assert payloads(tmp_path) == [b"a", b"b"] * 3


def test_sequences_go_on_behind_what_a_reader_has_taken(tmp_path: Path) -> None:
    """A journal put back from an older copy must not give out again what the store already holds."""

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", after=41)
        assert await writer.record(b"a") == 42
        writer.close()
        writer = JournalWriter(tmp_path, "w0", after=7)
        assert await writer.record(b"a") == 43
        writer.close()

    run(scenario)


def test_all_that_arrive_in_one_turn_share_one_sync(tmp_path: Path) -> None:
    disk = FaultyDisk()

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", disk=disk, segment_bytes=1 << 20)
        await until(lambda: len(list(tmp_path.glob("w0/spare-*"))) == 1)
        await record_all(writer, [b"x"])  # the steward has gone to sleep by the time this is done
        before = len(disk.syncs)
        assert len(await record_all(writer, [b"x" * 100] * 200)) == 200
        assert len(disk.syncs) - before <= 2
        writer.close()

    run(scenario)


def test_nothing_is_acknowledged_before_its_sync(tmp_path: Path) -> None:
    """The sync is held back: no callback comes; let go: all come."""
    disk = FaultyDisk()
    held, reached = threading.Event(), threading.Event()
    really_sync = disk.sync

    def sync(descriptor: int) -> None:
        if threading.current_thread().name == "journal-w0-commit":
            reached.set()
            held.wait()
        really_sync(descriptor)

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", disk=disk, loop_waits=0)
        disk.sync = sync  # type: ignore[method-assign] # the one call this test is about
        answers: list[Exception | None] = []
        writer.append(b"a", answers.append)
        await asyncio.to_thread(reached.wait)
        assert answers == []
        assert read(tmp_path, "w0", None).entries == []
        held.set()
        await until(lambda: answers == [None])
        assert payloads(tmp_path) == [b"a"]
        writer.close()

    run(scenario)


def test_folders_and_files_belong_to_the_owner_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path / "journal", "w0")
        await writer.record(b"a")
        modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "journal").rglob("*") if path.is_file()}
        assert modes == {0o600}
        assert {(tmp_path / "journal" / part).stat().st_mode & 0o777 for part in (".", "w0")} == {0o700}
        writer.close()

    run(scenario)


def test_a_second_writer_of_the_same_producer_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        with pytest.raises(Misconfigured, match="Another process writes the journal 'w0'"):
            JournalWriter(tmp_path, "w0", lock_seconds=0.05)
        writer.close()

    run(scenario)


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_segments_rotate_by_size(tmp_path: Path, durability: str) -> None:
    records = [b"%04d" % number * 500 for number in range(300)]

    async def scenario() -> None:
        writer = JournalWriter(
            tmp_path, "w0", segment_bytes=64 << 10, durability="os" if durability == "os" else "fsync"
        )
        for start in range(0, 300, 10):
            await record_all(writer, records[start : start + 10])
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == records
    assert len(segments(tmp_path / "w0")) > 8
    assert all(path.stat().st_size <= 64 << 10 for path in tmp_path.glob("w0/*.journal"))
    assert not list(tmp_path.glob("w0/spare-*"))


def test_a_record_larger_than_a_segment_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", segment_bytes=64 << 10)
        assert len(await record_all(writer, [b"small", b"x" * 300_000, b"", b"small again"])) == 4
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == [b"small", b"x" * 300_000, b"", b"small again"]


def test_a_write_cut_short_is_continued(tmp_path: Path) -> None:
    disk = FaultyDisk()

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", disk=disk)
        disk.most_per_write = 100
        assert len(await record_all(writer, [b"abc" * 99] * 7)) == 7
        disk.most_per_write = None
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == [b"abc" * 99] * 7


@pytest.mark.parametrize("call", ["write", "sync"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
def test_a_failed_commit_fails_all_who_wait_and_leaves_the_file(tmp_path: Path, call: str, code: int) -> None:
    """Nobody is told that it worked, no sync is tried again on that file, and a new one is begun when one can be."""
    disk = FaultyDisk()

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", disk=disk)
        assert await record_all(writer, [b"before"]) == [b"before"]
        old = segments(tmp_path / "w0")
        disk.fails = {call: code}
        answers: list[Exception | None] = []
        for _ in range(3):
            writer.append(b"lost", answers.append)
        await until(lambda: len(answers) == 3)
        assert all(isinstance(answer, Unavailable) for answer in answers)
        refusal = writer.refusal()
        assert refusal is not None
        assert refusal.startswith("Nothing can be recorded: the disk that holds the logs ")
        with pytest.raises(Unavailable, match="Nothing can be recorded"):
            await writer.record(b"refused")
        disk.fails = {}
        disk.syncs.clear()
        await until(lambda: writer.refusal() is None)
        assert await writer.record(b"after") == 2
        assert segments(tmp_path / "w0") == [*old, 2]
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == [b"before", b"after"]


def test_a_failed_frame_that_reached_the_disk_is_not_read_in_place_of_its_successor(tmp_path: Path) -> None:
    """The cut of an abandoned file may fail too; its failed frame then bears sequences that others got later."""
    disk = FaultyDisk()

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", disk=disk)
        await writer.record(b"before")
        disk.fails = {"sync": errno.EIO, "cut": errno.EIO}
        assert await record_all(writer, [b"failed", b"failed"]) == []
        assert payloads(tmp_path) == [b"before"]
        disk.fails = {}
        await until(lambda: writer.refusal() is None)
        await record_all(writer, [b"after"])
        assert payloads(tmp_path) == [b"before", b"after"]
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == [b"before", b"after"]


@pytest.mark.parametrize("call", ["create", "rename", "sync_folder", "sync"])
def test_a_disk_that_fails_at_the_start_is_waited_for(tmp_path: Path, call: str) -> None:
    disk = FaultyDisk()
    (tmp_path / "w0").mkdir()

    async def scenario() -> None:
        disk.fails = {call: errno.EROFS}
        writer = JournalWriter(tmp_path, "w0", disk=disk)
        assert writer.refusal() == (
            "Nothing can be recorded: the disk that holds the logs is read-only. "
            "Recording resumes by itself when the disk works again."
        )
        disk.fails = {}
        await until(lambda: writer.refusal() is None)
        assert await writer.record(b"a") == 1
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == [b"a"]


def test_calls_are_refused_while_there_is_still_room_for_those_under_way(tmp_path: Path) -> None:
    disk = FaultyDisk()

    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0", disk=disk, segment_bytes=1 << 20)
        await until(lambda: len(list(tmp_path.glob("w0/spare-*"))) == 1)
        assert writer.refusal() is None
        disk.free = 1 << 20
        await until(lambda: writer.refusal() is not None)
        refusal = writer.refusal()
        assert refusal is not None
        assert "nearly full" in refusal
        disk.fails = {"create": errno.ENOSPC}
        assert len(await record_all(writer, [b"x" * 10_000] * 190)) == 190  # the room of both segments
        disk.fails = {}
        disk.free = None
        await until(lambda: writer.refusal() is None)
        writer.close()

    run(scenario)
    assert len(payloads(tmp_path)) == 190


def test_closing_commits_what_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        answers: list[Exception | None] = []
        for number in range(20):
            writer.append(b"%d" % number, answers.append)
            if number == 10:
                await asyncio.sleep(0)
        writer.close()
        assert answers == [None] * 20
        writer.close()
        with pytest.raises(Unavailable, match="closed"):
            await writer.record(b"late")

    run(scenario)
    assert len(payloads(tmp_path)) == 20


def test_a_faulty_callback_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        faults: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        answers: list[Exception | None] = []

        def bad(error: Exception | None) -> None:
            raise LookupError(str(error))

        writer.append(b"a", bad)
        writer.append(b"b", answers.append)
        await until(lambda: answers == [None])
        assert isinstance(faults[0]["exception"], LookupError)
        writer.close()

    run(scenario)


def test_a_waiter_that_left_is_no_trouble(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        task = asyncio.create_task(writer.record(b"a"))
        await asyncio.sleep(0)
        task.cancel()
        assert await writer.record(b"b") == 2
        writer.close()

    run(scenario)
    assert payloads(tmp_path) == [b"a", b"b"]
