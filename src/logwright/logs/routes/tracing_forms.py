"""What the routes of traces and sessions say, field by field, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import datetime

from logwright.logs.routes.forms import LogSummaryOut, Shown


class GroupOut(Shown):
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
    models: list[str]
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


class GroupPage(Shown):
    """One page of a list of traces or sessions."""

    data: list[GroupOut]
    next: str | None
    """Give it as `after` to get the next page; null on the last one."""


class NodeOut(Shown):
    """A log and its place in the tree."""

    log: LogSummaryOut
    depth: int
    """0 for a root."""
    parent: str | None
    """The id of the log above it; null for a root."""
    offset: float
    """Seconds from the beginning of the whole."""
    duration: float | None
    """Seconds; null where no answer came."""


class TreeOut(Shown):
    """All logs of a trace or a session, each before its children, and these in the order of their beginnings."""

    id: str
    started_at: datetime
    ended_at: datetime
    nodes: list[NodeOut]
    truncated: bool
    """True when there are more logs than the 5,000 that are shown."""
