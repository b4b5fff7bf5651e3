"""Lets go of media that no log refers to any more, and moves those that wait to their bucket.

A blob is kept for a while after it was last put, whether or not a log refers to it:
whoever imports logs puts their media before the logs themselves. What is older, and
in no log of the store while everything recorded is taken in, goes. Nothing depends on
a sweep that is cut short: the next one begins anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Final, NamedTuple, Protocol

from logwright.blobs.spooled import SpooledBlobs
from logwright.blobs.types import BlobInfo, BlobStore
from logwright.errors import Unavailable

GRACE_SECONDS: Final = 86_400.0
"""For how long a blob that nobody refers to is kept after it was last put."""

SLICES: Final = "0123456789abcdef"
"""First digits of digests: one slice at a time is looked up, so that memory is bounded."""

_log: Final = logging.getLogger(__name__)


class Referring(Protocol):
    """The part of the store that knows which blobs its logs refer to."""

    async def referred_blobs(self, beginning: str) -> Collection[str]:
        """Return the digests that begin so, of all projects; everything recorded before is taken in."""

    def is_being_copied(self) -> bool:
        """Say whether a backup is under way, which may need the blobs of logs that are deleted meanwhile."""


class Tally(NamedTuple):
    """How blobs and logs agree."""

    kept: int
    """Blobs that there are."""
    missing: int
    """Blobs that logs refer to and that are not there."""
    unreferred: int
    """Blobs that no log refers to."""


async def sweep(store: Referring, blobs: BlobStore, *, before: float) -> int:
    """Delete the blobs that no log refers to and that were last put before `before`; return how many.

    Raises:
        Unavailable: when the store or a bucket cannot be asked.
        OSError: when the disk refuses.
    """
    deleted = 0
    for beginning, found in await asyncio.to_thread(_by_slice, blobs):
        old = [info.digest for info in found if info.put_at < before]
        if not old or store.is_being_copied():
            continue
        referred = await store.referred_blobs(beginning)
        for digest in old:
            if digest not in referred:
                deleted += await asyncio.to_thread(blobs.discard, digest, before)
    return deleted


async def tally(store: Referring, blobs: BlobStore) -> Tally:
    """Count blobs and hold them against the logs."""
    kept = missing = unreferred = 0
    slices = dict(await asyncio.to_thread(_by_slice, blobs))
    for beginning in SLICES:
        there = {info.digest for info in slices.get(beginning, ())}
        referred = set(await store.referred_blobs(beginning))
        # A blob that was put since the list was made is looked for once more.
        absent = [digest for digest in referred - there if await asyncio.to_thread(blobs.size, digest) is None]
        kept += len(there)
        missing += len(absent)
        unreferred += len(there - referred)
    return Tally(kept, missing, unreferred)


async def keep_media(
    store: Referring,
    blobs: BlobStore,
    *,
    first_seconds: float = 60.0,
    pause_seconds: float = 3600.0,
    drain_seconds: float = 2.0,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Sweep every hour and move what waits for a bucket every few seconds, without end."""
    sweeping_at = time.monotonic() + first_seconds
    complaint = ""
    while True:
        await asyncio.sleep(min(drain_seconds, first_seconds))
        try:
            if isinstance(blobs, SpooledBlobs):
                await asyncio.to_thread(blobs.drain)
            if time.monotonic() >= sweeping_at:
                sweeping_at = time.monotonic() + pause_seconds
                if count := await sweep(store, blobs, before=time.time() - grace_seconds):
                    _log.info("%d media that no log refers to were deleted", count)
        except (OSError, Unavailable) as error:
            if str(error) != complaint:  # once, not every few seconds for as long as a bucket is down
                _log.warning("Media wait where they are: %s", error)
            complaint = str(error)
        # Broad, because this runs unattended for months: whatever fails must fail again, not never run again.
        except Exception:  # noqa: BLE001
            _log.exception("Media could not be looked after; the next round tries again")
        else:
            complaint = ""


def _by_slice(blobs: BlobStore) -> list[tuple[str, list[BlobInfo]]]:
    slices: dict[str, list[BlobInfo]] = {}
    for info in blobs.iterate():
        slices.setdefault(info.digest[0], []).append(info)
    return sorted(slices.items())
