"""What the store has taken from the journals, as of its last checkpoint.

A checkpoint first syncs the whole file system of the store and then writes this
file, so whatever the ledger calls taken is on the disk. After a crash the store
reads the journals again from the ledger's positions and skips what its table
holds already; a ledger that is behind therefore costs time and never a log.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from logwright.journal import Position

NAME: Final = "ledger.json"


class Taken(msgspec.Struct, kw_only=True):
    """What became of one producer's records up to `position`."""

    position: Position | None = None
    """Where to read on; None before anything was read."""
    first: int | None = None
    """The first sequence seen."""
    last: int = 0
    """The last sequence dealt with."""
    stored: int = 0
    duplicates: int = 0
    unreadable: int = 0
    elsewhere: int = 0
    """Records that another store took in while the settings named it."""
    missing: list[tuple[int, int]] = msgspec.field(default_factory=list)
    """Sequences that the journal should have had and could not give, both ends included."""


class Ledger(msgspec.Struct, kw_only=True):
    """The account of all producers."""

    producers: dict[str, Taken] = msgspec.field(default_factory=dict)
    boot: str = ""
    """The run of the machine in which the checkpoint was made."""
    deleted: int = 0
    """Rows deleted on request or by retention."""
    brought: int = 0
    """Rows that a migration brought from another store."""

    def of(self, producer: str) -> Taken:
        """Return the producer's account, opening it when there is none."""
        return self.producers.setdefault(producer, Taken())

    @property
    def lost(self) -> int:
        """How many records came out of the journals unreadable, or not at all."""
        missing = (last - first + 1 for taken in self.producers.values() for first, last in taken.missing)
        return sum(taken.unreadable for taken in self.producers.values()) + sum(missing)

    @property
    def levels(self) -> dict[str, int]:
        """The last sequence dealt with of each producer."""
        return {producer: taken.last for producer, taken in self.producers.items()}

    @property
    def stored(self) -> int:
        """Records ever taken into the store."""
        return sum(taken.stored for taken in self.producers.values())


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Ledger)


def exists(folder: Path) -> bool:
    """Say whether there has been a checkpoint."""
    return (folder / NAME).exists()


def load(folder: Path) -> Ledger:
    """Read the ledger; an empty one when there is none yet."""
    try:
        return _decoder.decode((folder / NAME).read_bytes())
    except FileNotFoundError:
        return Ledger()


def save(folder: Path, ledger: Ledger) -> None:
    """Write the ledger so that after a power cut either the old or the new one is there whole."""
    path = folder / NAME
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        data = _encoder.encode(ledger)
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.rename(path)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def copy(ledger: Ledger) -> Ledger:
    """Return a ledger that later changes do not touch."""
    return _decoder.decode(_encoder.encode(ledger))
