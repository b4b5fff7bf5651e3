"""What the journal keeps of one call, and its bytes.

The hot path writes what it has in hand and interprets nothing: bodies as they
crossed the wire, a stream as its server-sent events. Reading them (assembling
the stream, counting tokens, pricing, previews) happens once, in the store
process (`normalise.py`), so a call pays for none of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Source = Literal["gateway", "report", "import"]
"""Who saw the call: our gateway, the caller (who reported it), or another product it was imported from."""

Kind = Literal[
    "chat_completion",
    "text_completion",
    "responses",
    "embedding",
    "messages",
    "unknown",
]
"""Which request it was; Bifrost's names, and `messages` for Anthropic's own form."""

BodyForm = Literal["none", "json", "sse", "text", "sse-zlib"]
"""How `response` is to be read: absent, one JSON value, server-sent events as received, anything else, or (of long
streams) server-sent events squeezed by zlib (RFC 1950)."""

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
    """The first attempt of the chain that this one continues."""
    fallback_index: int = 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(LogRecord)

encode = _encoder.encode
"""Give the bytes of a record."""

decode = _decoder.decode
"""Read a record back. Raises `msgspec.DecodeError` or `msgspec.ValidationError` when the bytes are not one."""
