"""Bifrost's histograms: buckets whose size follows from the range, empty ones there when both of its ends are given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from logwright.clock import EPOCH, from_micros, to_micros
from logwright.faces.bifrost.log import instant, milliseconds
from logwright.logs.seam import LogStore
from logwright.logs.types import HistogramBar, LogQuery
from logwright.wire.strict import JSON

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_SIZES: Final = (
    (2 * _HOUR, 60),
    (_DAY, 600),
    (3 * _DAY, _HOUR),
    (7 * _DAY, 8 * _HOUR),
    (30 * _DAY, _DAY),
    (90 * _DAY, 3 * _DAY),
    (365 * _DAY, 7 * _DAY),
)
"""Seconds of a range below which a bucket has so many seconds."""
_LARGEST: Final = 30 * _DAY
_WITHOUT_RANGE: Final = _HOUR

NOTHING: Final = HistogramBar(
    start=EPOCH,
    group="",
    count=0,
    failed=0,
    total_tokens=0,
    cost=0.0,
    latency_p50=None,
    latency_p95=None,
    ttft_p50=None,
    ttft_p95=None,
)
"""The bar of an interval in which nothing happened."""

Fields = dict[str, JSON]


class Range(NamedTuple):
    """From which to which microsecond a query goes; None where it is open."""

    first: int | None
    last: int | None


def range_of(query: LogQuery) -> Range:
    """Return the range that the query's conditions on the time leave."""
    firsts = [int(clause.values[0]) for clause in query.clauses if (clause.field, clause.operator) == ("time", ">=")]
    lasts = [int(clause.values[0]) for clause in query.clauses if (clause.field, clause.operator) == ("time", "<=")]
    return Range(max(firsts, default=None), min(lasts, default=None))


def bucket_seconds(range_: Range) -> int:
    """Choose the size of a bucket for a range."""
    if range_.first is None or range_.last is None:
        return _WITHOUT_RANGE
    span = (range_.last - range_.first) / 1_000_000
    return next((size for below, size in _SIZES if span < below), _LARGEST)


async def counts(store: LogStore, project_id: str, query: LogQuery) -> Fields:
    """Count requests."""

    def bucket(bar: HistogramBar) -> Fields:
        return {"count": bar.count, "success": bar.count - bar.failed, "error": bar.failed}

    return await _single(store, project_id, query, bucket)


async def tokens(store: LogStore, project_id: str, query: LogQuery) -> Fields:
    """Sum tokens."""

    def bucket(bar: HistogramBar) -> Fields:
        return {
            "prompt_tokens": bar.input_tokens,
            "completion_tokens": bar.output_tokens,
            "total_tokens": bar.total_tokens,
            "cached_read_tokens": bar.cached_tokens,
        }

    return await _single(store, project_id, query, bucket)


async def latencies(store: LogStore, project_id: str, query: LogQuery) -> Fields:
    """Describe the latencies, in milliseconds; 0 where nothing happened."""

    def bucket(bar: HistogramBar) -> Fields:
        return {
            "avg_latency": milliseconds(bar.average_latency) or 0,
            "p90_latency": milliseconds(bar.latency_p90) or 0,
            "p95_latency": milliseconds(bar.latency_p95) or 0,
            "p99_latency": milliseconds(bar.latency_p99) or 0,
            "total_requests": bar.count,
        }

    return await _single(store, project_id, query, bucket)


async def costs(store: LogStore, project_id: str, query: LogQuery) -> Fields:
    """Sum costs, in all and by model."""

    def bucket(bars: Mapping[str, HistogramBar]) -> Fields:
        by_model = {model: bar.cost for model, bar in bars.items()}
        return {"total_cost": round(sum(by_model.values()), 12), "by_model": by_model}

    return await _by_model(store, project_id, query, bucket)


async def models(store: LogStore, project_id: str, query: LogQuery) -> Fields:
    """Count requests by model."""

    def bucket(bars: Mapping[str, HistogramBar]) -> Fields:
        return {
            "by_model": {
                model: {"total": bar.count, "success": bar.count - bar.failed, "error": bar.failed}
                for model, bar in bars.items()
            }
        }

    return await _by_model(store, project_id, query, bucket)


async def _single(
    store: LogStore, project_id: str, query: LogQuery, bucket: Callable[[HistogramBar], Fields]
) -> Fields:
    range_ = range_of(query)
    size = bucket_seconds(range_)
    found = {bar.start: bar for bar in await store.histogram(project_id, query, seconds=size, group=None)}
    starts = _starts(range_, size, sorted(found))
    return {
        "buckets": [{"timestamp": instant(start), **bucket(found.get(start, NOTHING))} for start in starts],
        "bucket_size_seconds": size,
    }


async def _by_model(
    store: LogStore, project_id: str, query: LogQuery, bucket: Callable[[Mapping[str, HistogramBar]], Fields]
) -> Fields:
    range_ = range_of(query)
    size = bucket_seconds(range_)
    found: dict[datetime, dict[str, HistogramBar]] = defaultdict(dict)
    for bar in await store.histogram(project_id, query, seconds=size, group="model"):
        found[bar.start][bar.group] = bar
    starts = _starts(range_, size, sorted(found))
    return {
        "buckets": [{"timestamp": instant(start), **bucket(found.get(start, {}))} for start in starts],
        "bucket_size_seconds": size,
        "models": sorted({model for bars in found.values() for model in bars}),
    }


def _starts(range_: Range, size: int, found: Sequence[datetime]) -> Sequence[datetime]:
    """Return where the buckets begin: at whole multiples of their size since 1970."""
    if range_.first is None or range_.last is None:
        return found
    step = size * 1_000_000
    first, last = range_.first // step * step, range_.last // step * step
    starts = [from_micros(micros) for micros in range(first, last + 1, step)]
    # Only what lies before 1970 or beyond the year 2299 could be missing here, and no log does.
    return starts if not found or to_micros(found[0]) >= first else found
