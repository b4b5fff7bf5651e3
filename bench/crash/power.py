"""Cut the power: an ext4 of its own is shut down without flushing, so that what was never synced is really gone.

The file system lies in a file behind a loop device. `EXT4_IOC_SHUTDOWN` with
`EXT4_GOING_FLAGS_NOLOGFLUSH` drops all that memory holds of it, and mounting it
again replays its journal, as after a power cut. That this is so is first shown
on a plain file: what was written and not synced must be gone, and what was
synced must be there. Needs root, and says so where it cannot mount.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.crash.report import Round, check, close, show
from logwright.testing.load import Load
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

_SHUTDOWN: Final = 0x8004587D
"""EXT4_IOC_SHUTDOWN, `_IOR('X', 125, __u32)` (Linux, fs/ext4/ext4.h); the same number as XFS's GOINGDOWN."""
_NO_LOG_FLUSH: Final = 2
_IMAGE_BYTES: Final = 2 << 30


class LoopDisk:
    """An ext4 in a file, mounted on `folder`."""

    def __init__(self, home: Path, size: int = _IMAGE_BYTES) -> None:
        """Make and mount it."""
        self._image = home / "image"
        self.folder = home / "mounted"
        self.folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(size)
        # No discarding, no lazy work: nothing else should write while we look.
        _run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", str(self._image))
        self.mount()

    def mount(self) -> None:
        """Mount, replaying the file system's journal."""
        _run("mount", "-o", "loop", str(self._image), str(self.folder))

    def cut(self) -> None:
        """Cut the power: from here on nothing that memory holds reaches the disk."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def remount(self) -> None:
        """Turn the power on again."""
        self.unmount()
        self.mount()

    def unmount(self) -> None:
        """Unmount; who still has files open there must be gone."""
        for _ in range(50):
            if subprocess.run(["umount", str(self.folder)], capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)
        _run("umount", str(self.folder))


@contextlib.contextmanager
def loop_disk() -> Iterator[LoopDisk]:
    """Make a disk whose power can be cut.

    Raises:
        SystemExit: where mounting is not allowed.
    """
    with tempfile.TemporaryDirectory() as home:
        try:
            disk = LoopDisk(Path(home))
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            said = getattr(error, "stderr", "") or error
            sys.exit(f"Cutting the power needs root and a loop-mounted ext4, which cannot be had here: {said}")
        try:
            yield disk
        finally:
            disk.unmount()


def prove(disk: LoopDisk) -> None:
    """Show that a cut takes what was not synced and leaves what was.

    Raises:
        SystemExit: it does not, so that nothing would be proved by what follows.
    """
    content = os.urandom(1 << 20)
    synced, unsynced, appended = (disk.folder / name for name in ("synced", "unsynced", "appended"))
    for path, part in ((synced, content), (appended, content[:4096])):
        with path.open("wb") as file:
            file.write(part)
            file.flush()
            os.fsync(file.fileno())
    directory = os.open(disk.folder, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    unsynced.write_bytes(content)
    with appended.open("ab") as file:
        file.write(content)
    disk.cut()
    disk.remount()
    kept = synced.read_bytes() == content
    gone = not unsynced.exists() or content[:4096] not in unsynced.read_bytes()
    cut = appended.read_bytes() == content[:4096]
    print(f"a cut keeps what was synced: {kept}; takes an unsynced file: {gone}; takes an unsynced tail: {cut}")
    if not (kept and gone and cut):
        sys.exit("The cut does not behave like one; the rounds would prove nothing.")


def run(rounds: int, callers: int, workers: int, seed: int) -> int:
    """Cut that many times on one data directory; all that was ever acknowledged must be found each time."""
    chance = random.Random(seed)
    done: list[Round] = []
    loads: list[Load] = []
    with loop_disk() as disk, FakeUpstream(record=False) as upstream:
        prove(disk)
        server = Server(upstream=upstream, folder=disk.folder / "server", settings=("--workers", str(workers)))
        try:
            server.start()
            # The first start's own files (master key, keys) are the operator's to keep; the cut is about the logs.
            os.sync()
            for number in range(1, rounds + 1):
                with Load(server.port, server.key, callers=callers, name=f"cut {number}") as load:
                    loads.append(load)
                    time.sleep(chance.uniform(0.5, 2.5))
                    disk.cut()
                    time.sleep(0.3)  # whoever is acknowledged now was told a lie, and will be missed below
                    server.kill()
                disk.remount()
                began = time.monotonic()
                server.revive()
                recovery = time.monotonic() - began
                acknowledged, found, wrong = check(server, loads)
                done.append(
                    Round(
                        acknowledged=acknowledged,
                        found=found,
                        wrong=wrong,
                        recovery=recovery,
                        searched=time.monotonic() - began,
                    )
                )
                show(number, done[-1])
        finally:
            server.close()
    return close(done, limit=5.0)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
