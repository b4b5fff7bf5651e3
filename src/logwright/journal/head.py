"""The published end of a producer's journal: a small mapped file that readers look at without a system call.

Two slots of 40 bytes each hold generation, segment, offset, sequence and a
CRC-32; the writer fills them in turn, so one of them is sound at any instant,
even when the writer is killed half-way. The file may be stale after a power
cut (it is never synced but at close): readers and recovery treat it as a hint
that can only ever be behind.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

NAME: Final = "head"
_SLOT = Struct("<QQQQ")
_CHECKSUM = Struct("<I")
_STRIDE: Final = 64
_BYTES: Final = 4096


class End(NamedTuple):
    """Where the durable part of a journal ends."""

    segment: int
    offset: int
    sequence: int
    """The last durable sequence; 0 when there is none."""


class HeadFile:
    """The writer's side."""

    def __init__(self, folder: Path) -> None:
        """Map the file, making it at its full size first so that a full disk shows here and not as a signal later."""
        path = folder / NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _BYTES:
                os.posix_fallocate(descriptor, 0, _BYTES)
            self._map = mmap.mmap(descriptor, _BYTES)
        finally:
            os.close(descriptor)
        self._generation = max((slot[0] for slot in _slots(self._map)), default=0)

    def publish(self, segment: int, offset: int, sequence: int) -> None:
        """Tell the readers."""
        self._generation = generation = self._generation + 1
        slot = _SLOT.pack(generation, segment, offset, sequence)
        start = (generation & 1) * _STRIDE
        self._map[start : start + 36] = slot + _CHECKSUM.pack(crc32(slot))

    def close(self, *, sync: bool) -> None:
        """Unmap, with `sync` after putting it on the disk."""
        if sync:
            self._map.flush()
        self._map.close()


class Watch:
    """The published ends of all producers below a root, looked at without a system call once they are known."""

    def __init__(self, root: Path) -> None:
        """Look at the journals below `root`, which need not exist yet."""
        self._root = root
        self._seen = -1
        self._maps: dict[str, mmap.mmap] = {}

    def ends(self) -> dict[str, int]:
        """Give the last sequence that each producer's writer made durable; 0 where nothing was recorded."""
        self._discover()
        found = {}
        for producer, data in self._maps.items():
            end = newest(data)
            found[producer] = 0 if end is None else end.sequence
        return found

    def close(self) -> None:
        """Let go of the files."""
        for data in self._maps.values():
            data.close()
        self._maps = {}

    def _discover(self) -> None:
        """Find producers that came since the last look; a folder's time changes when an entry is made in it."""
        try:
            changed = self._root.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed == self._seen:
            return
        complete = True
        for folder in self._root.iterdir():
            if folder.name in self._maps or not folder.is_dir():
                continue
            try:
                descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                complete = False  # its writer is just beginning
                continue
            try:
                self._maps[folder.name] = mmap.mmap(descriptor, _BYTES, prot=mmap.PROT_READ)
            except ValueError:
                complete = False  # not at its full size yet
            finally:
                os.close(descriptor)
        if complete:
            self._seen = changed


def load(folder: Path) -> End | None:
    """Read the published end of a producer's folder; None when nothing sound is there."""
    try:
        data = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    return newest(data)


def newest(data: bytes | mmap.mmap) -> End | None:
    """Return what the sound slot with the highest generation says."""
    slots = _slots(data)
    return End(*max(slots)[1:]) if slots else None


def _slots(data: bytes | mmap.mmap) -> list[tuple[int, int, int, int]]:
    found = []
    for start in (0, _STRIDE):
        slot = data[start : start + 32]
        stated = data[start + 32 : start + 36]
        if len(stated) == _CHECKSUM.size and slot[:8] != bytes(8) and crc32(slot) == _CHECKSUM.unpack(stated)[0]:
            found.append(_SLOT.unpack(slot))
    return found
