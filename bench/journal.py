"""What the journal costs a call: `python -m bench.journal [--folder DIR] [--seconds S]`.

Callers on one event loop each record, wait for the acknowledgement, do a fixed
piece of work and record again. The CPU time of the process (all threads, system
time included) with the journal, less that of the same callers without one, is
the journal's cost. The disk's own speed is measured beside it, as one thread
that writes and syncs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from logwright.journal import JournalWriter, read
from logwright.journal.disk import RealDisk

PAYLOAD = os.urandom(4000)
CALLERS = (1, 8, 32, 128)
WORK = 600
"""Turns of an empty loop per call, some 10 us: the rest of a gateway's work, so that threads contend as they would."""


class SyncingDisk(RealDisk):
    """Syncs in every write: with durability `os` that makes a commit on the loop's own thread, for comparison."""

    def write(self, descriptor: int, buffers: Sequence[bytes], offset: int) -> int:
        """Write and sync."""
        taken = super().write(descriptor, buffers, offset)
        os.fdatasync(descriptor)
        return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Figures of one run."""

    cpu: float
    """Microseconds of CPU per call."""
    rate: float
    """Calls per second."""
    commits: float
    """Commits per second."""
    p50: float
    p99: float
    """Milliseconds from append to acknowledgement."""


class CountingDisk(RealDisk):
    """Counts syncs."""

    def __init__(self) -> None:
        self.syncs = 0

    def sync(self, descriptor: int) -> None:
        """Sync and count."""
        self.syncs += 1
        super().sync(descriptor)


async def drive(writer: JournalWriter | None, callers: int, seconds: float) -> tuple[int, float, float, list[float]]:
    """Let the callers run; return calls, seconds, CPU seconds and the waits of all calls in seconds."""
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    waits: list[float] = []
    clock = time.perf_counter
    active = callers
    stop = clock() + seconds
    work = range(WORK)

    def call() -> None:
        nonlocal active
        for _ in work:
            pass
        began = clock()
        if began > stop:
            active -= 1
            if not active:
                ended.set_result(None)
            return

        def done(error: Exception | None) -> None:
            assert error is None, error
            waits.append(clock() - began)
            loop.call_soon(call)

        if writer is None:
            loop.call_soon(done, None)
        else:
            writer.append(PAYLOAD, done)

    began, cpu = clock(), _cpu()
    for _ in range(callers):
        loop.call_soon(call)
    await ended
    return len(waits), clock() - began, _cpu() - cpu, waits


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(folder: Path, how: str, callers: int, seconds: float) -> Run:
    """Run once in a fresh journal."""
    disk = SyncingDisk() if how == "fsync on the loop" else CountingDisk()
    with tempfile.TemporaryDirectory(dir=folder) as root:
        writer = None
        if how != "nothing":
            writer = JournalWriter(
                Path(root),
                "bench",
                durability="fsync" if how in {"fsync", "fsync on the thread"} else "os",
                loop_waits=0 if how == "fsync on the thread" else 0.001,
                disk=disk,
            )
            await asyncio.sleep(0.5)  # let the following segment be filled
            if isinstance(disk, CountingDisk):
                disk.syncs = 0
        calls, took, cpu, waits = await drive(writer, callers, seconds)
        commits = disk.syncs if isinstance(disk, CountingDisk) else 0
        if writer is not None:
            last = writer.durable
            writer.close()
            assert last == calls, (last, calls)
            assert read(Path(root), "bench", None).entries
    waits.sort()
    return Run(
        cpu=cpu / calls * 1e6,
        rate=calls / took,
        commits=commits / took,
        p50=waits[len(waits) // 2] * 1e3,
        p99=waits[len(waits) * 99 // 100] * 1e3,
    )


def raw(folder: Path, size: int, seconds: float) -> tuple[float, float]:
    """Write and sync in a file of zeros, as fast as one thread can; return syncs per second and CPU us each."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        descriptor, room, at, count = file.fileno(), 64 << 20, 0, 0
        os.pwrite(descriptor, bytes(room), 0)
        os.fsync(descriptor)
        data = os.urandom(size)
        began, cpu = time.perf_counter(), _cpu()
        while time.perf_counter() - began < seconds:
            os.pwrite(descriptor, data, at)
            os.fdatasync(descriptor)
            at = (at + size) % (room - size)
            count += 1
        return count / (time.perf_counter() - began), (_cpu() - cpu) / count * 1e6


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="on the disk to measure (default: here)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each run")
    options = parser.parse_args()
    for size in (4096, 32768):
        syncs, cpu = raw(options.folder, size, options.seconds)
        print(f"the disk alone, {size:5d} bytes a sync: {syncs:7.0f} syncs/s, {1e3 / syncs:6.3f} ms, {cpu:5.1f} us CPU")
    print(
        f"{'callers':>7}  {'journal':<20} {'CPU us':>7} {'of it':>7} {'calls/s':>8} {'syncs/s':>8} "
        f"{'p50 ms':>8} {'p99 ms':>8}"
    )
    for callers in CALLERS:
        base = 0.0
        for how in ("nothing", "os", "fsync", "fsync on the thread", "fsync on the loop"):
            run = uvloop.run(measure(options.folder, how, callers, options.seconds))
            base = base or run.cpu
            print(
                f"{callers:7d}  {how:<20} {run.cpu:7.1f} {run.cpu - base:7.1f} {run.rate:8.0f} {run.commits:8.0f} "
                f"{run.p50:8.3f} {run.p99:8.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
