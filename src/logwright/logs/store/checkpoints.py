"""Checkpoints: put on the disk what was taken in, say so in the ledger, and only then let go of the journals.

The order is what makes a power cut harmless: copy the ledger, sync the file system,
save the copy, and drop journals only up to the checkpoint *before* this one. Inserts
and updates need no sync of their own: until a checkpoint has covered them, the next
start reads them from the journals again. Merges do sync what they write (table
setting `min_rows_to_fsync_after_merge`), because the engine deletes their sources at
once, and those may have been covered by a checkpoint long ago.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

from logwright.journal import boot_id, drop_before
from logwright.logs.store import holding, ledger

_libc = ctypes.CDLL(None, use_errno=True)


class Checkpoints:
    """The checkpoints of one store; used by one thread at a time."""

    def __init__(self, folder: Path, journals: Path, *, sync: Callable[[Path], None] | None = None) -> None:
        """`folder` holds the ledger and, on the same file system, the engine's files."""
        self._folder = folder
        self._journals = journals
        self._sync = sync or sync_file_system
        self.saved = ledger.load(folder)
        """The ledger of the last checkpoint."""

    def make(self, account: ledger.Ledger) -> None:
        """Make a checkpoint of an account that nobody changes any more.

        Raises:
            OSError: when the disk does not take it; the checkpoint before stays in force and nothing is let go.
        """
        before = self.saved
        self._sync(self._folder)
        account.boot = boot_id()
        ledger.save(self._folder, account)
        self.saved = account
        hold = holding.held(self._journals.parent / "store")
        for producer, taken in before.producers.items():
            if taken.position is not None:
                kept_from = taken.position if hold is None else hold.keeps(producer, taken.position)
                drop_before(self._journals, producer, kept_from)


def sync_file_system(folder: Path) -> None:
    """Write everything of the file system that holds `folder` to the disk (syncfs(2); it reports errors since 5.8).

    Raises:
        OSError: when some of it could not be written.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
