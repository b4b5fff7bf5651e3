"""The store knows which blobs its logs refer to."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

from logwright.blobs.folder import FolderBlobs
from logwright.journal import JournalWriter
from logwright.logs.media.sweeping import sweep
from logwright.logs.record import encode
from logwright.logs.store.reads import decode_logs
from logwright.logs.store.service import Store
from logwright.logs.types import Clause, LogQuery
from logwright.models.prices import Pricer
from logwright.testing.factories import a_record
from logwright.testing.media_answers import a_picture, a_sound


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
            assert await store.refers_to("proj_test", digest)
            assert not await store.refers_to("another", digest)
            assert not await store.refers_to("proj_test", "0" * 64)
            found = await store.audit()
            assert (found.complete, found.blobs, found.blobs_missing, found.blobs_unreferred) == (True, 1, 0, 0)
            FolderBlobs(tmp_path / "blobs").discard(digest, before=2**40)
            found = await store.audit()
            assert (found.complete, found.blobs_missing) == (False, 1)
        finally:
            await store.close()
            writer.close()

    asyncio.run(run())


def test_media_go_with_the_last_log_that_refers_to_them(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store(tmp_path, Pricer(), durability="os")
        blobs = FolderBlobs(tmp_path / "blobs")
        writer = JournalWriter(tmp_path / "journal", "test", durability="os")
        told = {"kind": "speech", "response_form": "binary", "project_id": "one"}
        shared, own = a_sound(seed=1), a_sound(seed=2)
        records = [a_record(response=sound, **told) for sound in (shared, shared, own)]
        try:
            for record in records:
                await writer.record(encode(record))
            await store.referred_blobs("")
            for record in records[1:]:
                await store.delete("one", LogQuery(clauses=(Clause(field="id", operator="=", values=(record.id,)),)))
            snapshot = await store.take_snapshot()

            assert await sweep(store, blobs, before=2**40) == 0, "a backup may still need them"
            await store.let_snapshot_go(snapshot)
            assert await sweep(store, blobs, before=2**40) == 1
            assert [blobs.get(info.digest) for info in blobs.iterate()] == [shared]
        finally:
            await store.close()
            writer.close()

    asyncio.run(run())


def test_a_picture_in_an_amendment_leaves_the_row_like_any_other(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store(tmp_path, Pricer(), durability="os")
        blobs = FolderBlobs(tmp_path / "blobs")
        writer = JournalWriter(tmp_path / "journal", "test", durability="os")
        picture = a_picture(width=64)
        body = json.dumps({"data": [{"b64_json": base64.b64encode(picture).decode()}]})
        record = a_record(kind="speech", response=a_sound(), response_form="binary")
        try:
            await writer.record(encode(record))
            line = await store.amend("proj_test", record.id, {"response": body}, "key_1")
            log = decode_logs(line)[0]

            assert len(log.response) < 300
            assert [blobs.get(digest) for digest in log.blobs] == [a_sound(), picture]
            assert (await store.audit()).blobs_missing == 0
            (amendment,) = await store.amendments("proj_test", record.id)
            assert amendment.before["blobs"] == log.blobs[:1]
        finally:
            await store.close()
            writer.close()

    asyncio.run(run())
