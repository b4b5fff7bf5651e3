"""The vocabulary of the journal: positions, entries, and what a reader hands over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Durability = Literal["fsync", "os"]
"""When a record counts: `fsync`, once the disk has it (survives a power cut); `os`, once the operating system has it
(survives the death of the process, not that of the machine)."""


class Position(NamedTuple):
    """A place between two frames of one producer; plain integers, so that JSON and MessagePack carry it."""

    segment: int
    """The first sequence of the segment file."""
    offset: int
    """Bytes from the beginning of that file."""
    sequence: int
    """The sequence expected next; a reader that finds a higher one has found a loss."""


class Entry(NamedTuple):
    """One record as it was appended."""

    sequence: int
    payload: bytes


class Missing(NamedTuple):
    """Sequences that should have been there and cannot be read, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records in their order, and where to go on."""

    entries: Sequence[Entry]
    next: Position
    missing: Sequence[Missing] = ()
    """What was lost between the position asked for and `next`: damaged, or in a segment that is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much one producer's journal holds."""

    segments: int
    bytes: int
    """Bytes taken on the disk, the space reserved ahead included."""
