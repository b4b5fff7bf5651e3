"""The disk for tests: what was synced survives a power cut, and nothing else does unless told."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from logwright.testing.disk import SECTOR, FaultyDisk


def test_only_what_was_synced_survives_a_power_cut(tmp_path: Path) -> None:
    disk = FaultyDisk()
    root = tmp_path / "root"
    root.mkdir()
    descriptor = disk.create(root / "1.journal")
    disk.write(descriptor, [b"a" * SECTOR, b"b" * SECTOR], 0)
    disk.sync(descriptor)
    disk.write(descriptor, [b"c" * SECTOR * 3], SECTOR)
    (root / "head").write_bytes(b"end")
    none = disk.after_power_cut(root, tmp_path / "none", survives=lambda _: False)
    assert (none / "1.journal").read_bytes() == b"a" * SECTOR + b"b" * SECTOR + bytes(2 * SECTOR)
    assert not (none / "head").exists()
    some = disk.after_power_cut(root, tmp_path / "some", survives=lambda sector: sector == 3, keeps_end=True)
    assert (some / "1.journal").read_bytes() == b"a" * SECTOR + b"b" * SECTOR + bytes(SECTOR) + b"c" * SECTOR
    assert (some / "head").read_bytes() == b"end"
    disk.close(descriptor)


@pytest.mark.parametrize("call", ["create", "open", "write", "sync", "cut", "rename", "sync_folder"])
def test_each_call_fails_when_told_to(tmp_path: Path, call: str) -> None:
    disk = FaultyDisk()
    descriptor = disk.create(tmp_path / "a")
    disk.fails = {call: errno.EIO}
    calls: dict[str, Callable[[], object]] = {
        "create": lambda: disk.create(tmp_path / "b"),
        "open": lambda: disk.open(tmp_path / "a"),
        "write": lambda: disk.write(descriptor, [b"x"], 0),
        "sync": lambda: disk.sync(descriptor),
        "cut": lambda: disk.cut(descriptor, 0),
        "rename": lambda: disk.rename(tmp_path / "a", tmp_path / "b"),
        "sync_folder": lambda: disk.sync_folder(tmp_path),
    }
    with pytest.raises(OSError, match="Input/output"):
        calls[call]()
    disk.close(descriptor)
