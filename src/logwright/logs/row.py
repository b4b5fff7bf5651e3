"""One log as the store keeps it: the columns of the table `logs`, in its units.

Made once per call by `normalise`, written by the store's ingest, read back by its
queries; what other rooms see are the types in `types.py`.
"""

from __future__ import annotations

import msgspec

from logwright.logs.record import ErrorKind, Kind, Source


class LogRow(msgspec.Struct, kw_only=True):
    """A row of the table `logs`; each field is the column of the same name. Moments are microseconds since 1970 UTC."""

    id: str
    project_id: str
    requested_at: int
    received_at: int | None = None
    source: Source
    kind: Kind
    provider: str = ""
    provider_kind: str = ""
    model: str = ""
    """The model as the caller named it."""
    upstream_model: str = ""
    """The model as the provider was asked for it."""
    completion_id: str = ""
    status: int | None = None
    error_kind: ErrorKind = ""
    error_message: str = ""
    stream: bool = False
    latency: float | None = None
    """Seconds from request to the last byte."""
    ttft: float | None = None
    """Seconds from request to the first byte of the answer."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_tokens: int | None = None
    cost: float | None = None
    """US dollars; None when the price is not known."""
    price_version: str = ""
    """Which price list the cost comes from; empty when there is no cost."""
    cache: str = ""
    key_id: str = ""
    parent_id: str = ""
    fallback_index: int = 0
    tags: dict[str, str] = msgspec.field(default_factory=dict)
    request_preview: str = ""
    response_preview: str = ""
    truncated: bool = False
    request: str = ""
    """JSON text, or empty."""
    response: str = ""
    """JSON text, or empty."""
    idempotency_key: str = ""
    producer: str = ""
    """The journal that recorded the call, set by the store's ingest."""
    sequence: int = 0
    """The record's number in that journal, set by the store's ingest."""
    prompt_id: str = ""
    """The prompt that the log belongs to, an implicit one where the caller named none."""
    version_id: str = ""
    trace_id: str = ""
    span_id: str = ""
    session_id: str = ""
    input_cost: float | None = None
    """US dollars of `cost` that the prompt cost; None when the parts are not known."""
    output_cost: float | None = None
    retries: int = 0
    blobs: list[str] = msgspec.field(default_factory=list)
    """Digests of the media that the bodies refer to."""
    details: str = ""
    """What else the caller told, as the text of a JSON object, or empty."""
    amended_at: int | None = None
    """When the log was last changed by an amendment."""

    @property
    def object(self) -> str:
        """The kind, with `_stream` behind it where the answer was streamed."""
        return f"{self.kind}_stream" if self.stream else self.kind


COLUMNS: tuple[str, ...] = LogRow.__struct_fields__
"""The columns in the order of the table."""

BODIES: tuple[str, ...] = ("request", "response", "details", "blobs")
"""The columns that a list never reads."""

SUMMARY_COLUMNS: tuple[str, ...] = tuple(
    name for name in COLUMNS if name not in {*BODIES, "idempotency_key", "producer", "sequence"}
)
"""The columns of a `LogSummary`."""
