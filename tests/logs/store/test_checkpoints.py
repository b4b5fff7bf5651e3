"""A checkpoint lets go of journals only when what they held is on the disk twice over."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from logwright.journal import JournalWriter, Position, boot_id, producers
from logwright.logs.store import holding, ledger
from logwright.logs.store.checkpoints import Checkpoints, sync_file_system
from logwright.logs.store.ledger import Ledger, Taken


def account(position: Position) -> Ledger:
    return Ledger(producers={"w0": Taken(position=position, first=1, last=position.sequence - 1)})


def segments(journals: Path) -> list[int]:
    return sorted(int(path.stem) for path in (journals / "w0").glob("*.journal"))


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    """Return journals whose producer began a new segment three times."""

    async def write() -> None:
        for _ in range(3):
            writer = JournalWriter(tmp_path / "journal", "w0")
            await writer.record(b"record")
            writer.close()

    asyncio.run(write())
    assert producers(tmp_path / "journal") == ["w0"]
    return tmp_path / "journal"


def test_segments_go_when_the_checkpoint_after_has_been_made_too(tmp_path: Path, journals: Path) -> None:
    before = segments(journals)
    last = before[-1]
    checkpoints = Checkpoints(tmp_path, journals)
    checkpoints.make(account(Position(last, 64, 4)))
    assert segments(journals) == before
    checkpoints.make(account(Position(last, 64, 4)))
    assert segments(journals) == [last]


def test_segments_that_another_store_will_need_stay(tmp_path: Path, journals: Path) -> None:
    before = segments(journals)
    ledger.save(tmp_path, account(Position(before[1], 64, 3)))
    (tmp_path / "store").mkdir()
    holding.begin(tmp_path / "store", source="embedded", target="server", place=tmp_path)
    checkpoints = Checkpoints(tmp_path, journals)
    for _ in range(2):
        checkpoints.make(account(Position(before[-1], 64, 4)))
    assert segments(journals) == before[1:]
    holding.end(tmp_path / "store")
    checkpoints.make(account(Position(before[-1], 64, 4)))
    assert segments(journals) == before[-1:]


def test_when_the_disk_does_not_take_it_nothing_is_let_go(tmp_path: Path, journals: Path) -> None:
    before = segments(journals)
    Checkpoints(tmp_path, journals).make(account(Position(before[-1], 64, 4)))

    def fail(_: Path) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    failing = Checkpoints(tmp_path, journals, sync=fail)
    with pytest.raises(OSError, match="broken"):
        failing.make(Ledger())
    assert segments(journals) == before
    assert ledger.load(tmp_path).producers == account(Position(before[-1], 64, 4)).producers


def test_a_checkpoint_names_the_run_of_the_machine(tmp_path: Path) -> None:
    Checkpoints(tmp_path, tmp_path / "journal").make(Ledger())
    assert ledger.load(tmp_path).boot == boot_id() != ""


def test_syncing_what_is_not_there_is_told(tmp_path: Path) -> None:
    sync_file_system(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_file_system(tmp_path / "nowhere")
