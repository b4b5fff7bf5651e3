"""The questions that may be too much, each within its budget: whole, or about the newest part and saying so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from logwright.clock import from_micros, to_micros
from logwright.logs.store import cursors, facets, reads
from logwright.logs.store.budget import Budget, spend
from logwright.logs.store.engine import Engine
from logwright.logs.types import Bars, Clause, Facet, LogQuery, LogStats, Order
from logwright.paging import Narrowed


class Lines(NamedTuple):
    """Rows as JSON lines, where the next page begins, and the part of the time that was searched if not all."""

    data: bytes
    next: str | None
    narrowed: Narrowed | None


def search(
    engine: Engine,
    budget: Budget,
    project_id: str,
    query: LogQuery,
    order: Order,
    after: str | None,
    limit: int,
    offset: int = 0,
) -> Lines:
    """Return a page of summaries.

    In order of time a page that was too much has what the newest (or the oldest) part holds, and its cursor leads on
    from there. In any other order the list itself becomes that of the newest part, on the following pages too.
    """
    if order.key == "time":
        return _search_by_time(engine, budget, project_id, query, order, after, limit, offset)
    before = None if after is None else cursors.since(order, after)
    if before is not None:
        query = _with_time(query, ">=", before)
    lines, narrowed = spend(
        engine,
        budget,
        project_id,
        query,
        lambda part, settings: reads.search(engine, project_id, part, order, after, limit, offset, settings),
    )
    if narrowed is None and before is not None:
        narrowed = Narrowed(since=from_micros(before))
    elif narrowed is not None and narrowed.since is not None and lines.next is not None:
        last = reads.decode_summaries(lines.data)[-1]
        lines = lines._replace(next=cursors.after(order, last, since=to_micros(narrowed.since)))
    return Lines(*lines, narrowed)


def _search_by_time(
    engine: Engine,
    budget: Budget,
    project_id: str,
    query: LogQuery,
    order: Order,
    after: str | None,
    limit: int,
    offset: int,
) -> Lines:
    moment = None if after is None else cursors.moment(order, after)
    if moment is not None:
        # What the cursor implies, said so that the newest part is taken of what lies beyond it.
        query = _with_time(query, "<=" if order.direction == "desc" else ">=", moment)
    lines, narrowed = spend(
        engine,
        budget,
        project_id,
        query,
        lambda part, settings: reads.search(engine, project_id, part, order, after, limit, offset, settings),
        direction=order.direction,
    )
    if narrowed is None or lines.next is not None:
        return Lines(*lines, narrowed)
    if narrowed.since is not None:
        return Lines(lines.data, cursors.at(order, to_micros(narrowed.since)), narrowed)
    if narrowed.until is not None:
        return Lines(lines.data, cursors.at(order, to_micros(narrowed.until) + 1), narrowed)
    return Lines(*lines, narrowed)


def stats(engine: Engine, budget: Budget, project_id: str, query: LogQuery) -> LogStats:
    """Return figures over all matches."""
    found, narrowed = spend(
        engine,
        budget,
        project_id,
        query,
        lambda part, settings: reads.stats(engine, project_id, part, settings),
    )
    return found if narrowed is None else replace(found, narrowed=narrowed)


def histogram(
    engine: Engine, budget: Budget, project_id: str, query: LogQuery, seconds: int, group: str | None
) -> Bars:
    """Return bars of `seconds` each; the newest ones when there are too many."""
    found, narrowed = spend(
        engine,
        budget,
        project_id,
        query,
        lambda part, settings: reads.histogram(engine, project_id, part, seconds, group, settings),
    )
    return Bars(found, narrowed=narrowed)


def count_values(
    engine: Engine, budget: Budget, project_id: str, query: LogQuery, fields: Sequence[str], limit: int
) -> list[Facet]:
    """Return the most frequent values of each field."""
    found, narrowed = spend(
        engine,
        budget,
        project_id,
        query,
        lambda part, settings: facets.facets(engine, project_id, part, fields, limit, settings),
    )
    return found if narrowed is None else [replace(facet, narrowed=narrowed) for facet in found]


def _with_time(query: LogQuery, operator: Literal["<=", ">="], micros: int) -> LogQuery:
    return LogQuery(clauses=(*query.clauses, Clause(field="time", operator=operator, values=(micros,))))
