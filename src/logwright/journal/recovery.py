"""Opening a journal after whatever happened: cut what is torn, keep what is whole, never use a sequence twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from logwright.journal import head
from logwright.journal.disk import Disk
from logwright.journal.frames import HEAD_BYTES, new_mark
from logwright.journal.segments import find_mark, mark_of, segment_path, segments, sound_frames


class Recovered(NamedTuple):
    """Where a writer goes on."""

    next: int
    """The first sequence that was never given out."""
    mark: bytes
    """The mark of this producer's frames."""
    cut: int
    """Bytes of torn tail and unused room taken off."""


def recover(folder: Path, disk: Disk) -> Recovered:
    """Make the newest segment end at its last sound frame, durably, and say where to go on.

    Nothing is ever appended to a segment found here: a page whose write failed
    may look whole in memory and be absent from the disk, so new records go to a
    new segment, whose name also says which sequences were used before it.
    """
    published = head.load(folder)
    used = 0 if published is None else published.sequence
    known = segments(folder)
    if not known:
        return Recovered(used + 1, new_mark(), 0)
    newest = known[-1]
    used = max(used, newest - 1)
    mark = None
    cut = 0
    descriptor = disk.open(segment_path(folder, newest))
    try:
        mark = find_mark(descriptor, folder, newest, known)
        if mark is not None:
            size = os.fstat(descriptor).st_size
            keep = min(HEAD_BYTES, size)
            for offset, found in sound_frames(descriptor, mark, size):
                keep = offset + found.end
                used = max(used, found.first + found.rows - 1)
            cut = size - keep
            if cut:
                disk.cut(descriptor, keep)
            disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    if mark is None:
        mark = next((each for first in reversed(known) if (each := mark_of(segment_path(folder, first)))), None)
    return Recovered(used + 1, mark or new_mark(), cut)
