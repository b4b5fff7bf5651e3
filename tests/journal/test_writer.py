"""The writing side: acknowledgement, group commit, rotation, failure and recovery, on real files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.journal import JournalWriter, ends, read


def test_what_was_recorded_is_read_back_in_order(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        assert await asyncio.gather(*(writer.record(b"%d" % number) for number in range(50))) == list(range(1, 51))
        writer.close()

    asyncio.run(scenario())

    batch = read(tmp_path, "w0", None)
    assert [entry.payload for entry in batch.entries] == [b"%d" % number for number in range(50)]
    assert [entry.sequence for entry in batch.entries] == list(range(1, 51))
    assert batch.missing == []
    assert ends(tmp_path) == {"w0": 50}


def test_sequences_go_on_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> list[int]:
        sequences = []
        for _ in range(3):
            writer = JournalWriter(tmp_path, "w0")
            sequences += [await writer.record(b"a"), await writer.record(b"b")]
            writer.close()
        return sequences

    assert asyncio.run(scenario()) == [1, 2, 3, 4, 5, 6]


def test_folders_and_files_belong_to_the_owner_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path / "journal", "w0")
        await writer.record(b"a")
        modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "journal").rglob("*") if path.is_file()}
        assert modes == {0o600}
        assert {(tmp_path / "journal" / part).stat().st_mode & 0o777 for part in (".", "w0")} == {0o700}
        writer.close()

    asyncio.run(scenario())


def test_a_second_writer_of_the_same_producer_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        writer = JournalWriter(tmp_path, "w0")
        with pytest.raises(Misconfigured, match="Another process writes the journal 'w0'"):
            JournalWriter(tmp_path, "w0", lock_seconds=0.05)
        writer.close()

    asyncio.run(scenario())
