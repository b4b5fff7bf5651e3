"""What one question may cost, and what becomes of one that costs more: it is asked of the newest part of the time.

Half of the time goes to the question as it was put. When that is not enough, or its memory is not, the
span of time is cut to an eighth again and again, each attempt with half of the time that is left; so
an answer comes within the budget unless even the smallest part is too much, and it says what it covers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from logwright.clock import from_micros
from logwright.logs.query.fields import FIELDS
from logwright.logs.store.engine import Engine, OverBudget
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import Clause, Direction, LogQuery
from logwright.paging import Narrowed

T = TypeVar("T")

_CUT: Final = 8
_ATTEMPTS: Final = 7
"""Cuts in a row; the seventh leaves a two-millionth of the span, less than a minute of a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one question may cost."""

    seconds: float = 5.0
    memory: int = 400 << 20
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The part of the time that is asked about, in microseconds."""

    first: int
    last: int

    def part(self, direction: Direction) -> Span:
        """Give the newest eighth; or the oldest one, where a list begins there."""
        width = max((self.last - self.first + 1) // _CUT, 1)
        if direction == "desc":
            return Span(first=self.last - width + 1, last=self.last)
        return Span(first=self.first, last=self.first + width - 1)


Ask = Callable[[LogQuery, str], T]
"""A question: of the logs that a query means, with the engine's SETTINGS for what it may cost."""


def spend(
    engine: Engine,
    budget: Budget,
    project_id: str,
    query: LogQuery,
    ask: Ask[T],
    *,
    direction: Direction = "desc",
    clock: Callable[[], float] = time.monotonic,
) -> tuple[T, Narrowed | None]:
    """Answer a question within the budget: about all that is meant, or else about the newest part of it.

    Raises:
        OverBudget: when even a small part costs too much.
    """
    deadline = clock() + budget.seconds
    try:
        return ask(query, _settings(budget, budget.seconds / 2, query)), None
    except OverBudget as error:
        over = error
    span = _span(engine, project_id, query)
    for attempt in range(_ATTEMPTS):
        left = deadline - clock()
        if span is None or left <= 0:
            break
        span = span.part(direction)
        share = left if attempt == _ATTEMPTS - 1 else left / 2
        try:
            answer = ask(within(query, span), _settings(budget, share, query))
        except OverBudget:
            continue
        return answer, Narrowed(
            since=from_micros(span.first) if direction == "desc" else None,
            until=None if direction == "desc" else from_micros(span.last),
            why=over.why,
        )
    raise over


def within(query: LogQuery, span: Span) -> LogQuery:
    """Give the query with its time cut to a span."""
    return LogQuery(clauses=(*query.clauses, Clause(field="time", operator="..", values=(span.first, span.last))))


def _settings(budget: Budget, seconds: float, query: LogQuery) -> str:
    settings = f" SETTINGS max_execution_time = {max(seconds, 0.001):.3f}, max_memory_usage = {budget.memory}"
    if any(FIELDS[clause.field].kind == "body" for clause in query.clauses):
        # While changes lie beside their rows the bodies themselves are searched, and a block of them must be small.
        settings += ", max_block_size = 1024"
    return settings


def _span(engine: Engine, project_id: str, query: LogQuery) -> Span | None:
    """Find the first and the last moment of the logs in the time that a query means; it costs two look-ups."""
    times = LogQuery(clauses=tuple(clause for clause in query.clauses if clause.field == "time"))
    where, values = condition(project_id, times)
    ends = []
    for direction in ("ASC", "DESC"):
        found = engine.query(
            f"SELECT toUnixTimestamp64Micro(requested_at) FROM {LOGS} WHERE {where}"
            f" ORDER BY project_id {direction}, requested_at {direction} LIMIT 1",
            literals(values),
            form="TSV",
        )
        if not found:
            return None
        ends.append(int(found))
    return Span(first=ends[0], last=ends[1])
