"""What the journal keeps of one call, and its bytes.

The hot path writes what it has in hand and interprets nothing: bodies as they
crossed the wire, a stream as its server-sent events. Reading them (assembling
the stream, counting tokens, pricing, previews) happens once, in the store
process (`normalise.py`), so a call pays for none of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Source = Literal["gateway", "report", "import", "otel"]
"""Who saw the call: our gateway, the caller (who reported it), another product it was imported from, or an
instrumented program that sent it as an OpenTelemetry span."""

Kind = Literal[
    "chat_completion",
    "text_completion",
    "responses",
    "embedding",
    "messages",
    "speech",
    "transcription",
    "translation",
    "image_generation",
    "image_edit",
    "image_variation",
    "rerank",
    "tool",
    "flow",
    "evaluator",
    "agent",
    "unknown",
]
"""Which request it was; Bifrost's names, and `messages` for Anthropic's own form. `tool`, `flow`, `evaluator` and
`agent` are steps of a program around its calls, which it told of."""

BodyForm = Literal["none", "json", "sse", "text", "sse-zlib", "binary"]
"""How `response` is to be read: absent, one JSON value, server-sent events as received, any other text, (of long
streams) server-sent events squeezed by zlib (RFC 1950), or media of the type that `response_type` names."""

Figure = Literal[
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "total_tokens",
    "cost",
    "input_cost",
    "output_cost",
    "latency",
    "ttft",
]
"""A number that a caller may tell of a call. Units: tokens, US dollars, seconds."""

ErrorKind = Literal[
    "",
    "upstream_status",
    "upstream_timeout",
    "upstream_unreachable",
    "upstream_malformed",
    "upstream_cut",
    "upstream_too_large",
    "client_disconnected",
    "refused",
    "reported",
]
"""What ended a call that did not succeed. `upstream_status`: it answered 4xx or 5xx. `upstream_cut`: the connection
ended amid the answer. `refused`: we did, before calling anybody. `reported`: the caller says so in its report."""


class LogRecord(msgspec.Struct, array_like=True, kw_only=True, forbid_unknown_fields=False):
    """One call, as the journal keeps it. Times are microseconds since 1970-01-01 UTC.

    On disk this is a MessagePack array in the order of the fields. A new field is
    appended with a default and never removed, so that old journals stay readable.
    """

    id: str
    project_id: str
    source: Source
    kind: Kind
    requested_at: int
    received_at: int | None = None
    """When the last byte of the answer had come; None where there was none."""
    first_byte_at: int | None = None
    """When the first byte of the answer's body came; for a stream, the time to the first token."""
    key_id: str = ""
    provider: str = ""
    """The project's name (slug) for the provider that was called; empty when none was."""
    provider_kind: str = ""
    model: str = ""
    """The model as the caller named it."""
    upstream_model: str = ""
    """The model as the provider was asked for it."""
    stream: bool = False
    status: int | None = None
    """The HTTP status that the provider answered with, or that we refused with; None where no answer came."""
    error_kind: ErrorKind = ""
    error_message: str = ""
    request: bytes = b""
    """The caller's JSON body; empty where a report had none."""
    response: bytes = b""
    """The answer's body, in the form that `response_form` says."""
    response_form: BodyForm = "none"
    response_truncated: bool = False
    """True when the answer went on beyond what was captured."""
    tags: dict[str, str] = msgspec.field(default_factory=dict)
    idempotency_key: str = ""
    """Of two records of a project with the same non-empty key, the store keeps the first."""
    cache: str = ""
    """`hit` or `miss` where the caller asked for caching."""
    parent_id: str = ""
    """The first attempt of the chain that this one continues, or the step of a program that made the call."""
    fallback_index: int = 0
    prompt_id: str = ""
    """The prompt (or tool, flow, evaluator, agent) the call belongs to; empty for the implicit one of its model."""
    version_id: str = ""
    """The version of that prompt."""
    trace_id: str = ""
    """What groups the calls of one piece of work; OpenTelemetry's trace id in hexadecimal where there is one."""
    span_id: str = ""
    session_id: str = ""
    """What groups the pieces of work of one conversation."""
    retries: int = 0
    """How often the same target was tried before it answered."""
    request_type: str = ""
    """The content type of `request` where it is not JSON, its parameters included."""
    response_type: str = ""
    """The content type of `response` where its form is `binary`."""
    details: bytes = b""
    """A JSON object of what the caller told and no other field holds; empty for none."""
    told: dict[Figure, float] = msgspec.field(default_factory=dict)
    """Figures that the caller gave; they stand above what the bodies say."""
    price_version: str = ""
    """Where a told cost comes from; empty for the caller."""
    completion_id: str = ""
    """The provider's id of the answer where the body does not say it."""
    blobs: list[str] = msgspec.field(default_factory=list)
    """Digests of media that the bodies refer to already."""
    exact: bytes = b""
    """A row that a store had made before, as MessagePack: it becomes that very row again, and the other fields only
    name it. So a dump is read back to the same logs, whatever reading their bodies anew would make of them."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(LogRecord)

encode = _encoder.encode
"""Give the bytes of a record."""

decode = _decoder.decode
"""Read a record back. Raises `msgspec.DecodeError` or `msgspec.ValidationError` when the bytes are not one."""
