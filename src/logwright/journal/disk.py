"""The few things the journal asks of a file system, as a protocol.

A test passes an implementation that fails, tears writes or forgets what was
never synced; everybody else gets the real one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol


class Space(NamedTuple):
    """Room on a file system, in bytes."""

    total: int
    free: int
    """What a process without privileges may still take."""


class Disk(Protocol):
    """A file system. Every call raises OSError when it cannot do what it says."""

    def create(self, path: Path) -> int:
        """Create a file (mode 0600), or empty the one that is there; return a descriptor for writing."""

    def open(self, path: Path) -> int:
        """Open an existing file for reading and writing."""

    def close(self, descriptor: int) -> None:
        """Close a descriptor."""

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        """Write the buffers one behind the other at `offset`; return how many bytes were taken, maybe not all."""

    def sync(self, descriptor: int) -> None:
        """Return once the file's content and length are on the disk."""

    def cut(self, descriptor: int, length: int) -> None:
        """Give the file this length."""

    def reserve(self, descriptor: int, length: int) -> None:
        """Take the room for a file of this length, so that writing within it cannot fail for want of space."""

    def rename(self, source: Path, target: Path) -> None:
        """Move a file within its folder, over whatever bears the name."""

    def remove(self, path: Path) -> None:
        """Delete a file; fine if there is none."""

    def sync_folder(self, folder: Path) -> None:
        """Return once the names in the folder are on the disk."""

    def space(self, folder: Path) -> Space:
        """Say how much room the folder's file system has."""


class RealDisk:
    """The operating system's file system."""

    def create(self, path: Path) -> int:
        """See `Disk`."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)

    def open(self, path: Path) -> int:
        """See `Disk`."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def close(self, descriptor: int) -> None:
        """See `Disk`."""
        os.close(descriptor)

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        """See `Disk`."""
        return os.pwritev(descriptor, buffers, offset)

    def sync(self, descriptor: int) -> None:
        """See `Disk`."""
        os.fdatasync(descriptor)

    def cut(self, descriptor: int, length: int) -> None:
        """See `Disk`."""
        os.ftruncate(descriptor, length)

    def reserve(self, descriptor: int, length: int) -> None:
        """See `Disk`."""
        os.posix_fallocate(descriptor, 0, length)

    def rename(self, source: Path, target: Path) -> None:
        """See `Disk`."""
        source.rename(target)

    def remove(self, path: Path) -> None:
        """See `Disk`."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """See `Disk`."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def space(self, folder: Path) -> Space:
        """See `Disk`."""
        found = os.statvfs(folder)
        return Space(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)


def boot_id() -> str:
    """Name this run of the machine: while it is the same, nothing that was written can have been lost (proc(5))."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
