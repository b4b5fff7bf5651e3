"""The vocabulary of traces and sessions: logs grouped by what they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from logwright.logs.types import LogQuery
from logwright.paging import Page

GroupedBy = Literal["trace", "session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup:
    """One trace or session, as far as its logs match."""

    id: str
    started_at: datetime
    """When the first of its logs was requested."""
    ended_at: datetime
    """When the last answer had come."""
    logs: int
    failed: int
    traces: int
    """How many traces its logs belong to."""
    session_id: str
    """A session of its logs; empty when none names one."""
    models: Sequence[str]
    """At most ten."""
    input_tokens: int
    output_tokens: int
    total_tokens: int
    cost: float
    """US dollars, over the logs whose price is known."""
    name: str
    """The first log's own name: of its span, else its kind."""
    request_preview: str
    """What was first asked."""
    response_preview: str
    """What was last answered."""


class Groups(Protocol):
    """The part of a log store that groups; the store's clients have it beside `LogStore`."""

    async def groups(
        self, project_id: str, query: LogQuery, by: GroupedBy, *, after: str | None, limit: int
    ) -> Page[LogGroup]:
        """Return one page of the groups that have a match, those that began last first.

        The figures are over the matches. `after` is the `next` of the page before; InvalidRequest if it is not one.
        """
