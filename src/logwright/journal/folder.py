"""The folder of one producer: made so that it stays, and held by one writer at a time."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from logwright.errors import Misconfigured
from logwright.journal.disk import Disk


def make_folders(root: Path, folder: Path, disk: Disk) -> None:
    """Make the folders of a producer, for the owner alone, so that a power cut does not take them."""
    for each in (root, folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            disk.sync_folder(each.parent)


def lock(folder: Path, producer: str, patience: float) -> int:
    """Hold the folder, so that no second writer can; released when the process ends, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A reader that looks whether there is a writer holds the lock for an instant.
            if time.monotonic() > until:
                os.close(descriptor)
                raise Misconfigured(
                    f"Another process writes the journal {producer!r} in {folder.parent}; stop it first."
                ) from None
            time.sleep(0.02)
        else:
            return descriptor
