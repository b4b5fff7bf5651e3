"""The published end: sound at any instant, and seen by those who watch."""

from __future__ import annotations

import asyncio
from pathlib import Path

from logwright.journal import JournalWriter, Watch
from logwright.journal.head import End, HeadFile, load


def test_the_latest_end_is_read(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    head = HeadFile(tmp_path)
    assert load(tmp_path) is None
    for number in range(1, 6):
        head.publish(1, 64 + number, number)
        assert load(tmp_path) == End(1, 64 + number, number)
    head.close(sync=True)


def test_a_half_written_slot_leaves_the_one_before(tmp_path: Path) -> None:
    head = HeadFile(tmp_path)
    head.publish(1, 100, 1)
    before = (tmp_path / "head").read_bytes()
    head.publish(1, 200, 2)
    after = (tmp_path / "head").read_bytes()
    head.close(sync=True)
    changed = [at for at in range(len(after)) if before[at] != after[at]]
    for torn in range(changed[0], changed[-1] + 1):
        (tmp_path / "head").write_bytes(after[:torn] + before[torn:])
        assert load(tmp_path) == End(1, 100, 1)


def test_a_later_writer_goes_on_counting(tmp_path: Path) -> None:
    for number in range(1, 6):
        head = HeadFile(tmp_path)
        head.publish(1, 64, number)
        head.close(sync=False)
        assert load(tmp_path) == End(1, 64, number)


def test_a_watch_sees_producers_and_records_as_they_come(tmp_path: Path) -> None:
    async def scenario() -> None:
        watch = Watch(tmp_path / "journal")
        assert watch.ends() == {}
        first = JournalWriter(tmp_path / "journal", "w0")
        assert watch.ends() == {"w0": 0}
        await first.record(b"a")
        assert watch.ends() == {"w0": 1}
        second = JournalWriter(tmp_path / "journal", "w1")
        await second.record(b"b")
        await second.record(b"c")
        assert watch.ends() == {"w0": 1, "w1": 2}
        first.close()
        second.close()
        first = JournalWriter(tmp_path / "journal", "w0")
        await first.record(b"d")
        assert watch.ends() == {"w0": 2, "w1": 2}
        first.close()
        watch.close()

    asyncio.run(scenario())


def test_a_folder_that_is_no_producer_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "rejected").mkdir()
    (tmp_path / "starting").mkdir()
    (tmp_path / "starting" / "head").touch()
    (tmp_path / "note").touch()
    watch = Watch(tmp_path)
    assert watch.ends() == {}
    HeadFile(tmp_path / "starting").close(sync=False)
    assert watch.ends() == {"starting": 0}
    watch.close()
