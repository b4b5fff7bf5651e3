"""The reading side: beside a writer at work, across rotation, past what was dropped, and never a torn frame."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logwright.journal import (
    JournalWriter,
    Missing,
    Position,
    drop_before,
    ends,
    has_writer,
    producers,
    read,
    sizes,
)
from logwright.journal.segments import segment_path, segments

SEGMENT = 32 << 10


def journal_of(root: Path, records: list[bytes], producer: str = "w0", *, together: bool = False) -> None:
    async def scenario() -> None:
        writer = JournalWriter(root, producer, segment_bytes=SEGMENT)
        if together:
            await asyncio.gather(*map(writer.record, records))
        else:
            for record in records:
                await writer.record(record)
        writer.close()

    asyncio.run(scenario())


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a producer's folder as a writer does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def test_reading_goes_on_where_the_last_batch_ended(tmp_path: Path) -> None:
    records = [b"%03d" % number * 300 for number in range(200)]
    journal_of(tmp_path, records)
    found: list[bytes] = []
    position = None
    while (batch := read(tmp_path, "w0", position, max_bytes=5000)).entries:
        assert not batch.missing
        found += [entry.payload for entry in batch.entries]
        position = Position(*batch.next)
    assert found == records
    assert batch.next.sequence == 201
    assert read(tmp_path, "w0", batch.next) == batch


def test_a_frame_larger_than_asked_for_is_given_whole(tmp_path: Path) -> None:
    records = [b"%d" % number * 40_000 for number in range(8)]
    journal_of(tmp_path, records, together=True)
    batch = read(tmp_path, "w0", None, max_bytes=1)
    assert [entry.payload for entry in batch.entries] == records[: len(batch.entries)]
    assert batch.entries


def test_nothing_to_read_is_an_empty_batch(tmp_path: Path) -> None:
    assert read(tmp_path, "w0", None).entries == []
    assert read(tmp_path, "w0", None).next == Position(0, 0, 0)
    assert producers(tmp_path / "none") == []
    assert ends(tmp_path) == {}
    assert sizes(tmp_path) == {}


def test_the_position_of_nothing_leads_to_the_first_record(tmp_path: Path) -> None:
    position = read(tmp_path, "w0", None).next
    journal_of(tmp_path, [b"a"])
    batch = read(tmp_path, "w0", position)
    assert [entry.payload for entry in batch.entries] == [b"a"]
    assert batch.missing == []


def test_producers_are_apart(tmp_path: Path) -> None:
    journal_of(tmp_path, [b"a", b"b"], "w0")
    journal_of(tmp_path, [b"c"], "w1")
    (tmp_path / "rejected").mkdir()
    assert producers(tmp_path) == ["w0", "w1"]
    assert ends(tmp_path) == {"w0": 2, "w1": 1}
    assert sizes(tmp_path)["w0"].segments == 1
    assert 0 < sizes(tmp_path)["w0"].bytes <= 8192


def test_whole_segments_are_dropped_and_the_rest_is_read_on(tmp_path: Path) -> None:
    records = [b"%03d" % number * 300 for number in range(200)]
    journal_of(tmp_path, records)
    before = segments(tmp_path / "w0")
    batch = read(tmp_path, "w0", None, max_bytes=70_000)
    while batch.next.segment < before[3]:
        batch = read(tmp_path, "w0", batch.next, max_bytes=70_000)
    assert drop_before(tmp_path, "w0", batch.next) == 3
    assert segments(tmp_path / "w0") == before[3:]
    assert drop_before(tmp_path, "w0", batch.next) == 0
    following = read(tmp_path, "w0", batch.next)
    assert following.entries[0].sequence == batch.next.sequence
    assert following.missing == []


def test_the_newest_segment_is_never_dropped(tmp_path: Path) -> None:
    journal_of(tmp_path, [b"a"])
    assert drop_before(tmp_path, "w0", Position(99, 64, 99)) == 0
    assert segments(tmp_path / "w0") == [1]


def test_what_was_dropped_unread_is_reported(tmp_path: Path) -> None:
    journal_of(tmp_path, [b"%03d" % number * 300 for number in range(200)])
    first, second = segments(tmp_path / "w0")[:2]
    segment_path(tmp_path / "w0", first).unlink()
    batch = read(tmp_path, "w0", Position(first, 64, 5))
    assert batch.missing == [Missing(5, second - 1)]
    assert batch.entries[0].sequence == second


def test_a_frame_beyond_the_published_end_waits_for_the_writer(tmp_path: Path) -> None:
    """Alive, the writer may yet take it back; dead, it is the reader who makes it durable and then reads it."""
    journal_of(tmp_path, [b"a"])
    stale = (tmp_path / "w0" / "head").read_bytes()
    path = segment_path(tmp_path / "w0", 1)
    journal_of(tmp_path / "longer", [b"a", b"b"])
    longer = segment_path(tmp_path / "longer" / "w0", 1).read_bytes()
    path.write_bytes(longer)
    (tmp_path / "w0" / "head").write_bytes(stale)
    with held(tmp_path / "w0"):
        assert has_writer(tmp_path / "w0")
        assert [entry.payload for entry in read(tmp_path, "w0", None).entries] == [b"a"]
        assert ends(tmp_path) == {"w0": 1}
    assert not has_writer(tmp_path / "w0")
    assert [entry.payload for entry in read(tmp_path, "w0", None).entries] == [b"a", b"b"]
    assert ends(tmp_path) == {"w0": 2}


def test_damage_in_what_was_acknowledged_is_passed_over_while_the_writer_lives(tmp_path: Path) -> None:
    journal_of(tmp_path, [b"a" * 100, b"b" * 100, b"c" * 100])
    path = segment_path(tmp_path / "w0", 1)
    data = bytearray(path.read_bytes())
    data[data.index(b"bbb")] ^= 1
    path.write_bytes(data)
    with held(tmp_path / "w0"):
        first = read(tmp_path, "w0", None)
        second = read(tmp_path, "w0", first.next)
    assert [entry.sequence for entry in [*first.entries, *second.entries]] == [1, 3]
    assert [*first.missing, *second.missing] == [Missing(2, 2)]


def test_an_acknowledged_tail_that_is_gone_is_reported(tmp_path: Path) -> None:
    journal_of(tmp_path, [b"a" * 100, b"b" * 100])
    path = segment_path(tmp_path / "w0", 1)
    path.write_bytes(path.read_bytes()[:250])
    first = read(tmp_path, "w0", None)
    second = read(tmp_path, "w0", first.next)
    assert second.missing == [Missing(2, 2)]
    assert second.next.sequence == 3
    assert read(tmp_path, "w0", second.next).missing == []


def test_a_reader_beside_a_busy_writer_sees_every_record_once_and_in_order(tmp_path: Path) -> None:
    """Through many rotations, with dropping behind the reader, and never ahead of what is acknowledged."""
    total = 3000
    found: list[bytes] = []
    losses: list[Missing] = []
    stopped = threading.Event()

    def follow() -> None:
        position = None
        while len(found) < total and not stopped.is_set():
            batch = read(tmp_path, "w0", position, max_bytes=20_000)
            found.extend(entry.payload for entry in batch.entries)
            losses.extend(batch.missing)
            if position is not None and batch.next.segment != position.segment:
                drop_before(tmp_path, "w0", batch.next)
            position = batch.next

    async def write() -> None:
        writer = JournalWriter(tmp_path, "w0", segment_bytes=SEGMENT)
        for start in range(0, total, 30):
            await asyncio.gather(*(writer.record(b"%05d" % n * 60) for n in range(start, start + 30)))
        writer.close()

    reader = threading.Thread(target=follow)
    reader.start()
    try:
        asyncio.run(write())
        reader.join(30)
    finally:
        stopped.set()
        reader.join()
    assert losses == []
    assert found == [b"%05d" % n * 60 for n in range(total)]


WRITER = """
import asyncio, sys
from pathlib import Path
from logwright.journal import JournalWriter

