"""A counter that all processes of a machine share and read without a system call.

Tables held in memory (keys, providers, prices) ask it on every request whether
they are still true, so a revoked key is refused on the very next request, in
every process. It is eight bytes of a file mapped into memory.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from pathlib import Path
from typing import Final

_SIZE: Final = 8


class ChangeCounter:
    """Counts commits that changed what processes hold in memory.

    The file is never replaced or removed while a process runs: others would go
    on reading the old one. It may be lost with the machine, for it only ever
    says "different from before" to processes that live now.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size < _SIZE:
            # Real bytes rather than a hole: writing into a mapped hole kills the process when the disk is full. It
            # changes no byte that is there, so two may do it at once.
            os.posix_fallocate(self._file, 0, _SIZE)
        self._map = mmap.mmap(self._file, _SIZE)
        self._shared = memoryview(self._map).cast("Q")
        self._noticed = 0

    def value(self) -> int:
        """Return a number that differs from every earlier one once something has changed."""
        return self._shared[0] + self._noticed

    def bump(self) -> None:
        """Tell every process on this machine that something has changed; call it after the commit."""
        fcntl.flock(self._file, fcntl.LOCK_EX)  # two that add at once must not end up with one added
        try:
            self._shared[0] = (self._shared[0] + 1) & 0x7FFF_FFFF_FFFF_FFFF
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def notice(self) -> None:
        """Tell this process alone: a change was found in the database that nobody announced."""
        self._noticed += 1

    def close(self) -> None:
        """Give the mapping and the file back; the counter must not be read afterwards."""
        self._shared.release()
        self._map.close()
        os.close(self._file)
