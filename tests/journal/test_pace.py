"""When the loop waits for the disk itself: while it is quick, and after one slow sync only tentatively."""

from __future__ import annotations

from logwright.journal.pace import Pace


def test_a_quick_disk_is_waited_for() -> None:
    pace = Pace(0.001)
    for now in range(10):
        assert pace.is_quick(now)
        pace.on_loop(0.0001, now)


def test_one_slow_sync_is_believed_and_the_pauses_double() -> None:
    pace = Pace(0.001)
    now, pauses = 100.0, []
    for _ in range(12):
        pace.on_loop(0.004, now)
        began = now
        while not pace.is_quick(now):
            now += 0.01
        pauses.append(round(now - began, 1))
    assert pauses == [0.1, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]


def test_a_disk_that_became_quick_is_trusted_again() -> None:
    pace = Pace(0.001)
    for _ in range(10):
        pace.on_loop(0.004, 0.0)
    for _ in range(100):
        pace.on_loop(0.0001, 100.0)
    pace.on_loop(0.004, 200.0)
    assert not pace.is_quick(200.04)
    assert pace.is_quick(200.06)


def test_a_disk_that_hangs_is_not_tried_on_the_loop() -> None:
    pace = Pace(0.001)
    pace.on_thread(0.5)
    assert not pace.is_quick(1e9)
    pace.on_thread(0.004)
    assert pace.is_quick(1e9)


def test_no_limit_means_never() -> None:
    pace = Pace(0)
    assert not pace.is_quick(1e9)
