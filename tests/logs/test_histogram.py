"""Bars have a width that suits the range, and stand side by side without gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from logwright.errors import InvalidRequest
from logwright.logs.histogram import Histogram, histogram
from logwright.logs.query.parse import parse
from logwright.logs.types import Bars
from logwright.paging import Narrowed
from logwright.testing.factories import START

if TYPE_CHECKING:
    from tests.logs.conftest import Room

NOW = START + timedelta(hours=2)


def bars(room: Room, text: str = "", *, seconds: int | None = None, group: str | None = None) -> Histogram:
    query = parse(text, NOW)
    return room.app.run(histogram(room.store, room.project.id, query, seconds=seconds, group=group, now=NOW))


def test_no_logs_make_no_bars(room: Room) -> None:
    assert list(bars(room).bars) == []


def test_a_range_without_logs_is_all_zeros(room: Room) -> None:
    found = bars(room, "last:1h", seconds=600)
    assert [bar.count for bar in found.bars] == [0] * 7
    assert found.bars[0].start == NOW - timedelta(hours=1)


def test_what_was_left_out_is_not_shown_as_zeros(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store had time for the last quarter of the hour only."""
    part = Narrowed(since=NOW - timedelta(minutes=15))

    async def strained(*_: object, **__: object) -> Bars:
        return Bars(narrowed=part)

    monkeypatch.setattr(room.store, "histogram", strained)
    found = bars(room, "last:1h", seconds=300)
    assert found.narrowed == part
    assert found.bars[0].start == NOW - timedelta(minutes=15)


def test_gaps_are_filled_and_counts_are_kept(room: Room) -> None:
    for minutes in (0, 0, 3, 59):
        room.record(requested_at=START + timedelta(minutes=minutes), status=500 if minutes else 200)
    found = bars(room, seconds=60)
    assert len(found.bars) == 60
    assert [bar.start for bar in found.bars] == [START + timedelta(minutes=minute) for minute in range(60)]
    assert {bar.start.minute: (bar.count, bar.failed) for bar in found.bars if bar.count} == {
        0: (2, 0),
        3: (1, 1),
        59: (1, 1),
    }
    assert found.bars[0].total_tokens == 40
    assert found.bars[1].latency_p50 is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("last:1m", 1),
        ("last:1h", 60),
        ("last:24h", 900),
        ("last:7d", 7200),
        ("last:30d", 43_200),
        ("last:365d", 7 * 86_400),
        ("last:9000d", 90 * 86_400),
        ("time:2026-01-01", 900),
        ("time:2026-01-01T12:00:00Z", 1),
    ],
)
def test_the_width_suits_the_range(room: Room, text: str, seconds: int) -> None:
    found = bars(room, text)
    assert found.seconds == seconds
    assert len(found.bars) <= 102


def test_every_group_has_its_bar_in_every_interval(room: Room) -> None:
    room.record(requested_at=START, model="a")
    room.record(requested_at=START + timedelta(seconds=2), model="b")
    found = bars(room, seconds=1, group="model")
    assert [(bar.start.second, bar.group, bar.count) for bar in found.bars] == [
        *((0, "a", 1), (0, "b", 0)),
        *((1, "a", 0), (1, "b", 0)),
        *((2, "a", 0), (2, "b", 1)),
    ]


def test_bars_too_narrow_are_refused(room: Room) -> None:
    with pytest.raises(InvalidRequest, match="use wider ones") as refused:
        bars(room, "last:30d", seconds=1)
    assert refused.value.param == "bucket"


def test_a_range_that_ends_before_it_begins_is_one_empty_bar(room: Room) -> None:
    found = bars(room, "time:>2026-01-02 time:<2026-01-01", seconds=60)
    assert [bar.count for bar in found.bars] == [0]


def test_bars_stand_on_whole_multiples_of_their_width(room: Room) -> None:
    room.record(requested_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert [bar.start for bar in bars(room, seconds=3600).bars] == [datetime(2026, 3, 4, 5, tzinfo=UTC)]
