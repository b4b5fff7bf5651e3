"""The five figures over all matches, and how models rank by use against the time before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from logwright.faces.bifrost.histograms import NOTHING, Range, range_of
from logwright.faces.bifrost.log import milliseconds
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, HistogramBar, LogQuery, LogStats
from logwright.wire.strict import JSON

Fields = dict[str, JSON]

_MOST_RANKED: Final = 100
_MOST_PROVIDERS: Final = 100
_FOREVER: Final = 400 * 365 * 86_400
"""Seconds that no range exceeds: one bar holds everything."""


def five(stats: LogStats) -> Fields:
    """Give the figures as Bifrost counts: the rate in percent, the latency in milliseconds, zeros and never null."""
    return {
        "total_requests": stats.count,
        "success_rate": 100 * stats.succeeded / stats.count if stats.count else 0,
        "average_latency": milliseconds(stats.average_latency) or 0,
        "total_tokens": stats.total_tokens,
        "total_cost": round(stats.cost, 12),
    }


async def rankings(store: LogStore, project_id: str, query: LogQuery) -> Fields:
    """Rank models by their requests; with a beginning in time, against as long a time before it."""
    now = await _by_model(store, project_id, query)
    before: dict[tuple[str, str], HistogramBar] = {}
    earlier = _earlier(query)
    if earlier is not None:
        before = await _by_model(store, project_id, earlier)
    ranked = sorted(now, key=lambda name: (-now[name].count, name))[:_MOST_RANKED]
    return {"rankings": [_ranked(name, now[name], before.get(name)) for name in ranked]}


def _ranked(name: tuple[str, str], bar: HistogramBar, before: HistogramBar | None) -> Fields:
    model, provider = name
    earlier = before or NOTHING
    return {
        "model": model,
        "provider": provider,
        "total_requests": bar.count,
        "success_count": bar.count - bar.failed,
        "success_rate": 100 * (bar.count - bar.failed) / bar.count,
        "total_tokens": bar.total_tokens,
        "total_cost": round(bar.cost, 12),
        "avg_latency": milliseconds(bar.average_latency) or 0,
        "trend": {
            "has_previous_period": before is not None,
            "requests_trend": _change(bar.count, earlier.count),
            "tokens_trend": _change(bar.total_tokens, earlier.total_tokens),
            "cost_trend": _change(bar.cost, earlier.cost),
            "latency_trend": _change(bar.average_latency, earlier.average_latency),
        },
    }


def _change(now: float | None, before: float | None) -> float:
    """Give the change in percent; 0 where there is nothing to compare with."""
    return 100 * ((now or 0) - before) / before if before else 0


async def _by_model(store: LogStore, project_id: str, query: LogQuery) -> dict[tuple[str, str], HistogramBar]:
    """Sum up each model of each provider; models that are called without one have the empty name for it."""
    (providers,) = await store.facets(project_id, query, ["provider"], limit=_MOST_PROVIDERS)
    found: dict[tuple[str, str], HistogramBar] = {}
    for provider in [*(value for value, _ in providers.values), ""]:
        narrowed = replace(query, clauses=(*query.clauses, Clause(field="provider", operator="=", values=(provider,))))
        for bar in await store.histogram(project_id, narrowed, seconds=_FOREVER, group="model"):
            found[bar.group, provider] = bar
    return found


def _earlier(query: LogQuery) -> LogQuery | None:
    """Return the same query for as long a time before its own; None where that has no beginning or no end."""
    range_ = range_of(query)
    if range_.first is None or range_.last is None:
        return None
    length = range_.last - range_.first + 1
    kept = tuple(clause for clause in query.clauses if clause.field != "time")
    return replace(query, clauses=(*kept, *_between(Range(max(range_.first - length, 0), range_.first - 1))))


def _between(range_: Range) -> Sequence[Clause]:
    return (
        Clause(field="time", operator=">=", values=(range_.first or 0,)),
        Clause(field="time", operator="<=", values=(range_.last or 0,)),
    )
