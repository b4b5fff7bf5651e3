"""A producer's folder: for the owner alone, on the disk, and one writer's at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.journal.folder import lock, make_folders
from logwright.testing.disk import FaultyDisk


class WatchedDisk(FaultyDisk):
    """Remembers which folders were synced."""

    def __init__(self) -> None:
        super().__init__()
        self.folders: list[Path] = []

    def sync_folder(self, folder: Path) -> None:
        """Sync and remember."""
        self.folders.append(folder)
        super().sync_folder(folder)


def test_both_folders_are_made_for_the_owner_and_their_names_synced(tmp_path: Path) -> None:
    disk = WatchedDisk()
    root = tmp_path / "journal"
    for _ in range(2):
        make_folders(root, root / "w0", disk)
    assert disk.folders == [tmp_path, root]
    assert {path.stat().st_mode & 0o777 for path in (root, root / "w0")} == {0o700}


def test_the_lock_is_held_until_it_is_closed(tmp_path: Path) -> None:
    held = lock(tmp_path, "w0", 0)
    with pytest.raises(Misconfigured, match="Another process writes the journal 'w0'"):
        lock(tmp_path, "w0", 0.01)
    os.close(held)
    os.close(lock(tmp_path, "w0", 0))
