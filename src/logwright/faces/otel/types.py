"""A span as the mapping sees it, whatever form it came in; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from logwright.wire.strict import JSON

FAILED: Final = 2
"""`STATUS_CODE_ERROR` of OTLP's `Status`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a span noted on its way."""

    name: str
    at: int
    """Microseconds since 1970."""
    attributes: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One span. Ids are lower-case hexadecimal, times microseconds since 1970."""

    trace_id: str
    span_id: str
    parent_span_id: str = ""
    name: str = ""
    kind: str = ""
    """`internal`, `server`, `client`, `producer` or `consumer`; empty where it is not said."""
    started_at: int
    ended_at: int
    attributes: Mapping[str, JSON] = field(default_factory=dict)
    events: Sequence[Event] = ()
    status: int = 0
    """0 unset, 1 well, 2 failed."""
    status_message: str = ""
    resource: Mapping[str, JSON] = field(default_factory=dict)
    scope: Mapping[str, JSON] = field(default_factory=dict)
    """Name and version of the instrumentation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one request brought."""

    spans: Sequence[Span]
    rejected: int = 0
    """Spans that are none: without ids of the right length, or without a start."""
    why: str = ""
    """The first of the reasons, in words."""
