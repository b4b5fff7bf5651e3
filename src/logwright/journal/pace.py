"""Whether the disk is quick enough to be waited for on the event loop's own thread.

Waking a committer thread and fighting it for the interpreter's lock costs a
call more CPU than the sync itself (docs/decisions/0004-journal.md has figures).
Where a sync takes a tenth of a millisecond it is cheaper, and no later for
anybody, to make it on the loop; where it takes longer the loop must not wait.
One slow sync is believed at once, and the next try comes after a pause that
doubles each time.
"""

from __future__ import annotations

from typing import Final

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 30.0
_HOPELESS: Final = 20
"""A commit on the thread that takes this many times the limit says that trying on the loop is no use."""


class Pace:
    """Remembers how the last commits went. Times are seconds."""

    __slots__ = ("_limit", "_pause", "_retry_at", "_threaded")

    def __init__(self, limit: float) -> None:
        """Call a commit quick when it takes less than `limit`; 0 sends every commit to the thread."""
        self._limit = limit
        self._pause = _FIRST_PAUSE
        self._retry_at = 0.0
        self._threaded = 0.0

    def is_quick(self, now: float) -> bool:
        """Say whether the next commit should be made on the loop."""
        return now >= self._retry_at and self._threaded < self._limit * _HOPELESS

    def on_loop(self, took: float, now: float) -> None:
        """Note a commit that was made on the loop."""
        if took > self._limit:
            self._retry_at = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        elif self._pause > _FIRST_PAUSE:
            self._pause = max(self._pause * 0.9, _FIRST_PAUSE)

    def on_thread(self, took: float) -> None:
        """Note a commit that the thread made; the wait for the interpreter's lock is in it."""
        self._threaded = took
