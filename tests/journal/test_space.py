"""Segments and reserve by the size of the file system."""

from __future__ import annotations

import pytest

from logwright.journal.space import MEBIBYTE, budget


@pytest.mark.parametrize(
    ("total", "segment", "reserve"),
    [
        (16 * MEBIBYTE, MEBIBYTE // 4, MEBIBYTE),
        (64 * MEBIBYTE, MEBIBYTE, 4 * MEBIBYTE),
        (1024 * MEBIBYTE, 16 * MEBIBYTE, 64 * MEBIBYTE),
        (1 << 40, 32 * MEBIBYTE, 128 * MEBIBYTE),
    ],
)
def test_small_disks_get_small_segments(total: int, segment: int, reserve: int) -> None:
    assert budget(total) == (segment, reserve)


@pytest.mark.parametrize("total", [1 << bits for bits in range(20, 44)])
def test_the_reserve_is_more_than_the_room_taken_ahead(total: int) -> None:
    """With nothing free at all the room taken ahead alone must not be enough to take calls."""
    found = budget(total)
    assert found.reserve > 2 * found.segment


def test_the_size_of_segments_can_be_chosen() -> None:
    assert budget(1 << 40, 4096) == (4096, 16384)
