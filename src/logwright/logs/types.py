"""The vocabulary of the log room: stored logs, queries over them, and the store seam."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from logwright.logs.record import ErrorKind, Kind, Source
from logwright.paging import Narrowed, Page
from logwright.prompts.types import VersionCounter

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


class LogStore(VersionCounter, Protocol):
    """Where logs are found again. Every call names its project first; unknown and foreign ids answer alike (None, 0).

    Implementations: the embedded engine behind the store process's socket
    (`client.StoreClient`); tests hold each against the same suite
    (`tests/contracts/test_log_store.py`). What a journal acknowledged before a
    call began is visible to that call.

    Raises:
        Unavailable: when the store cannot be asked at present.
    """

    async def get(self, project_id: str, log_id: str) -> Log | None:
        """Return one log whole."""

    async def search(
        self, project_id: str, query: LogQuery, *, order: Order, after: str | None, limit: int, offset: int = 0
    ) -> Page[LogSummary]:
        """Return one page without bodies. `after` is the `next` of the page before; InvalidRequest if it is not one.

        `offset` leaves out so many logs first; the further, the slower, which `after` is not.
        """

    async def whole(self, project_id: str, logs: Sequence[LogSummary], *, most_bytes: int) -> Sequence[Log]:
        """Return the logs of a page with their bodies, newest first, in one question.

        Those deleted since are missing, and so are the oldest once about `most_bytes` have been read.
        """

    async def stats(self, project_id: str, query: LogQuery) -> LogStats:
        """Return figures over all matches."""

    async def histogram(self, project_id: str, query: LogQuery, *, seconds: int, group: str | None) -> Bars:
        """Return bars of `seconds` each in order of time, empty ones left out, at most 5,000."""

    async def facets(self, project_id: str, query: LogQuery, fields: Sequence[str], *, limit: int) -> Sequence[Facet]:
        """Return the most frequent values of each field."""

    async def set_tags(self, project_id: str, query: LogQuery, tags: Mapping[str, str | None]) -> int:
        """Set (text) or remove (None) tags on all matches; return how many matched, changed or not. Durable."""

    async def amend(self, project_id: str, log_id: str, changes: Mapping[str, Any], *, by: str) -> Log | None:
        """Set columns of one log and return it whole as it is then; None when there is none of that id. Durable.

        What `changes` leaves out is kept, None clears; `amending.AMENDABLE` says which columns and values there are,
        and what follows from them is set too. What stood there before is kept: see `amendments`.

        Raises:
            InvalidRequest: naming a column that cannot be set, or not to that value; then nothing is set.
        """

    async def amendments(self, project_id: str, log_id: str) -> Sequence[Amendment]:
        """Return the amendments of a log, oldest first."""

    async def restore_amendments(self, project_id: str, log_id: str, found: Sequence[Amendment]) -> None:
        """Put amendments that a dump tells of into a log's history; those that are there are left alone. Durable."""

    async def delete(self, project_id: str, query: LogQuery) -> int:
        """Delete all matches for good; return how many. Durable."""

    def iterate(self, project_id: str, query: LogQuery, *, limit: int | None = None) -> AsyncIterator[Sequence[Log]]:
        """Yield all matches whole, newest first, in batches, from one state of the store and in bounded memory."""

    def tail(self, project_id: str, query: LogQuery) -> AsyncIterator[Sequence[LogSummary]]:
        """Yield matches as they arrive, from now on, without end."""

    async def retain(self, project_id: str, query: LogQuery, before: datetime) -> int:
        """Delete matches older than `before`, whole partitions at once where possible; return how many."""

    async def health(self) -> StoreHealth:
        """Return sizes and lag."""

    async def audit(self) -> Audit:
        """Hold the sequences of all producers against store and journals."""


# ------------------------------------------------------------------ retention


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long logs of one sort are kept. Of a project's rules, the first that fits a log decides."""

    query: str
    """One condition of the query language, such as `tag.env:dev`; empty for all logs."""
    days: int | None
    """Days from the call until the log is deleted; None: kept for good."""
