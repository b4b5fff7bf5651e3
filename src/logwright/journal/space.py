"""How large segments are and how much room must be left, by the size of the file system."""

from __future__ import annotations

from typing import Final, NamedTuple

MEBIBYTE: Final = 1 << 20
_LARGEST_SEGMENT: Final = 32 * MEBIBYTE
_SMALLEST_SEGMENT: Final = 256 << 10


class Budget(NamedTuple):
    """Bytes."""

    segment: int
    """Room taken ahead for one segment. Two are held: the one in use and the one to follow."""
    reserve: int
    """Calls are refused when free space and the room taken ahead fall below this."""


def budget(total: int, segment: int | None = None) -> Budget:
    """Divide a file system of `total` bytes.

    A segment is a 64th of it, at most 32 MiB. The reserve is four segments, and
    the room taken ahead at most two: so refusing starts while there is free space
    left, and the calls then under way end up in room that is already ours.
    """
    segment = segment or max(_SMALLEST_SEGMENT, min(_LARGEST_SEGMENT, total // 64))
    return Budget(segment, 4 * segment)
