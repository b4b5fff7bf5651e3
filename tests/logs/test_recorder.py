"""The recorder hands records to the journal and refuses when the journal does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from logwright.errors import Unavailable
from logwright.journal import JournalWriter, read
from logwright.logs.record import decode
from logwright.logs.recorder import Done, Recorder
from logwright.testing.store import a_record


def test_a_log_that_was_kept_is_in_the_journal(tmp_path: Path) -> None:
    log = a_record()

    async def keep() -> None:
        writer = JournalWriter(tmp_path, "w0")
        recorder = Recorder(writer)
        await recorder.keep(log)
        told: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        recorder.record(log, told.set_result)
        assert await told is None
        writer.close()

    asyncio.run(keep())
    assert [decode(entry.payload) for entry in read(tmp_path, "w0", None).entries] == [log, log]


class FullDisk:
    """A writer that can take nothing."""

    def append(self, payload: bytes, done: Done) -> int:
        raise AssertionError("nothing may be appended")

    async def record(self, payload: bytes) -> int:
        raise AssertionError("nothing may be appended")

    def refusal(self) -> str | None:
        return "The disk is full."


def test_when_the_journal_refuses_the_caller_hears_why() -> None:
    recorder = Recorder(FullDisk())
    assert recorder.refusal() == "The disk is full."
    with pytest.raises(Unavailable, match="disk is full"):
        asyncio.run(recorder.keep(a_record()))
