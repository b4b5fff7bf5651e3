"""Numbers, durations and moments are read as people write them, and written so that they read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.clock import to_micros
from logwright.logs.query.values import dollars, flag, moment, number, seconds, show_moment, show_number

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [("400", 400), ("1e3", 1000), (".5", 0.5), ("10k", 10_000), ("2M", 2e6), ("-3", -3), ("10x", None), ("", None)],
)
def test_a_number(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("2s", 2), ("500ms", 0.5), ("3us", 3e-6), ("1.5m", 90), ("2h", 7200), ("1d", 86_400), ("2y", None)],
)
def test_a_duration_is_in_seconds(text: str, value: float | None) -> None:
    assert seconds(text) == value


def test_money_may_carry_its_sign() -> None:
    assert (dollars("$0.01"), dollars("0.01"), dollars("0.01k")) == (0.01, 0.01, None)


def test_a_flag_is_written_in_three_ways() -> None:
    assert [flag(text) for text in ("true", "NO", "1", "2")] == [True, False, True, None]


def test_what_a_double_cannot_hold_is_no_number() -> None:
    assert number("1e999") is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_shown_reads_back(value: float) -> None:
    assert number(show_number(value)) == value
    assert seconds(show_number(value) + "s") == value


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(9998, 12, 31)))  # noqa: DTZ001 - hypothesis wants it naive
def test_a_moment_shown_reads_back(when: datetime) -> None:
    span = moment(show_moment(to_micros(when)), NOW)
    assert span is not None
    assert (span.first, span.last, span.edge) == (to_micros(when),) * 3


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("2026", timedelta(days=365)),
        ("2026-02", timedelta(days=28)),
        ("2026-12", timedelta(days=31)),
        ("2026-01-31", timedelta(days=1)),
        ("2026-01-31T08", timedelta(hours=1)),
        ("2026-01-31T08:15", timedelta(minutes=1)),
        ("2026-01-31T08:15:30", timedelta(seconds=1)),
        ("2026-01-31T08:15:30.5", timedelta(milliseconds=100)),
        ("2026-01-31T08:15:30.123456", timedelta(microseconds=1)),
        ("2026-01-31T08:15:30.123456789", timedelta(microseconds=1)),
    ],
)
def test_a_moment_is_as_wide_as_its_precision(text: str, width: timedelta) -> None:
    span = moment(text, NOW)
    assert span is not None
    assert timedelta(microseconds=span.last - span.first + 1) == width


@pytest.mark.parametrize("text", ["2026-02-30", "2026-01-01T25:00", "soon", "", "12", "-", "9999999999d", "2026-1-1"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text, NOW) is None


@pytest.mark.parametrize("text", ["9999", "9999-12-31", "0001-01-01T00:00+23:00"])
def test_the_ends_of_the_calendar_are_refused_and_not_an_accident(text: str) -> None:
    moment(text, NOW)
