"""The segment that is being written, and the one held ready to follow it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from logwright.journal.disk import Disk
from logwright.journal.frames import HEAD_BYTES, head
from logwright.journal.segments import segment_path

SPARE: Final = "spare-"
"""How the names of segments begin that hold nothing yet."""
_STRETCH: Final = 1 << 20
_MOST_BUFFERS: Final = 1000
"""Buffers for one system call; Linux takes 1,024 (IOV_MAX)."""


class SegmentFile:
    """One file open for writing; `end` is where the next frame goes."""

    __slots__ = ("_descriptor", "_disk", "_filled", "_folder", "capacity", "end", "first", "path")

    def __init__(self, disk: Disk, folder: Path, capacity: int, number: int) -> None:
        """Make a segment without a sequence yet, `number` telling it from others.

        Its room is taken on the disk, so that what it will hold cannot lack space.
        """
        self._disk = disk
        self._folder = folder
        self.path = folder / f"{SPARE}{number}"
        self.first = 0
        self.end = HEAD_BYTES
        self.capacity = capacity
        self._filled = 0
        self._descriptor = disk.create(self.path)
        try:
            disk.reserve(self._descriptor, capacity)
            disk.sync(self._descriptor)
        except BaseException:
            self.discard()
            raise

    def fill(self) -> bool:
        """Write zeros to the next stretch of the room; False when all of it is filled.

        A sync of bytes that were never written also has to record that they now
        are, which costs the file system a commit of its own journal: measured on
        ext4, 145 us a sync in room that is only reserved and 93 us in room once
        written. In stretches, so that frames written meanwhile wait for one at most.
        """
        stretch = min(_STRETCH, self.capacity - self._filled)
        if stretch <= 0:
            return False
        self._write([bytes(stretch)], self._filled)
        self._disk.sync(self._descriptor)
        self._filled += stretch
        return True

    def begin(self, first: int, mark: bytes) -> None:
        """Give it its name and head. The name is on the disk when this returns, the head with the first frame."""
        self._write([head(first, mark)], 0)
        path = segment_path(self._folder, first)
        self._disk.rename(self.path, path)
        self.path = path
        self.first = first
        self._disk.sync_folder(self._folder)

    def append(self, buffers: Sequence[bytes], length: int, *, sync: bool) -> None:
        """Write one frame; with `sync`, return once it is on the disk."""
        self._write(buffers, self.end)
        if sync:
            self._disk.sync(self._descriptor)
        self.end += length

    @property
    def room(self) -> int:
        """Bytes that can still be written and are already ours."""
        return max(0, self.capacity - self.end)

    def close(self) -> None:
        """Give back the room that was not used and close, never to write again.

        After a failure this also takes off what was not acknowledged. Neither
        matters enough to fail for: readers stop at the next segment's beginning.
        """
        with contextlib.suppress(OSError):
            self._disk.cut(self._descriptor, self.end)
        with contextlib.suppress(OSError):
            self._disk.close(self._descriptor)

    def discard(self) -> None:
        """Close and delete a segment that holds nothing."""
        with contextlib.suppress(OSError):
            self._disk.close(self._descriptor)
        with contextlib.suppress(OSError):
            self._disk.remove(self.path)

    def sync(self) -> None:
        """Put what was written on the disk."""
        self._disk.sync(self._descriptor)

    def _write(self, buffers: Sequence[bytes], offset: int) -> None:
        """Write all of it, however many calls that takes."""
        disk, descriptor = self._disk, self._descriptor
        for start in range(0, len(buffers), _MOST_BUFFERS):
            rest = buffers[start : start + _MOST_BUFFERS]
            length = sum(map(len, rest))
            taken = disk.write(descriptor, rest, offset)
            offset += taken
            while taken < length:
                # A short write comes before an error (disk full) or after a signal; trying the rest tells which.
                joined = b"".join(rest)[taken:]
                more = disk.write(descriptor, [joined], offset)
                if more == 0:
                    raise OSError(5, "the file system took no bytes and gave no reason")
                offset += more
                taken += more
