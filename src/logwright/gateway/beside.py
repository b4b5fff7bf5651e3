"""Reads large bodies beside the event loop, one at a time, so that everybody else is served meanwhile.

Ten MiB of JSON in its worst shape take more than a second to parse and check. In a
thread the loop gets a turn between two steps of that; with several such threads it
would have to stand in a queue for the interpreter's lock each time.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

LARGE_BYTES: Final = 1024 * 1024
"""Size of a body from which it is read in the thread; a smaller one takes less than 0.15 s in the worst case."""

_SWITCH_SECONDS: Final = 0.0002
"""The loop asks for the interpreter's lock at every read, hundreds of times while other large bodies arrive, and waits
this long each time; at the usual 5 ms that would add up to seconds."""

_MOST_REST_SECONDS: Final = 0.25


async def beside(size: int, work: Callable[[], T]) -> T:
    """Return what `work` makes of a body of `size` bytes; in the thread when it is large, else at once."""
    if size <= LARGE_BYTES:
        return work()
    return await _reader.read(work)


class _Reader:
    """A thread that reads one body after the other and rests between two, as long as the last one took.

    Parsing is a single step of up to 0.2 s that cannot be interrupted. A small call needs the lock a few times; in
    the rest it gets it at once, instead of waiting for one large body after the other.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large-bodies")
        self._rests_until = 0.0

    async def read(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, when its turn has come."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, work)

    def _read(self, work: Callable[[], T]) -> T:
        began = time.monotonic()
        if began < self._rests_until:
            time.sleep(self._rests_until - began)
            began = time.monotonic()
        usual = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            return work()
        finally:
            sys.setswitchinterval(usual)
            ended = time.monotonic()
            self._rests_until = ended + min(ended - began, _MOST_REST_SECONDS)


_reader: Final = _Reader()  # one for the process, as the interpreter's lock is; its thread begins with the first body
