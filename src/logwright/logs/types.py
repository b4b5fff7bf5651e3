"""The vocabulary of the log room: stored logs, queries over them, and what stores answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from logwright.logs.record import ErrorKind, Kind, Source
from logwright.paging import Narrowed

# ------------------------------------------------------------------ queries

Field = Literal[
    "id",
    "time",
    "model",
    "provider",
    "kind",
    "object",
    "source",
    "status",
    "error",
    "error_message",
    "latency",
    "ttft",
    "cost",
    "tokens",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "stream",
    "cache",
    "key",
    "completion_id",
    "parent",
    "fallback",
    "retries",
    "prompt",
    "version",
    "trace",
    "session",
    "thread",
    "amended",
    "request",
    "response",
    "details",
    "body",
    "content",
    "tag",
]
"""What a clause can look at. Units inside a clause: `time` microseconds since 1970, `latency` and `ttft` seconds,
`cost` US dollars. `body` is request or response, `content` these or the words of the error. `tag` needs the clause's
`name`."""

Operator = Literal["=", "!=", "~", "!~", "<", "<=", ">", ">=", "..", "exists", "missing"]
"""`~` contains (case-insensitive), `!~` does not; text under `=` and `~` may hold `*` (any run of characters) when
`Clause.wildcard` is set; `..` has two values and means from the first to the second, both included. The negative ones
also match logs that lack the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One condition; those of a query must all hold."""

    field: Field
    operator: Operator
    values: tuple[str | float | bool, ...] = ()
    """Alternatives: the clause holds when one of them does (for the negative operators, when none does).
    Numbers for numeric fields, booleans for `stream`, else text. Empty for `exists` and `missing`."""
    name: str = ""
    """The tag's name, when `field` is `tag`. Empty: any; then `~` asks whether one of the values contains a text."""
    wildcard: bool = False
    r"""True when `*` in the values stands for any run of characters; `\*` is then the star, `\\` a backslash."""
    exact_case: bool = False
    """True when `~` and `!~` must respect upper and lower case (OpenPipe's CONTAINS does)."""
    negated: bool = False
    """True when the clause holds for just the logs that the rest of it does not describe, so also for those that lack
    the field: the opposite of `<`, `..` and their like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which logs of one project."""

    clauses: tuple[Clause, ...] = ()


