"""Append-only durable files: frames, group commit, sequences, recovery; knows no domain.

One producer, one folder, one writer; any number of readers, in any process.
"""

from __future__ import annotations

from logwright.journal.disk import boot_id
from logwright.journal.head import Watch
from logwright.journal.reader import drop_before, ends, has_writer, producers, read, sizes
from logwright.journal.types import Batch, Durability, Entry, Missing, Position, Size
from logwright.journal.writer import Done, JournalWriter

__all__ = [
    "Batch",
    "Done",
    "Durability",
    "Entry",
    "JournalWriter",
    "Missing",
    "Position",
    "Size",
    "Watch",
    "boot_id",
    "drop_before",
    "ends",
    "has_writer",
    "producers",
    "read",
    "sizes",
]
