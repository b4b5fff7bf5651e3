"""Pages of logs by number, and the logs around a log: its judgements, its steps, what it judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from starlette.concurrency import run_in_threadpool

from logwright.clock import to_micros
from logwright.errors import NotFound
from logwright.faces.humanloop.access import Desk
from logwright.faces.humanloop.answers import Refused
from logwright.faces.humanloop.editions import editions_of, usage_of
from logwright.faces.humanloop.files import Usage, shown_file
from logwright.faces.humanloop.places import PageOf
from logwright.faces.humanloop.view import View
from logwright.logs.types import Clause, Field, Log, LogQuery, Order
from logwright.prompts import store as prompts
from logwright.prompts.types import Edition

JSON = Any

MOST_BYTES: Final = 64 << 20
"""Of bodies, in one answer."""

_MOST_AROUND: Final = 1000
"""Judgements or steps that one answer tells of."""


class Wanted(NamedTuple):
    """Which logs a list is to hold."""

    file_id: str
    version_id: str | None = None
    ids: Sequence[str] = ()
    """Parts of ids, of which a log must have one."""
    search: str | None = None
    metadata_search: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    in_trace: Sequence[bool] = ()
    is_implicit: bool = False
    """True where the file is an implicit prompt."""

    def query(self) -> LogQuery:
        """Write it as a query."""
        clauses = [Clause(field="prompt", operator="=", values=(self.file_id,))]
        if self.version_id:
            clauses.append(Clause(field="version", operator="=", values=(self.version_id,)))
        if self.ids:
            clauses.append(Clause(field="id", operator="~", values=tuple(self.ids)))
        if self.search:
            clauses.append(Clause(field="body", operator="~", values=(self.search,)))
        if self.metadata_search:
            # A log that nobody told this API of has its metadata in its tags alone.
            where: Field = "tag" if self.is_implicit else "details"
            clauses.append(Clause(field=where, operator="~", values=(self.metadata_search,)))
        if self.start_date is not None:
            clauses.append(Clause(field="time", operator=">=", values=(float(to_micros(self.start_date)),)))
        if self.end_date is not None:
            clauses.append(Clause(field="time", operator="<", values=(float(to_micros(self.end_date)),)))
        if len(set(self.in_trace)) == 1:
            clauses.append(Clause(field="trace", operator="exists" if self.in_trace[0] else "missing"))
        return LogQuery(clauses=tuple(clauses))


async def page_of(desk: Desk, wanted: Wanted, *, page: int, size: int) -> tuple[Sequence[Log], int]:
    """Return a page of logs, newest first, and how many there are on all; a page past the end is empty."""
    query = wanted.query()
    counted = await desk.store.facets(desk.project_id, query, ["prompt"], limit=1)
    total = sum(count for _, count in counted[0].values)
    offset = (page - 1) * size
    if size == 0 or offset >= total:
        return (), total
    here = PageOf(desk.project_id, query, size, page)
    place = desk.places.of(here)
    found = await desk.store.search(
        desk.project_id, query, order=Order(), after=place, limit=size, offset=0 if place else offset
    )
    if found.next is not None:
        desk.places.note(here._replace(page=page + 1), found.next)
    logs = await desk.store.whole(desk.project_id, found.items, most_bytes=MOST_BYTES)
    if len(logs) < len(found.items) and sum(len(log.request) + len(log.response) for log in logs) >= MOST_BYTES // 2:
        sentence = "These logs are too large for one page; ask for fewer"
        raise Refused([{"loc": ("query", "size"), "msg": sentence, "type": "value_error"}])
    return logs, total


async def the_log(desk: Desk, log_id: str) -> Log:
    """Return one log.

    Raises:
        NotFound: when the project has no such log.
    """
    log = await desk.store.get(desk.project_id, log_id)
    if log is None:
        raise NotFound(f"There is no log with the id {log_id[:100]!r}", param="log_id")
    return log


async def shown_logs(
    desk: Desk, logs: Sequence[Log], *, with_steps: bool = False, with_parents: bool = False
) -> list[dict[str, JSON]]:
    """Write logs as Humanloop shows them."""
    steps = await _steps(desk, logs) if with_steps else ()
    judgements = await _judgements(desk, [*logs, *steps])
    parents = await _parents(desk, logs) if with_parents else {}
    everything = [*logs, *judgements, *steps, *parents.values()]
    editions = await editions_of(desk, everything)
    usage = await usage_of(desk, editions.values(), anew=False)
    written = _Written(editions, usage, judgements, steps)
    shown = [written.log(log) for log in logs]
    for log, each in zip(logs, shown, strict=True):
        if log.parent_id in parents:
            each["parent"] = written.log(parents[log.parent_id])
    return shown


class _Written:
    """Logs with what belongs to them, being written."""

    def __init__(
        self, editions: Mapping[str, Edition], usage: Usage, judgements: Sequence[Log], steps: Sequence[Log]
    ) -> None:
        self._editions = editions
        self._usage = usage
        self._judgements = _by_parent(judgements)
        self._steps = _by_parent(steps)
        self._files: dict[str, dict[str, JSON]] = {}

    def log(self, log: Log, *, above: frozenset[str] = frozenset()) -> dict[str, JSON]:
        edition = self._editions[log.id]
        type_ = edition.file.type
        shown = View(log).fields(type_)
        if edition.version.id not in self._files:
            self._files[edition.version.id] = shown_file(edition, self._usage)
        shown[type_] = self._files[edition.version.id]
        path = above | {log.id}
        shown["evaluator_logs"] = [self.log(each, above=path) for each in self._under(self._judgements, log, path)]
        children = [self.log(each, above=path) for each in self._under(self._steps, log, path)]
        if children:
            shown["trace_children"] = children
        return shown

    @staticmethod
    def _under(by_parent: Mapping[str, Sequence[Log]], log: Log, above: frozenset[str]) -> Iterable[Log]:
        # What is told of parents need not be a tree: a log that is its own ancestor would have no end.
        return (each for each in by_parent.get(log.id, ()) if each.id not in above)


async def _judgements(desk: Desk, logs: Sequence[Log]) -> Sequence[Log]:
    """Return the evaluator logs of these logs; most projects have no evaluators, and are not asked for them."""
    if not logs or not await run_in_threadpool(_has_evaluators, desk):
        return ()
    clauses = (
        Clause(field="kind", operator="=", values=("evaluator",)),
        Clause(field="parent", operator="=", values=tuple(log.id for log in logs)),
    )
    return await _all(desk, LogQuery(clauses=clauses))


async def _steps(desk: Desk, logs: Sequence[Log]) -> Sequence[Log]:
    """Return what else was logged in the traces of these logs."""
    traces = {log.trace_id for log in logs if log.trace_id}
    if not traces:
        return ()
    query = LogQuery(clauses=(Clause(field="trace", operator="=", values=tuple(sorted(traces))),))
    return [log for log in await _all(desk, query) if log.kind != "evaluator"]


async def _parents(desk: Desk, logs: Sequence[Log]) -> dict[str, Log]:
    ids = {log.parent_id for log in logs if log.parent_id and log.kind == "evaluator"}
    found = [await desk.store.get(desk.project_id, log_id) for log_id in sorted(ids)]
    return {log.id: log for log in found if log is not None}


async def _all(desk: Desk, query: LogQuery) -> Sequence[Log]:
    found = await desk.store.search(desk.project_id, query, order=Order(), after=None, limit=_MOST_AROUND)
    return await desk.store.whole(desk.project_id, found.items, most_bytes=MOST_BYTES) if found.items else ()


def _by_parent(logs: Sequence[Log]) -> dict[str, list[Log]]:
    """Group logs by what they are under, the earliest first."""
    found: dict[str, list[Log]] = {}
    for log in reversed(logs):
        if log.parent_id:
            found.setdefault(log.parent_id, []).append(log)
    return found


def _has_evaluators(desk: Desk) -> bool:
    with desk.database.read() as connection:
        return prompts.list_files(connection, desk.project_id, prompts.Wanted(("evaluator",)), limit=1)[1] > 0
