"""Streams that have begun and bring nothing: what one costs, whether a new call waits, whether everything is let go."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from typing import Final

from bench.soak.callers import Target, Waiting, call
from logwright.testing.processes import descriptors, resident_bytes

KIB_EACH: Final = 60
NEW_CALL_SECONDS: Final = 0.5
SPARE: Final = 200
"""Descriptors that a worker needs beside its streams, with room for new calls."""

_AT_ONCE: Final = 100
_CALLS: Final = 50


async def measure(target: Target, wanted: int) -> bool:
    """Open the streams, look, close them, and print what was found."""
    for _ in range(_CALLS):
        await call(target, target.chat("fault-close-mid-body", stream=True))
    await call(target, target.chat("gpt-4o"))  # leaves a connection to the provider that rests, as any other will
    before, open_before = resident_bytes(target.worker), descriptors(target.worker)
    streams, took = await opened(target, min(wanted, (limit(target.worker) - open_before - SPARE) // 2))
    assert descriptors(target.worker) >= open_before + 2 * len(streams) - 1
    each = (resident_bytes(target.worker) - before) / len(streams) / 1024
    new = [(await call(target, target.chat("gpt-4o")))[1] for _ in range(_CALLS)]
    for stream in streams:
        stream.transport.abort()
    left, back = await until_back(target, open_before)
    print(f"idle streams       {len(streams):8d}          (wanted {wanted}), open after {took:.1f} s")
    print(f"memory each        {each:8.1f} KiB      (demand: under {KIB_EACH})")
    print(f"a new call, worst  {max(new) * 1000:8.1f} ms       (demand: under {NEW_CALL_SECONDS * 1000:g}; median "
          f"{statistics.median(new) * 1000:.1f})")  # fmt: skip
    print(f"descriptors left   {left:8d}          (demand: 0 more than before), {back:.1f} s after the callers left")
    return each < KIB_EACH and max(new) < NEW_CALL_SECONDS and left <= 0


async def opened(target: Target, count: int) -> tuple[list[Waiting], float]:
    """Open streams, some at a time; return them once each has brought its first event, and the seconds it took."""
    began = time.perf_counter()
    request = target.chat("fault-stall-mid-body", stream=True)
    streams: list[Waiting] = []
    while len(streams) < count:
        some = [Waiting(request) for _ in range(min(_AT_ONCE, count - len(streams)))]
        await asyncio.gather(*(each.connect(target.port) for each in some))
        await asyncio.gather(*(each.began.wait() for each in some))
        assert all(each.status == 200 for each in some), [each.told for each in some if each.status != 200][:1]
        streams += some
    return streams, time.perf_counter() - began


async def until_back(target: Target, before: int) -> tuple[int, float]:
    """Wait until the worker has let go; return how many descriptors it has more than before, and the seconds."""
    began = time.perf_counter()
    # Nobody tells when a process closes a descriptor.
    while (left := descriptors(target.worker) - before) > 0 and time.perf_counter() - began < 60:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return max(left, 0), time.perf_counter() - began


def limit(pid: int) -> int:
    """Return how many descriptors the worker may have."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(int(line.split()[3]) for line in lines if line.startswith("Max open files"))
