"""Journals kept for another store that is being filled, beyond what the present one needs of them.

While a migration copies, calls and changes go on. Its target takes them from the
journals, from where the source's ledger stood when it began: so until the target has
taken over, a checkpoint lets go of nothing beyond that. The price is disk space.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from logwright.journal import Position
from logwright.logs.store import ledger

_FILE: Final = "hold.json"


class Hold(msgspec.Struct, kw_only=True):
    """What is kept, and for whom."""

    target: str
    """The key of the store that is being filled."""
    source: str
    """The key of the store that takes in the journals meanwhile."""
    account: ledger.Ledger
    """The source's ledger when this began."""

    def keeps(self, producer: str, position: Position) -> Position:
        """Give the position up to which a producer's journal may be let go of, where `position` would be allowed."""
        taken = self.account.producers.get(producer)
        if taken is None or taken.position is None:
            return Position(0, 0, 0)
        return min(position, taken.position)


def held(folder: Path) -> Hold | None:
    """Read what is held in a data directory's `store`, if anything."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Hold)
    except FileNotFoundError:
        return None


def begin(folder: Path, *, source: str, target: str, place: Path) -> Hold:
    """Hold the journals from where the source's ledger, in `place`, stands now.

    A hold for the same two that was begun before goes on as it was.
    """
    there = held(folder)
    if there is not None and (there.source, there.target) == (source, target):
        return there
    # First everything is held, and only then the ledger read: a checkpoint meanwhile can then take nothing away.
    _save(folder, Hold(target=target, source=source, account=ledger.Ledger()))
    hold = Hold(target=target, source=source, account=ledger.load(place))
    _save(folder, hold)
    return hold


def end(folder: Path) -> bool:
    """Let go; say whether anything was held."""
    there = (folder / _FILE).exists()
    (folder / _FILE).unlink(missing_ok=True)
    return there


def _save(folder: Path, hold: Hold) -> None:
    path = folder / _FILE
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(hold))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
