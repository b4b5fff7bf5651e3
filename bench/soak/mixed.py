"""Calls of all sorts, one after the other: memory, descriptors and waiting must not drift."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from typing import Final

from bench.soak.callers import Target, call
from logwright.testing.processes import descriptors, resident_bytes

MIB_PER_10_000: Final = 10
DRIFT: Final = 1.5
"""How much longer the median call may take in the last quarter than in the first."""

_WARM_UP: Final = 0.5
"""The warm-up, as a part of the calls that count."""

_KINDS: Final = 10


async def measure(target: Target, count: int, callers: int) -> bool:
    """Warm up, make the calls, and print what was found."""
    answers: Counter[str] = Counter()
    await play(target, int(count * _WARM_UP), callers, Counter())
    before, open_before = await settled(target)
    began = time.perf_counter()
    took = await play(target, count, callers, answers)
    seconds = time.perf_counter() - began
    after, open_after = await settled(target)
    growth = (after - before) / 2**20 / count * 10_000
    quarter = len(took) // 4
    first, last = statistics.median(took[:quarter]), statistics.median(took[-quarter:])
    print(f"mixed calls        {count:8d}          in {seconds:.1f} s: {dict(sorted(answers.items()))}")
    print(f"growth per 10,000  {growth:8.2f} MiB      (demand: under {MIB_PER_10_000}; now {after / 2**20:.0f} MiB)")
    print(f"descriptors        {open_after - open_before:+8d}          (demand: within {callers}, which may rest)")
    print(f"median call        {last * 1000:8.2f} ms       (demand: under {DRIFT} times the first quarter's "
          f"{first * 1000:.2f} ms)")  # fmt: skip
    return growth < MIB_PER_10_000 and open_after <= open_before + callers and last < DRIFT * first


async def play(target: Target, count: int, callers: int, answers: Counter[str]) -> list[float]:
    """Make calls, a tenth of each kind; return the seconds that the ordinary ones took, in order."""
    report = target.request("/api/v1/report", {"reqPayload": {"model": "m", "messages": []}, "statusCode": 200})
    kinds = [
        *[("plain", target.chat("gpt-4o"), b"")] * 3,
        *[("stream", target.chat("gpt-4o", stream=True), b"")] * 2,
        ("report", report, b""),
        ("provider's error", target.chat("fault-status-500"), b""),
        ("cut stream", target.chat("fault-reset-mid-body", stream=True), b""),
        ("hang-up", target.chat("fault-stall-mid-body", stream=True), b"data:"),
        ("refused", target.request("/v1/chat/completions", {"model": 7}), b""),
    ]
    took: list[float] = []
    numbers = iter(range(count))

    async def one_after_the_other() -> None:
        for number in numbers:
            name, request, leave_at = kinds[number % _KINDS]
            caller, seconds = await call(target, request, leave_at=leave_at)
            answers[f"{name} {caller.status}"] += 1
            if name == "plain":
                took.append(seconds)

    await asyncio.gather(*(one_after_the_other() for _ in range(callers)))
    return took


async def settled(target: Target) -> tuple[int, int]:
    """Wait until the worker's descriptors no longer change; return its memory and their number."""
    seen = [descriptors(target.worker)]
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        await asyncio.sleep(0.3)
        seen.append(descriptors(target.worker))
    return resident_bytes(target.worker), seen[-1]