async def main():
    writer = JournalWriter(Path(sys.argv[1]), "w0", segment_bytes=32768)
    number = writer.durable
    while True:
        batch = [writer.record(b"%08d" % (number + each + 1) * 20) for each in range(7)]
        number = (await asyncio.gather(*batch))[-1]
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()

asyncio.run(main())
"""


@pytest.mark.parametrize("_", range(4))
def test_a_writer_killed_at_any_moment_leaves_all_it_acknowledged(tmp_path: Path, _: int) -> None:
    """Three lives one after the other, a reader following all along: nothing missing, nothing twice, in order."""
    found: list[tuple[int, bytes]] = []
    position, acknowledged = None, 0
    for life in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        until = time.monotonic() + 0.3
        acknowledged = int(process.stdout.readline())
        while time.monotonic() < until:
            batch = read(tmp_path, "w0", position)
            assert not batch.missing
            found += batch.entries
            position = batch.next
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split("\n")[:-1]
        process.wait()
        process.stdout.close()
        acknowledged = max([acknowledged, *map(int, lines)])
        assert acknowledged > life
    while (batch := read(tmp_path, "w0", position)).entries:
        found += batch.entries
        position = batch.next
    assert [sequence for sequence, _ in found] == list(range(1, len(found) + 1))
    assert all(payload == b"%08d" % sequence * 20 for sequence, payload in found)
    assert len(found) >= acknowledged
