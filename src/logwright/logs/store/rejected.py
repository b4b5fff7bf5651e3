"""Where records go that cannot be read: kept whole beside the reason, counted, never dropped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from logwright.journal import Entry

FOLDER: Final = "rejected"


def set_aside(journals: Path, producer: str, entry: Entry, error: Exception) -> None:
    """Keep a record's bytes and why they could not be stored; a second time changes nothing."""
    folder = journals / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{producer}-{entry.sequence:020d}"
    reason = {"producer": producer, "sequence": entry.sequence, "reason": f"{type(error).__name__}: {error}"}
    _write(folder / f"{name}.record", entry.payload)
    _write(folder / f"{name}.json", msgspec.json.encode(reason))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
