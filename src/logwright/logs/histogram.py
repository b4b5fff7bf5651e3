"""Bars over time that a person can look at: a width that suits the range, and no gaps where nothing happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from logwright.clock import from_micros, to_micros
from logwright.errors import InvalidRequest
from logwright.logs.seam import LogStore
from logwright.logs.types import HistogramBar, LogQuery, Order
from logwright.paging import Narrowed

_WIDTHS: Final = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200),
    *(86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 28 * 86_400),
)
_PLEASANT: Final = 100
"""Bars at most when the width is ours to choose."""
MOST_BARS: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Bars of one width, side by side from the first to the last."""

    seconds: int
    bars: Sequence[HistogramBar]
    truncated: bool
    """True when the oldest bars are missing because there were too many."""
    narrowed: Narrowed | None = None
    """The part of the time that the bars cover, when all of it was too much."""


async def histogram(
    store: LogStore, project_id: str, query: LogQuery, *, seconds: int | None, group: str | None, now: datetime
) -> Histogram:
    """Count matches by time, and by the values of `group` if one is given; intervals without any are there as zeros.

    Raises:
        InvalidRequest: when bars of `seconds` over the range would be too many, or the group cannot be grouped by.
    """
    span = await _span(store, project_id, query, now)
    if span is None:
        return Histogram(seconds=seconds or _WIDTHS[0], bars=(), truncated=False)
    first, last = span
    width = seconds or _width(last - first)
    if (last - first) // timedelta(seconds=width) >= MOST_BARS:
        raise InvalidRequest(
            f"Bars of {width} seconds from {first.isoformat()} to {last.isoformat()} are more than {MOST_BARS}; "
            "use wider ones or a shorter time",
            param="bucket",
        )
    found = await store.histogram(project_id, query, seconds=width, group=group)
    if found.narrowed is not None and found.narrowed.since is not None:
        first = max(first, found.narrowed.since)
    truncated = len(found) >= MOST_BARS
    if truncated:
        first = max(first, found[0].start)
    bars = _filled(found, first, last, width)
    return Histogram(seconds=width, bars=bars, truncated=truncated, narrowed=found.narrowed)


async def _span(store: LogStore, project_id: str, query: LogQuery, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when the bars go: as the query says, else from the first match to the last."""
    low, high = _bounds(query)
    if low is None:
        page = await store.search(project_id, query, order=Order(direction="asc"), after=None, limit=1)
        if not page.items:
            return None
        first = page.items[0].requested_at
        if high is None:
            newest = await store.search(project_id, query, order=Order(), after=None, limit=1)
            return first, max(first, newest.items[0].requested_at if newest.items else first)
    else:
        first = from_micros(low)
    return first, max(first, now if high is None else from_micros(high))


def _bounds(query: LogQuery) -> tuple[int | None, int | None]:
    """Return the first and last microsecond that the query's conditions on the time leave."""
    lows, highs = [], []
    for clause in query.clauses:
        if clause.field != "time" or clause.negated or len(clause.values) > 2:
            continue
        values = [int(value) for value in clause.values]
        match clause.operator:
            case ">" | ">=":
                lows.append(values[0])
            case "<":
                highs.append(values[0] - 1)
            case "<=":
                highs.append(values[0])
            case "..":
                lows.append(values[0])
                highs.append(values[1])
            case "=" if len(values) == 1:
                lows.append(values[0])
                highs.append(values[0])
            case _:
                pass
    return max(lows, default=None), min(highs, default=None)


def _width(span: timedelta) -> int:
    for width in _WIDTHS:
        if span <= timedelta(seconds=width * _PLEASANT):
            return width
    days = -(-span // timedelta(days=_PLEASANT))
    return days * 86_400


def _filled(found: Sequence[HistogramBar], first: datetime, last: datetime, width: int) -> Sequence[HistogramBar]:
    """Put a zero wherever a group has no bar; bars begin at whole multiples of their width since 1970."""
    groups = list(dict.fromkeys(bar.group for bar in sorted(found, key=lambda bar: bar.group))) or [""]
    known = {(bar.start, bar.group): bar for bar in found}
    step = width * 1_000_000
    begin, end = to_micros(first) // step * step, to_micros(last) // step * step
    if (end - begin) // step * len(groups) >= MOST_BARS:
        return found
    starts = [from_micros(micros) for micros in range(begin, end + 1, step)]
    return [known.get((start, group)) or _nothing(start, group) for start in starts for group in groups]


def _nothing(start: datetime, group: str) -> HistogramBar:
    return HistogramBar(
        start=start,
        group=group,
        count=0,
        failed=0,
        total_tokens=0,
        cost=0.0,
        latency_p50=None,
        latency_p95=None,
        ttft_p50=None,
        ttft_p95=None,
    )
