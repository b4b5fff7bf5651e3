"""The store knows which blobs its logs refer to."""

from __future__ import annotations

import asyncio
from pathlib import Path

from logwright.blobs.folder import FolderBlobs
from logwright.journal import JournalWriter
from logwright.logs.record import encode
from logwright.logs.store.service import Store
from logwright.models.prices import Pricer
from logwright.testing.factories import a_record
from logwright.testing.media_answers import a_sound


def test_media_of_recorded_calls_are_kept_and_referred_to(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store(tmp_path, Pricer(), durability="os")
        writer = JournalWriter(tmp_path / "journal", "test", durability="os")
        try:
            for kind in ("speech", "speech"):  # the same sound twice is one blob
                record = a_record(kind=kind, response=a_sound(), response_form="binary", response_type="audio/wav")
                await writer.record(encode(record))
            await writer.record(encode(a_record()))
            (digest,) = await store.referred_blobs("")

            assert [info.digest for info in FolderBlobs(tmp_path / "blobs").iterate()] == [digest]
            assert await store.referred_blobs(digest[0]) == {digest}
            assert await store.referred_blobs("g") == set()
            found = await store.audit()
            assert (found.complete, found.blobs, found.blobs_missing, found.blobs_unreferred) == (True, 1, 0, 0)
            FolderBlobs(tmp_path / "blobs").discard(digest, before=2**40)
            found = await store.audit()
            assert (found.complete, found.blobs_missing) == (False, 1)
        finally:
            await store.close()
            writer.close()

    asyncio.run(run())
