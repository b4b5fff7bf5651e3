"""A disk that fails when told to and forgets what was never synced; below it are real files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from logwright.journal.disk import RealDisk, Space

SECTOR: Final = 512
"""Bytes that a disk writes whole or not at all."""


class FaultyDisk(RealDisk):
    """Real files whose faults the test chooses; it remembers each file as its last sync left it."""

    def __init__(self) -> None:
        self.fails: dict[str, int] = {}
        """Which calls (by name) raise, with which errno, until taken out."""
        self.most_per_write: int | None = None
        """Bytes that one write takes at most."""
        self.free: int | None = None
        """Free bytes that `space` reports instead of the truth."""
        self.total: int | None = None
        self.syncs: list[int] = []
        self._paths: dict[int, Path] = {}
        self._synced: dict[Path, bytes] = {}

    def _may_fail(self, call: str) -> None:
        if call in self.fails:
            raise OSError(self.fails[call], os.strerror(self.fails[call]))

    def create(self, path: Path) -> int:
        """See `logwright.journal.disk.Disk`."""
        self._may_fail("create")
        descriptor = super().create(path)
        self._paths[descriptor] = path
        self._synced[path] = b""
        return descriptor

    def open(self, path: Path) -> int:
        """See `logwright.journal.disk.Disk`."""
        self._may_fail("open")
        descriptor = super().open(path)
        self._paths[descriptor] = path
        return descriptor

    def close(self, descriptor: int) -> None:
        """See `logwright.journal.disk.Disk`."""
        self._paths.pop(descriptor, None)
        super().close(descriptor)

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        """See `logwright.journal.disk.Disk`."""
        self._may_fail("write")
        if self.most_per_write is None:
            return super().write(descriptor, buffers, offset)
        return super().write(descriptor, [b"".join(buffers)[: self.most_per_write]], offset)

    def sync(self, descriptor: int) -> None:
        """See `logwright.journal.disk.Disk`."""
        self.syncs.append(descriptor)
        self._may_fail("sync")
        super().sync(descriptor)
        path = self._paths[descriptor]
        self._synced[path] = path.read_bytes()

    def cut(self, descriptor: int, length: int) -> None:
        """See `logwright.journal.disk.Disk`."""
        self._may_fail("cut")
        super().cut(descriptor, length)

    def rename(self, source: Path, target: Path) -> None:
        """See `logwright.journal.disk.Disk`."""
        self._may_fail("rename")
        super().rename(source, target)
        self._synced[target] = self._synced.pop(source, b"")
        for descriptor, path in self._paths.items():
            if path == source:
                self._paths[descriptor] = target

    def remove(self, path: Path) -> None:
        """See `logwright.journal.disk.Disk`."""
        super().remove(path)
        self._synced.pop(path, None)

    def sync_folder(self, folder: Path) -> None:
        """See `logwright.journal.disk.Disk`."""
        self._may_fail("sync_folder")
        super().sync_folder(folder)

    def space(self, folder: Path) -> Space:
        """See `logwright.journal.disk.Disk`."""
        found = super().space(folder)
        return Space(self.total or found.total, found.free if self.free is None else self.free)

    def after_power_cut(
        self, root: Path, target: Path, *, survives: Callable[[int], bool], keeps_end: bool = False
    ) -> Path:
        """Copy a journal as a power cut would leave it: each file as last synced, and some of what came since.

        Of the sectors (512 bytes) changed since the last sync of their file,
        those stay for whose number `survives` says so. The published end, never
        synced, is either gone or, with `keeps_end`, all there. Segments that
        have no name yet are left out.
        """
        shutil.copytree(root, target, ignore=shutil.ignore_patterns("spare-*"))
        for path in sorted(target.rglob("*")):
            if path.name == "head" and not keeps_end:
                path.unlink()
            elif path.suffix == ".journal":
                now = path.read_bytes()
                then = self._synced.get(root / path.relative_to(target), now)
                path.write_bytes(_mixed(then, now, survives))
        return target


def _mixed(then: bytes, now: bytes, survives: Callable[[int], bool]) -> bytes:
    """Take each sector from `then` or `now`; a file that grew has zeros where the new part did not survive."""
    length = max(len(then), len(now))
    then, now = then.ljust(length, b"\0"), now.ljust(length, b"\0")
    return b"".join(
        (now if survives(start // SECTOR) else then)[start : start + SECTOR] for start in range(0, length, SECTOR)
    )
