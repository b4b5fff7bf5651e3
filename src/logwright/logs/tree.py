"""The logs of a trace or a session as a tree: whose step each was, and when in the whole it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from logwright.clock import MICROSECOND
from logwright.logs.seam import LogStore
from logwright.logs.types import LogQuery, LogSummary, Order

MOST_LOGS: Final = 5000
"""How many logs of one trace or session are shown, the first of them."""

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A log and its place in the tree."""

    log: LogSummary
    depth: int
    """0 for a root."""
    parent: str | None
    """The id of the log above it; None for a root."""
    offset: float
    """Seconds from the beginning of the whole."""
    duration: float | None
    """Seconds; None where no answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """All nodes, each before its children, and these in the order of their beginnings."""

    started_at: datetime
    ended_at: datetime
    nodes: Sequence[Node]
    truncated: bool
    """True when there are more logs than are shown."""


async def tree_of(store: LogStore, project_id: str, query: LogQuery) -> Tree | None:
    """Build the tree of the logs that match, at most the first 5,000; None when there are none."""
    logs: list[LogSummary] = []
    place: str | None = None
    while len(logs) < MOST_LOGS:
        page = await store.search(project_id, query, order=_OLDEST_FIRST, after=place, limit=_PAGE)
        logs += page.items
        place = page.next
        if place is None:
            break
    return build(logs, truncated=place is not None) if logs else None


_OLDEST_FIRST: Final = Order(key="time", direction="asc")


def build(logs: Sequence[LogSummary], *, truncated: bool = False) -> Tree:
    """Build the tree of logs that are in the order of their beginnings; there must be one.

    A log names its parent by the parent's log id, or by its span where another program made it. One whose parent is
    not there is a root; so is the first of those that name each other.
    """
    started_at = min(log.requested_at for log in logs)
    parents = _parents(logs)
    children: dict[str | None, list[LogSummary]] = {}
    for log in logs:
        children.setdefault(parents[log.id], []).append(log)
    return Tree(
        started_at=started_at,
        ended_at=max(log.received_at or log.requested_at for log in logs),
        nodes=list(_walk(children, started_at)),
        truncated=truncated,
    )


def _parents(logs: Sequence[LogSummary]) -> dict[str, str | None]:
    """Find the parent of each log among the others, such that nobody is his own ancestor."""
    known = {log.id for log in logs}
    by_span = {(log.trace_id, log.span_id): log.id for log in logs if log.span_id}
    parents: dict[str, str | None] = {}
    for log in logs:
        named = log.parent_id if log.parent_id in known else by_span.get((log.trace_id, log.parent_id))
        parents[log.id] = named
    settled: set[str] = set()
    for log in logs:
        path: list[str] = []
        at: str | None = log.id
        while at is not None and at not in settled:
            if at in path:
                parents[path[path.index(at)]] = None
                break
            path.append(at)
            at = parents[at]
        settled.update(path)
    return parents


def _walk(children: dict[str | None, list[LogSummary]], started_at: datetime) -> Iterator[Node]:
    """Yield parents before their children, without recursion: a chain of thousands is a tree as well."""
    waiting: list[tuple[LogSummary, int, str | None]] = [(log, 0, None) for log in reversed(children.get(None, ()))]
    while waiting:
        log, depth, parent = waiting.pop()
        yield Node(
            log=log,
            depth=depth,
            parent=parent,
            offset=(log.requested_at - started_at) / MICROSECOND / 1_000_000,
            duration=log.latency,
        )
        waiting += [(child, depth + 1, log.id) for child in reversed(children.get(log.id, ()))]
