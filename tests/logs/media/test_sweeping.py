"""Media that no log refers to go, when their time has come and nobody copies them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.s3 import S3Blobs, read_address
from logwright.blobs.spooled import SpooledBlobs
from logwright.logs.media.sweeping import Tally, keep_media, sweep, tally
from logwright.testing.bucket import FakeBucket


class Logs:
    """A store whose logs refer to these digests."""

    def __init__(self, *referred: str) -> None:
        self.referred = set(referred)
        self.copied = False
        self.asked = 0

    async def referred_blobs(self, beginning: str) -> Collection[str]:
        self.asked += 1
        return {digest for digest in self.referred if digest.startswith(beginning)}

    def is_being_copied(self) -> bool:
        return self.copied


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def test_what_no_log_refers_to_goes(blobs: FolderBlobs) -> None:
    kept, orphan = blobs.put(b"kept"), blobs.put(b"orphan")

    assert asyncio.run(sweep(Logs(kept), blobs, before=time.time() + 1)) == 1
    assert (blobs.size(kept), blobs.size(orphan)) == (4, None)


def test_what_was_put_of_late_stays(blobs: FolderBlobs) -> None:
    orphan = blobs.put(b"orphan")
    logs = Logs()

    assert asyncio.run(sweep(logs, blobs, before=time.time() - 60)) == 0
    assert blobs.size(orphan) == 6
    assert not logs.asked


def test_while_a_backup_is_made_nothing_goes(blobs: FolderBlobs) -> None:
    blobs.put(b"orphan")
    logs = Logs()
    logs.copied = True

    assert asyncio.run(sweep(logs, blobs, before=time.time() + 1)) == 0


def test_blobs_and_logs_are_held_against_each_other(blobs: FolderBlobs) -> None:
    kept = blobs.put(b"kept")
    blobs.put(b"orphan")
    missing = hashlib.sha256(b"missing").hexdigest()

    assert asyncio.run(tally(Logs(kept, missing), blobs)) == Tally(kept=2, missing=1, unreferred=1)


def test_media_are_moved_and_swept_for_as_long_as_it_runs(blobs: FolderBlobs, tmp_path: Path) -> None:
    """A bucket that is down at first does not end it."""

    async def until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():  # noqa: ASYNC110 - the bucket's server runs in a thread and has no event to wait for
                await asyncio.sleep(0.01)

    async def run(server: FakeBucket) -> None:
        spooled = SpooledBlobs(blobs, S3Blobs(read_address(server.address(), server.environment)))
        kept = spooled.put(b"kept")
        server.objects[f"/media/logs/00/00/{'0' * 64}"] = (b"orphan", 0.0)
        keeping = asyncio.create_task(
            keep_media(Logs(kept), spooled, first_seconds=0.01, pause_seconds=0.01, drain_seconds=0.01)
        )
        await until(lambda: bool(server.requests))
        server.fails = 0
        await until(lambda: [data for data, _ in list(server.objects.values())] == [b"kept"])
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        spooled.close()

    with FakeBucket() as server:
        server.fails = 503
        asyncio.run(run(server))


def test_a_blob_put_again_has_its_time_renewed(blobs: FolderBlobs, tmp_path: Path) -> None:
    digest = blobs.put(b"a")
    path = next((tmp_path / "blobs").glob("??/??/*"))
    os.utime(path, (1, 1))
    blobs.put(b"a")

    assert asyncio.run(sweep(Logs(), blobs, before=time.time() - 60)) == 0
    assert blobs.size(digest) == 1
