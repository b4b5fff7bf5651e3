"""The questions asked of the table `logs`: SQL out, types in.

Rows come back as JSON lines whose keys are the fields of `LogSummary` and `Log`,
so a reader in another process can be handed the engine's bytes as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from logwright.clock import from_micros
from logwright.errors import InvalidRequest
from logwright.ids import id_millis
from logwright.logs.row import BODIES, SUMMARY_COLUMNS
from logwright.logs.store import cursors
from logwright.logs.store.engine import Engine
from logwright.logs.store.facets import Source, source_of_each
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import Clause, HistogramBar, Log, LogQuery, LogStats, LogSummary, Order

_SUMMARY: Final = ", ".join(SUMMARY_COLUMNS)
_WHOLE: Final = f"{_SUMMARY}, {', '.join(BODIES)}, idempotency_key"
EXPORTABLE: Final = (*SUMMARY_COLUMNS, *BODIES)
"""The columns that an export may name."""

IN_ORDER: Final = (
    "max_threads = 1, max_block_size = 1024, read_in_order_use_buffering = 0,"
    " query_plan_optimize_lazy_materialization = 0"
)
"""What keeps a walk over whole logs small: by default every part is read ahead by 65,409 rows, and a store of a
million logs with twenty parts went over 600 MiB."""

_MICROS: Final = "toUnixTimestamp64Micro(requested_at)"
_MOST_BARS: Final = 5000
_SORTED_BY: Final = {"latency": "latency", "tokens": "total_tokens", "cost": "cost"}

decode_logs = msgspec.json.Decoder(Log).decode_lines
decode_summaries = msgspec.json.Decoder(LogSummary).decode_lines


class Statement(NamedTuple):
    """A statement and its parameters, as the engine takes them."""

    sql: str
    parameters: Mapping[str, object]


class Lines(NamedTuple):
    """Rows as JSON lines, and where the next page begins."""

    data: bytes
    next: str | None


def get(engine: Engine, project_id: str, log_id: str) -> bytes:
    """Return one log as a JSON line; empty when there is none."""
    parameters: dict[str, object] = dict(literals({"project": project_id, "id": log_id}))
    where = f"SELECT {_WHOLE} FROM {LOGS} WHERE project_id = {{project:String}} AND id = {{id:String}}"
    millis = id_millis(log_id)
    if millis is not None:
        narrow = (
            " AND requested_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"
            " AND requested_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
        )
        moments = {"since": millis, "until": millis + 1}
        found = engine.query(f"{where}{narrow} LIMIT 1", {**parameters, **moments})
        if found:
            return found
    # An imported id need not carry the time of its call; the bloom filter over the ids keeps this short.
    return engine.query(f"{where} LIMIT 1", parameters)


def search(
    engine: Engine,
    project_id: str,
    query: LogQuery,
    order: Order,
    after: str | None,
    limit: int,
    offset: int = 0,
    settings: str = "",
) -> Lines:
    """Return a page of summaries; `settings` bound what the statement may cost (see `budget`)."""
    where, values = condition(project_id, query)
    parameters: dict[str, object] = dict(literals(values))
    if after is not None:
        beyond, place = cursors.beyond(order, after)
        where = f"{where} AND ({beyond})"
        parameters |= place
    direction = "DESC" if order.direction == "desc" else "ASC"
    if order.key == "time":
        sorting = f"project_id {direction}, requested_at {direction}, id {direction}"
    else:
        column = _SORTED_BY[order.key]
        sorting = f"{column} {direction} NULLS LAST, id {direction}"
    cut = f"LIMIT {int(limit) + 1}" + (f" OFFSET {int(offset)}" if offset else "")
    data = engine.query(f"SELECT {_SUMMARY} FROM {LOGS} WHERE {where} ORDER BY {sorting} {cut}{settings}", parameters)
    lines = data.splitlines(keepends=True)
    if len(lines) <= limit:
        return Lines(data, None)
    last = decode_summaries(lines[limit - 1])[0]
    since = None if after is None else cursors.since(order, after)
    return Lines(b"".join(lines[:limit]), cursors.after(order, last, since=since))


def whole(engine: Engine, project_id: str, places: Sequence[tuple[str, int]], most_bytes: int) -> bytes:
    """Return the logs of a page as JSON lines, newest first; it ends with the block that reaches `most_bytes`."""
    moments = Clause(field="time", operator="=", values=tuple({micros for _, micros in places}))
    ids = Clause(field="id", operator="=", values=tuple(log_id for log_id, _ in places))
    where, values = condition(project_id, LogQuery(clauses=(moments, ids)))
    return engine.query(
        f"SELECT {_WHOLE} FROM {LOGS} WHERE {where} ORDER BY project_id DESC, requested_at DESC, id DESC"
        f" SETTINGS {IN_ORDER}, max_result_bytes = {int(most_bytes)}, result_overflow_mode = 'break'",
        literals(values),
    )


def stats(engine: Engine, project_id: str, query: LogQuery, settings: str = "") -> LogStats:
    """Return figures over all matches."""
    where, values = condition(project_id, query)
    data = engine.query(
        f"""
        SELECT
            count() AS count,
            countIf(error_kind = '') AS succeeded,
            countIf(error_kind != '') AS failed,
            avg(latency) AS average_latency,
            quantilesExactInclusive(0.5, 0.95, 0.99)(latency) AS latencies,
            quantilesExactInclusive(0.5, 0.95)(ttft) AS ttfts,
            sum(ifNull(t.input_tokens, 0)) AS input_tokens,
            sum(ifNull(t.output_tokens, 0)) AS output_tokens,
            sum(ifNull(t.total_tokens, 0)) AS total_tokens,
            sum(ifNull(t.cost, 0)) AS cost,
            countIf(isNull(t.cost)) AS without_cost
        FROM (SELECT error_kind, latency, ttft, input_tokens, output_tokens, total_tokens, cost
              FROM {LOGS} WHERE {where}) AS t{settings}
        """,
        literals(values),
    )
    found: dict[str, Any] = msgspec.json.decode(data)
    latencies, ttfts = found.pop("latencies"), found.pop("ttfts")
    return LogStats(
        **found,
        latency_p50=latencies[0],
        latency_p95=latencies[1],
        latency_p99=latencies[2],
        ttft_p50=ttfts[0],
        ttft_p95=ttfts[1],
    )


# In SQL the sums have other names than the columns, which a condition of the query would otherwise take them for.
_SUMS: Final = {
    "total_tokens": "all_tokens",
    "cost": "all_cost",
    "input_tokens": "all_input_tokens",
    "output_tokens": "all_output_tokens",
    "cached_tokens": "all_cached_tokens",
}


class _Bar(msgspec.Struct, rename=_SUMS):
    start: int
    group: str
    count: int
    failed: int
    total_tokens: int
    cost: float
    latencies: list[float | None]
    ttfts: list[float | None]
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    average_latency: float | None


def histogram(
    engine: Engine, project_id: str, query: LogQuery, seconds: int, group: str | None, settings: str = ""
) -> list[HistogramBar]:
    """Return bars of `seconds` each; the newest ones when there are too many."""
    where, values = condition(project_id, query)
    parameters: dict[str, object] = dict(literals(values))
    values_of = Source("''", "['']", {}) if group is None else source_of_each(group)
    parameters |= values_of.parameters
    width = max(int(seconds), 1) * 1_000_000
    data = engine.query(
        f"""
        SELECT intDiv({_MICROS}, {width}) * {width} AS start,
            {values_of.scanned} AS scanned,
            assumeNotNull({values_of.shown.format(value="scanned")}[1]) AS group,
            count() AS count,
            countIf(error_kind != '') AS failed,
            sum(ifNull(t.total_tokens, 0)) AS all_tokens,
            sum(ifNull(t.cost, 0)) AS all_cost,
            quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(latency) AS latencies,
            quantilesExactInclusive(0.5, 0.95)(ttft) AS ttfts,
            sum(ifNull(t.input_tokens, 0)) AS all_input_tokens,
            sum(ifNull(t.output_tokens, 0)) AS all_output_tokens,
            sum(ifNull(t.cached_tokens, 0)) AS all_cached_tokens,
            avg(latency) AS average_latency
        FROM {LOGS} AS t WHERE {where}
        GROUP BY start, scanned HAVING {values_of.shown.format(value="scanned")}[1] IS NOT NULL
        ORDER BY start DESC, group LIMIT {_MOST_BARS}{settings}
        """,
        parameters,
    )
    bars = [
        HistogramBar(
            start=from_micros(bar.start),
            group=bar.group,
            count=bar.count,
            failed=bar.failed,
            total_tokens=bar.total_tokens,
            cost=bar.cost,
            latency_p50=bar.latencies[0],
            latency_p90=bar.latencies[1],
            latency_p95=bar.latencies[2],
            latency_p99=bar.latencies[3],
            ttft_p50=bar.ttfts[0],
            ttft_p95=bar.ttfts[1],
            input_tokens=bar.input_tokens,
            output_tokens=bar.output_tokens,
            cached_tokens=bar.cached_tokens,
            average_latency=bar.average_latency,
        )
        for bar in msgspec.json.Decoder(_Bar).decode_lines(data)
    ]
    return sorted(bars, key=lambda bar: (bar.start, bar.group))


def everything(project_id: str, query: LogQuery, limit: int | None) -> Statement:
    """Say how to read all matches whole, newest first."""
    where, values = condition(project_id, query)
    cut = "" if limit is None else f" LIMIT {int(limit)}"
    return Statement(
        f"SELECT {_WHOLE} FROM {LOGS} WHERE {where}"
        f" ORDER BY project_id DESC, requested_at DESC, id DESC{cut} SETTINGS {IN_ORDER}",
        literals(values),
    )


def exported(project_id: str, query: LogQuery, columns: Sequence[str]) -> Statement:
    """Say how to read some columns of all matches, newest first.

    Raises:
        InvalidRequest: when a column is not one of `EXPORTABLE`.
    """
    unknown = [column for column in columns if column not in EXPORTABLE]
    if unknown:
        raise InvalidRequest(f"A log has no `{unknown[0]}` to export; it has {', '.join(EXPORTABLE)}", param="columns")
    where, values = condition(project_id, query)
    return Statement(
        f"SELECT {', '.join(columns or EXPORTABLE)} FROM {LOGS} WHERE {where}"
        f" ORDER BY project_id DESC, requested_at DESC, id DESC SETTINGS {IN_ORDER}",
        literals(values),
    )


class Sizes(NamedTuple):
    """How much the store holds."""

    projects: dict[str, int]
    bytes_on_disk: int


def sizes(engine: Engine) -> Sizes:
    """Count the logs of each project, and the bytes of all."""
    counts = engine.query(
        f"SELECT project_id, count() FROM {LOGS} GROUP BY project_id ORDER BY project_id", form="JSONCompactEachRow"
    )
    taken = engine.query(
        f"SELECT sum(bytes_on_disk) FROM {engine.parts} WHERE active AND database = currentDatabase()", form="TSV"
    )
    return Sizes(dict(msgspec.json.Decoder(tuple[str, int]).decode_lines(counts)), int(taken))
