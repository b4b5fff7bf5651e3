"""What the system knows of a running server: its workers, the memory they hold and their open descriptors (proc(5))."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

_WORKER: Final = b"logwright.http.worker"
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


def workers(supervisor: int) -> list[int]:
    """Return the process ids of the gateway workers of a server, by the id of its supervisor."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            # The name in parentheses may hold anything; what follows the last one is plain.
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == supervisor and _WORKER in path.with_name("cmdline").read_bytes():
                found.append(int(path.parent.name))
    return sorted(found)


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has held since its start, or since `forget_peak`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def forget_peak(pid: int) -> None:
    """Let `peak_bytes` count from what the process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are all that is needed
