"""The provider's time is not ours."""

from __future__ import annotations

import time

from logwright.gateway.stopwatch import Stopwatch


def test_the_time_between_asking_and_the_answer_is_left_out() -> None:
    watch = Stopwatch()
    watch.asked()
    began = time.perf_counter()
    while time.perf_counter() - began < 0.02:
        pass
    watch.answered()

    assert watch.overhead_micros() < 15_000


def test_a_call_that_asked_nobody_was_ours_all_the_time() -> None:
    watch = Stopwatch()
    began = time.perf_counter()
    while time.perf_counter() - began < 0.002:
        pass

    assert watch.overhead_micros() >= 2000


def test_the_first_end_counts() -> None:
    watch = Stopwatch()
    watch.asked()
    watch.answered()
    began = time.perf_counter()
    while time.perf_counter() - began < 0.002:
        pass
    watch.answered()

    assert watch.overhead_micros() >= 2000
