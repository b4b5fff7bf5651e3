"""The real file system, and a real full one: a small tmpfs, mounted where that is allowed."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.errors import Unavailable
from logwright.journal import JournalWriter, read
from logwright.journal.disk import RealDisk

MEBIBYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 64 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting a tmpfs is not possible here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_what_it_says_about_room_is_true(small_disk: Path) -> None:
    disk = RealDisk()
    assert disk.space(small_disk) == (64 * MEBIBYTE, 64 * MEBIBYTE)
    descriptor = disk.create(small_disk / "a")
    disk.reserve(descriptor, 10 * MEBIBYTE)
    assert disk.space(small_disk).free == 54 * MEBIBYTE
    disk.cut(descriptor, 5)
    assert disk.space(small_disk).free == 64 * MEBIBYTE - 4096
    assert (small_disk / "a").stat().st_mode & 0o777 == 0o600
    disk.close(descriptor)
    disk.remove(small_disk / "a")
    disk.remove(small_disk / "a")


async def until_refusal(writer: JournalWriter, wanted: bool) -> None:
    async with asyncio.timeout(10):
        while (writer.refusal() is not None) is not wanted:  # noqa: ASYNC110 - the disk is what is awaited
            await asyncio.sleep(0.01)


def fill(path: Path) -> None:
    """Take every byte there is."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(MEBIBYTE // 16))
        except OSError:
            pass
        assert os.statvfs(path).f_bavail == 0


def test_calls_accepted_before_the_disk_filled_are_recorded_and_no_others_are_accepted(small_disk: Path) -> None:
    """At nothing free: refused, what was under way recorded all the same; with room again, at work by itself."""

    async def scenario() -> None:
        writer = JournalWriter(small_disk / "journal", "w0")
        recorded = 0
        for _ in range(100):
            recorded = await writer.record(b"x" * 3000)
        await until_refusal(writer, wanted=False)
        fill(small_disk / "ballast")
        for _ in range(50):  # these calls were accepted just before; there is no time to notice between the two
            recorded = await writer.record(b"y" * 3000)
        await until_refusal(writer, wanted=True)
        refusal = writer.refusal()
        assert refusal is not None
        assert "disk that holds the logs is nearly full" in refusal
        (small_disk / "ballast").unlink()
        await until_refusal(writer, wanted=False)
        assert await writer.record(b"z") == recorded + 1
        writer.close()

    asyncio.run(scenario())
    batch = read(small_disk / "journal", "w0", None, max_bytes=10 * MEBIBYTE)
    assert len(batch.entries) == 151


def test_a_writer_that_goes_on_regardless_gets_errors_and_loses_nothing_acknowledged(small_disk: Path) -> None:
    """Whoever does not ask `refusal` runs into the end of the disk: an error each, then all works again."""

    async def scenario() -> list[bytes]:
        writer = JournalWriter(small_disk / "journal", "w0")
        fill(small_disk / "ballast")
        acknowledged: list[bytes] = []
        refused: list[str] = []
        for number in range(300):
            payload = b"%d" % number * 5000
            try:
                await writer.record(payload)
            except Unavailable as error:
                refused.append(str(error))
            else:
                acknowledged.append(payload)
        assert refused
        assert all(words.startswith("Nothing can be recorded") for words in refused)
        (small_disk / "ballast").unlink()
        await until_refusal(writer, wanted=False)
        await writer.record(b"again")
        acknowledged.append(b"again")
        writer.close()
        return acknowledged

    acknowledged = asyncio.run(scenario())
    found: list[bytes] = []
    position = None
    while (batch := read(small_disk / "journal", "w0", position)).entries:
        assert not batch.missing
        found += [entry.payload for entry in batch.entries]
        position = batch.next
    assert found == acknowledged


def test_a_full_disk_at_the_start_is_waited_for(small_disk: Path) -> None:
    async def scenario() -> None:
        (small_disk / "journal" / "w0").mkdir(parents=True)
        fill(small_disk / "ballast")
        writer = JournalWriter(small_disk / "journal", "w0")
        assert writer.refusal() is not None
        with pytest.raises(Unavailable, match="full"):
            await writer.record(b"a")
        (small_disk / "ballast").unlink()
        await until_refusal(writer, wanted=False)
        assert await writer.record(b"a") == 1
        writer.close()

    asyncio.run(scenario())
    assert [entry.payload for entry in read(small_disk / "journal", "w0", None).entries] == [b"a"]


def test_a_read_only_disk_is_told_and_waited_for(small_disk: Path) -> None:
    async def first_life() -> None:
        writer = JournalWriter(small_disk / "journal", "w0")
        await writer.record(b"a")
        writer.close()

    async def second_life() -> None:
        writer = JournalWriter(small_disk / "journal", "w0")
        refusal = writer.refusal()
        assert refusal is not None
        assert "read-only" in refusal
        await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,rw", str(small_disk)], check=True)
        await until_refusal(writer, wanted=False)
        assert await writer.record(b"b") == 2
        writer.close()

    asyncio.run(first_life())
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert [entry.payload for entry in read(small_disk / "journal", "w0", None).entries] == [b"a"]
    asyncio.run(second_life())
