"""Moments are aware and in UTC, and microseconds are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from logwright.clock import from_micros, now, to_micros


def test_now_is_aware_and_in_utc() -> None:
    assert now().tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_there_and_back_lose_nothing(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_a_moment_counts_the_same_in_every_zone() -> None:
    moment = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert to_micros(moment) == to_micros(datetime(2026, 1, 1, tzinfo=UTC)) == 1_767_225_600_000_000
