"""Which store took in the journals of a data directory last, so that another one goes on where that stopped.

Each store has a ledger of its own. When the settings name another store than before,
its ledger is moved on to where the other's stands: what that took in stays there (and
`logwright store migrate` copies it), and is not taken for lost here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from logwright.logs.store import holding, ledger

EMBEDDED: Final = "embedded"
_FILE: Final = "current.json"
_SERVERS: Final = "servers"


class _Current(msgspec.Struct):
    store: str


def folder_of(folder: Path, key: str) -> Path:
    """Give the folder of a store's ledger, below a data directory's `store`."""
    return folder if key == EMBEDDED else folder / _SERVERS / key


def current(folder: Path) -> str:
    """Name the store that was opened last; the embedded one where there was none."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=_Current).store
    except FileNotFoundError:
        return EMBEDDED


def take_over(folder: Path, key: str) -> Path:
    """Make `key` the store that takes in the journals from now on; return the folder of its ledger."""
    place = folder_of(folder, key)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = current(folder)
    hold = holding.held(folder)
    filled = hold is not None and hold.target == key
    if before != key:
        # A store that a migration has filled goes on from the ledger that was written for it.
        if ledger.exists(folder_of(folder, before)) and not filled:
            move_on(place, ledger.load(folder_of(folder, before)))
        _write(folder / _FILE, msgspec.json.encode(_Current(key)))
    if filled:
        holding.end(folder)
    return place


def move_on(place: Path, other: ledger.Ledger) -> None:
    """Let the ledger in `place` go on where another stands; doing it twice changes nothing."""
    mine = ledger.load(place)
    for producer, taken in other.producers.items():
        own = mine.of(producer)
        if taken.last > own.last or own.position is None:
            if own.first is not None:
                own.elsewhere += taken.last - own.last
            own.position, own.last = taken.position, taken.last
    ledger.save(place, mine)


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
