"""What the log routes say and are told, field by field, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from logwright.logs.record import ErrorKind, Kind, Source


class Told(BaseModel):
    """A request body; it refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Shown(BaseModel):
    """An answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class LogSummaryOut(Shown):
    """A log without its bodies."""

    id: str
    project_id: str
    requested_at: datetime
    received_at: datetime | None
    """When the last byte of the answer came; null where there was none."""
    source: Source
    """Who saw the call: our gateway, the caller who reported it, or an import."""
    kind: Kind
    provider: str
    """The project's name for the provider that was called; empty when none was."""
    provider_kind: str
    model: str
    """The model as the caller named it."""
    upstream_model: str
    """The model as the provider was asked for it."""
    completion_id: str
    """The id that the provider gave the answer."""
    status: int | None
    """The HTTP status of the answer; null where no answer came."""
    error_kind: ErrorKind
    """What ended a call that did not succeed; empty for one that did."""
    error_message: str
    stream: bool
    latency: float | None
    """Seconds from the request to the last byte."""
    ttft: float | None
    """Seconds from the request to the first byte of the answer."""
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    """The part of `input_tokens` that came from the provider's cache."""
    reasoning_tokens: int | None
    """The part of `output_tokens` that was reasoning."""
    total_tokens: int | None
    cost: float | None
    """US dollars; null when the price is not known."""
    price_version: str
    """Which price list the cost comes from."""
    cache: str
    """`hit` or `miss` where the caller asked for caching."""
    key_id: str
    parent_id: str
    """The first attempt of the chain that this call continues."""
    fallback_index: int
    tags: dict[str, str]
    request_preview: str
    """The last message of the user, at most 200 characters."""
    response_preview: str
    """The beginning of the answer's text, at most 200 characters."""
    truncated: bool
    """True when the answer went on beyond what was captured."""
    prompt_id: str
    """The prompt that the log belongs to, an implicit one where the caller named none."""
    version_id: str
    trace_id: str
    """What groups the calls of one piece of work."""
    span_id: str
    session_id: str
    """What groups the pieces of work of one conversation."""
    input_cost: float | None
    """US dollars of `cost` that the prompt cost; null when the parts are not known."""
    output_cost: float | None
    retries: int
    """How often the same target was tried before it answered."""
    amended_at: datetime | None
    """When the log was last changed after the fact."""


class LogOut(LogSummaryOut):
    """A log with its bodies."""

    request: Any
    """The request; null where a report had none."""
    response: Any
    """The answer (of a stream, the completion that its chunks make); a text if it was no JSON; null where none came."""
    details: Any
    """What else the caller told, an object; null where that is nothing."""
    blobs: list[str]
    """Digests (SHA-256, hexadecimal) of the media that the bodies refer to."""
    idempotency_key: str
    """Under which the log may be sent again without being stored twice; empty where the caller gave none."""


class NarrowedOut(Shown):
    """The part of the time that an answer covers, because all of it would have cost more than one query may."""

    since: datetime | None
    """What is older was left out."""
    until: datetime | None
    """What is newer was left out."""
    why: Literal["time", "memory"]
    """What would not have been enough for all; the settings `query_seconds` and `query_memory`."""


class LogPage(Shown):
    """One page of a list of logs."""

    data: list[LogSummaryOut]
    next: str | None
    """Give it as `after` to get the next page; null on the last one."""
    narrowed: NarrowedOut | None
    """The part of the time that was searched for this page, when it is not all; in order of time, `next` leads on."""


class StatsOut(Shown):
    """Figures over all logs that match."""

    count: int
    succeeded: int
    failed: int
    average_latency: float | None
    """Seconds."""
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
    narrowed: NarrowedOut | None
    """The part of the time that is summed up, when all of it was too much."""


class BarOut(Shown):
    """One interval, of one group."""

    start: datetime
    group: str
    """Empty when not grouped."""
    count: int
    failed: int
    total_tokens: int
    cost: float
    latency_p50: float | None
    latency_p95: float | None
    ttft_p50: float | None
    ttft_p95: float | None
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    average_latency: float | None
    """Seconds."""
    latency_p90: float | None
    latency_p99: float | None


class HistogramOut(Shown):
    """Bars in order of time; intervals in which nothing happened are there as zeros."""

    seconds: int
    """The width of a bar."""
    data: list[BarOut]
    truncated: bool
    """True when the oldest bars are missing because there were too many."""
    narrowed: NarrowedOut | None
    """The part of the time that the bars cover, when all of it was too much."""


class FacetValue(Shown):
    """A value and how often it occurs."""

    value: str
    count: int


class FacetOut(Shown):
    """The most frequent values of a field."""

    field: str
    values: list[FacetValue]
    truncated: bool
    """True when there were more values than asked for."""


class FacetList(Shown):
    """Facets in the order asked for."""

    data: list[FacetOut]
    narrowed: NarrowedOut | None
    """The part of the time that was counted, when all of it was too much."""


class FieldOut(Shown):
    """A field of the query language."""

    name: str
    kind: str
    """How its values are written: text, body (JSON text), number, seconds, dollars, time, flag, tag or shorthand."""
    sentence: str
    example: str
    choices: list[str]
    """The values that there can be, when they are few and fixed."""
    facet: bool
    """Whether its values can be counted by `/logs/facets` and grouped by in `/logs/histogram`."""


class FieldList(Shown):
    """All fields of the query language."""

    data: list[FieldOut]


TagValue = Annotated[str | int | float | bool, Field(union_mode="left_to_right")]


class TagsIn(Told):
    """Which logs to tag, by exactly one of `q`, `filters` and `ids`, and how."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, strict=True)

    q: str | None = None
    """A query of the query language."""
    filters: list[dict[str, Any]] | None = None
    """OpenPipe's filter objects, `{field, equals}` or `{field, comparator, value}`."""
    ids: Annotated[list[str], Field(max_length=10_000)] | None = None
    """Ids of logs."""
    all: bool = False
    """Must be true when the query or the list of filters is empty, which means every log."""
    tags: Annotated[dict[str, str | int | float | bool | None], Field(min_length=1, max_length=100)]
    """What to set; null removes a tag. Numbers and booleans become text."""


class Matched(Shown):
    """How many logs matched, changed or not."""

    matched: int


class Deleted(Shown):
    """How many logs were deleted."""

    deleted: int


class RuleForm(Told):
    """How long logs of one sort are kept."""

    query: Annotated[str, Field(max_length=2000)] = ""
    """One condition of the query language, such as `tag.env:dev`; empty for all logs."""
    days: Annotated[int, Field(ge=1, le=36_500)] | None
    """Days until a log is deleted; null: kept for good."""


class RetentionIn(Told):
    """A project's rules; the first that fits a log decides. An empty list keeps everything."""

    rules: Annotated[list[RuleForm], Field(max_length=50)]


class RetentionOut(Shown):
    """A project's rules, and what there is to keep."""

    rules: list[RuleForm]
    logs: int
    """How many logs the project has."""
    store_bytes: int
    """Bytes that the store takes on disk, with the logs of all projects."""


FormatName = Literal["jsonl", "csv", "parquet", "openai-sft"]

MediaForm = Annotated[
    Literal["refer", "inline"],
    Query(description="Sound, pictures and files as references to download, or as base64 where they stood."),
]
