"""Sizes of buckets, and where they begin and end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.faces.bifrost.conftest import Room

from logwright.faces.bifrost.filters import read_filters
from logwright.faces.bifrost.histograms import Range, bucket_seconds, range_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("seconds", "size"),
    [
        (0, 60),
        (2 * HOUR - 1, 60),
        (2 * HOUR, 600),
        (DAY - 1, 600),
        (DAY, HOUR),
        (3 * DAY, 8 * HOUR),
        (7 * DAY, DAY),
        (30 * DAY, 3 * DAY),
        (90 * DAY, 7 * DAY),
        (365 * DAY - 1, 7 * DAY),
        (365 * DAY, 30 * DAY),
        (4000 * DAY, 30 * DAY),
    ],
)
def test_the_size_follows_from_the_range(seconds: int, size: int) -> None:
    assert bucket_seconds(Range(5, 5 + seconds * 1_000_000)) == size


@pytest.mark.parametrize("range_", [Range(None, None), Range(5, None), Range(None, 5)])
def test_without_a_range_a_bucket_is_an_hour(range_: Range) -> None:
    assert bucket_seconds(range_) == HOUR


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Range(None, None)),
        ({"start_time": "1970-01-01T00:00:01Z"}, Range(1_000_000, None)),
        ({"end_time": "1970-01-01T00:00:01Z", "period": "99999w"}, Range(0, 1_000_000)),
    ],
)
def test_the_range_is_what_the_conditions_leave(given: Any, expected: Range) -> None:
    assert range_of(read_filters(given, NOW)) == expected


def test_without_a_range_only_buckets_with_logs_are_there(room: Room) -> None:
    for micros in (0, 3_600_000_000, 36_000_000_000):
        room.record(requested_at=1_700_000_000_000_000 + micros)

    assert [bucket["count"] for bucket in room.ask("/histogram")["buckets"]] == [1, 1, 1]


def test_a_period_has_both_ends(room: Room) -> None:
    found = room.ask("/histogram", period="1h")

    assert found["bucket_size_seconds"] == 60
    assert 61 <= len(found["buckets"]) <= 62


def test_a_range_of_centuries_is_answered_in_buckets_of_thirty_days(room: Room) -> None:
    found = room.ask("/histogram", start_time="0001-01-01T00:00:00Z", end_time="9999-01-01T00:00:00Z")

    assert found["bucket_size_seconds"] == 30 * DAY
    assert 4000 < len(found["buckets"]) < 4100


def test_an_end_before_its_start_leaves_nothing(room: Room) -> None:
    room.record()

    found = room.ask("/histogram/models", start_time="2026-02-01T00:00:00Z", end_time="2026-01-01T00:00:00Z")

    assert (found["buckets"], found["models"]) == ([], [])
