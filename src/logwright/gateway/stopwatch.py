"""Whose time was it? What a call spent in our hands, the provider's time left out."""

from __future__ import annotations

import time


class Stopwatch:
    """Times one call; nanoseconds of a clock that only runs forward."""

    __slots__ = ("_answered", "_asked", "_started")

    def __init__(self) -> None:
        self._started = time.perf_counter_ns()
        self._asked = 0
        self._answered = 0

    def asked(self) -> None:
        """Note that the provider has been asked."""
        self._asked = time.perf_counter_ns()

    def answered(self) -> None:
        """Note that its answer is complete, or will never be; the first time counts."""
        self._answered = self._answered or time.perf_counter_ns()

    def overhead_micros(self) -> int:
        """Return the microseconds that were ours: all the time but that between asking and answer."""
        now = time.perf_counter_ns()
        waited = (self._answered or now) - self._asked if self._asked else 0
        return (now - self._started - waited) // 1000