SortKey = Literal["time", "latency", "tokens", "cost"]
Direction = Literal["desc", "asc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a list is sorted. Logs that lack the value come last either way; ties are broken by id."""

    key: SortKey = "time"
    direction: Direction = "desc"


# ------------------------------------------------------------------ stored logs


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """A log without its bodies: what a list shows."""

    id: str
    project_id: str
    requested_at: datetime
    received_at: datetime | None
    source: Source
    kind: Kind
    provider: str
    provider_kind: str
    model: str
    upstream_model: str
    completion_id: str
    status: int | None
    error_kind: ErrorKind
    error_message: str
    stream: bool
    latency: float | None
    """Seconds from request to the last byte."""
    ttft: float | None
    """Seconds from request to the first byte of the answer."""
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    total_tokens: int | None
    cost: float | None
    """US dollars; None when the price is not known."""
    price_version: str
    """Which price list the cost comes from."""
    cache: str
    key_id: str
    parent_id: str
    fallback_index: int
    tags: Mapping[str, str]
    request_preview: str
    """The beginning of the last message sent, at most 200 characters."""
    response_preview: str
    """The beginning of the answer's text, at most 200 characters."""
    truncated: bool
    prompt_id: str
    """The prompt that the log belongs to, an implicit one where the caller named none."""
    version_id: str
    trace_id: str
    span_id: str
    session_id: str
    input_cost: float | None
    """US dollars of `cost` that the prompt cost; None when the parts are not known."""
    output_cost: float | None
    retries: int
    """How often the same target was tried before it answered."""
    amended_at: datetime | None
    """When the log was last changed by an amendment."""

    @property
    def object(self) -> str:
        """The kind, with `_stream` behind it where the answer was streamed."""
        return f"{self.kind}_stream" if self.stream else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(LogSummary):
    """A log with its bodies, as JSON text."""

    request: str
    """The request as JSON text; empty where a report had none."""
    response: str
    """The answer as JSON text (a stream as the completion that its chunks make); a body that was no JSON is a JSON
    string; empty where none came."""
    details: str
    """What else the caller told, as the text of a JSON object, or empty."""
    blobs: Sequence[str]
    """Digests (SHA-256, hexadecimal) of the media that the bodies refer to."""
    idempotency_key: str = ""
    """Under which the caller may send the log again without its being stored twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One change of a log after the fact."""

    at: datetime
    by: str
    """Who made it: the id of an API key, or what else names the caller."""
    before: Mapping[str, Any]
    """What stood in the columns that it changed; moments are microseconds since 1970."""
    after: Mapping[str, Any]
    """What it put there."""


# ------------------------------------------------------------------ answers


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStats:
    """Figures over all logs that match."""

    count: int
    succeeded: int
    failed: int
    average_latency: float | None
    """Seconds, over the logs that have one."""
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None
    ttft_p50: float | None
    ttft_p95: float | None
    input_tokens: int
    output_tokens: int
    total_tokens: int
    cost: float
    """US dollars, over the logs whose price is known."""
    without_cost: int
    """How many of the logs have no known price."""
    narrowed: Narrowed | None = None
    """The part of the time that is summed up, when all of it was too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBar:
    """One interval of a histogram, optionally of one group."""

    start: datetime
    group: str
    """The value of the field grouped by; empty when not grouped."""
    count: int
    failed: int
    total_tokens: int
    cost: float
    latency_p50: float | None
    latency_p95: float | None
    ttft_p50: float | None
    ttft_p95: float | None
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    average_latency: float | None = None
    """Seconds, over the logs that have one; so are the quantiles."""
    latency_p90: float | None = None
    latency_p99: float | None = None


class Bars(list[HistogramBar]):
    """The bars of a histogram, in order of time."""

    def __init__(self, bars: Iterable[HistogramBar] = (), *, narrowed: Narrowed | None = None) -> None:
        """`narrowed` is the part of the time that they cover, when all of it was too much."""
        super().__init__(bars)
        self.narrowed = narrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """How often each value of a field occurs among the logs that match, most frequent first."""

    field: str
    """A field of the query language, `tag.NAME` for a tag, `tag` for the names of tags themselves, or `tag=` for names
    with their values, each the text of a JSON array of both."""
    values: Sequence[tuple[str, int]] = ()
    truncated: bool = False
    """True when there were more values than asked for."""
    narrowed: Narrowed | None = None
    """The part of the time that is counted, when all of it was too much; the same for all facets of a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """How the store stands with the journals."""

    logs: int
    bytes_on_disk: int
    journal_bytes: int
    """Bytes recorded in journals and not yet in the store."""
    behind_seconds: float
    """Age of the oldest record that is not yet in the store; 0 when all are."""
    version: str
    projects: Mapping[str, int] = field(default_factory=dict)
    """Logs per project id."""
    lost: int = 0
    """Records that were acknowledged and that the journals could not give back whole, as from a broken disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Sequences of a producer that are neither in the store nor in a journal, both ends included."""

    producer: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerAudit:
    """What became of one producer's records."""

    producer: str
    first_sequence: int
    last_sequence: int
    stored: int
    """Records taken into the store, those since deleted included."""
    duplicates: int
    """Records that repeated an idempotency key and were not stored again."""
    unreadable: int
    """Records whose frame was whole and whose content could not be read; they are set aside in `journal/rejected`."""
    waiting: int
    """Records in the journal that the store has yet to take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The proof of completeness: every sequence accounted for."""

    complete: bool
    producers: Sequence[ProducerAudit]
    gaps: Sequence[Gap]
    stored: int
    """Records ever taken into the store."""
    deleted: int
    """Of these, deleted on request or by retention."""
    present: int
    """Rows the store holds now; `stored - deleted` when complete."""
    blobs: int = 0
    """Media that are kept."""
    blobs_missing: int = 0
    """Media that logs refer to and that are not there; 0 when complete."""
    blobs_unreferred: int = 0
    """Media that no log refers to: those of the last day, and those that the next sweep deletes."""


# ------------------------------------------------------------------ retention


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long logs of one sort are kept. Of a project's rules, the first that fits a log decides."""

    query: str
    """One condition of the query language, such as `tag.env:dev`; empty for all logs."""
    days: int | None
    """Days from the call until the log is deleted; None: kept for good."""
